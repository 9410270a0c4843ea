// SPDX-License-Identifier: GPL-2.0-or-later
// yett status: what is active, since when, and where it is attached.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/output.hpp"
#include "cli/remote.hpp"

namespace yett::cli {
namespace {

using Align = Table::Align;

void print_attachments(const Context& context, const Json& status) {
    Table table({{"INTERFACE", Align::left},
                 {"DIRECTION", Align::left},
                 {"MODE", Align::left},
                 {"NOTE", Align::left}});
    for (const Json& item : at(status, "attachments")) {
        table.row({text_at(item, "interface"), text_at(item, "direction"), text_at(item, "mode"),
                   text_at(item, "note")});
    }
    print(table.empty() ? "attached nowhere: no packet is filtered" : table.text(context.terse));
}

int show(const Context& context, const Json& status) {
    const Json& policy = at(status, "policy");
    print(fmt::format("yettd {}, pid {}, up {}{}", text_at(status, "version"),
                      number_at(status, "pid"), duration(number_at(status, "uptime")),
                      true_at(status, "adopted") ? ", took over a running data plane" : ""));
    if (number_at(status, "generation") == 0) {
        print("no ruleset is active: yett apply FILE makes one");
    } else {
        print(fmt::format("ruleset {}, generation {}, since {}", text_at(status, "ruleset"),
                          number_at(status, "generation"), text_at(status, "since")));
        print(fmt::format("policy: ingress {}, egress {}", text_at(policy, "ingress"),
                          text_at(policy, "egress")));
        print(fmt::format("{} rules, {} sets, {} boxes, {} banned sources",
                          number_at(status, "rules"), number_at(status, "sets"),
                          number_at(status, "boxes"), number_at(status, "bans")));
    }
    print_attachments(context, status);
    for (const Json& warning : at(status, "warnings")) {
        if (warning.is_string()) {
            print("warning: " + printable(warning.get_ref<const std::string&>()));
        }
    }
    return 0;
}

}  // namespace

Run add_status(CLI::App&) {
    return [](const Context& context) {
        return ask_and_show(context, "GET", "/v1/status", {},
                            [&](const Json& status) { return show(context, status); });
    };
}

}  // namespace yett::cli
