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

void print_all(const Json& status, const char* key, const std::string& label) {
    for (const Json& text : at(status, key)) {
        if (text.is_string()) print(label + printable(text.get_ref<const std::string&>()));
    }
}

/// What is in force, where it is not what was applied last.
void print_what_is_wrong(const Json& status) {
    const std::string why = text_at(status, "why");
    if (why.empty() || why == "-") return;
    const Json& wished = at(status, "wished");
    const std::string what =
        wished.is_null() ? "the config file"
                         : fmt::format("generation {} ({})", number_at(wished, "generation"),
                                       text_at(wished, "ruleset"));
    print(fmt::format("NOT as wished: in force is {}, and not {}: {}", text_at(status, "in_force"),
                      what, why));
}

void show_status(const Context& context, const Json& status) {
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
    print_what_is_wrong(status);
    print_attachments(context, status);
    print_all(status, "kept_aside", "kept aside: ");
    print_all(status, "warnings", "warning: ");
}

/// With -j, too: what is wrong with the gate is an answer, and its exit code.
int exit_code(const Json& status) {
    const Json& healthy = at(status, "healthy");
    return healthy.is_boolean() && !healthy.get<bool>() ? static_cast<int>(ErrorKind::no) : 0;
}

}  // namespace

Run add_status(CLI::App&) {
    return [](const Context& context) {
        const auto answer = ask(context, "GET", "/v1/status");
        if (!answer) return fail(context, answer.error());
        if (context.json) print_json(context, *answer);
        if (!answer->ok() || answer->value.is_null()) {
            const Error error = error_of(*answer);
            return context.json ? static_cast<int>(error.kind) : fail(context, error);
        }
        if (!context.json) show_status(context, answer->value);
        return exit_code(answer->value);
    };
}

}  // namespace yett::cli
