// SPDX-License-Identifier: GPL-2.0-or-later
// yett show connections: who talks to whom, as the data plane knows it.
#include "cli/connections.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/output.hpp"
#include "cli/remote.hpp"

namespace yett::cli {
namespace {

struct Filter {
    std::string proto, state, src, dst, port, limit;
    bool count = false;
};

std::string target_of(const Filter& filter) {
    std::string target = "/v1/connections";
    const auto add = [&target](const char* key, const std::string& value) {
        if (value.empty()) return;
        target += target.find('?') == target.npos ? '?' : '&';
        target += std::string(key) + '=' + percent_encode(value);
    };
    add("proto", filter.proto);
    add("state", filter.state);
    add("src", filter.src);
    add("dst", filter.dst);
    add("port", filter.port);
    add("limit", filter.count ? "0" : filter.limit);
    return target;
}

std::string endpoint(const Json& row, const char* address, const char* port) {
    const std::string text = text_at(row, address);
    if (at(row, port).is_null()) return text;
    const bool v6 = text.find(':') != text.npos;
    return fmt::format("{}{}{}:{}", v6 ? "[" : "", text, v6 ? "]" : "", number_at(row, port));
}

std::string table_of(const Context& context, const Json& rows) {
    using Align = Table::Align;
    Table table({{"PROTO", Align::left},
                 {"STATE", Align::left},
                 {"FROM", Align::left},
                 {"TO", Align::left},
                 {"IDLE", Align::right},
                 {"LEFT", Align::right},
                 {"", Align::left}});
    for (const Json& row : rows) {
        std::string remarks = true_at(row, "proven") ? "proven" : "";
        if (true_at(row, "inner")) remarks += remarks.empty() ? "inner" : ", inner";
        table.row({text_at(row, "proto"), text_at(row, "state"), endpoint(row, "src", "sport"),
                   endpoint(row, "dst", "dport"), duration(number_at(row, "idle")),
                   duration(number_at(row, "expires")), remarks});
    }
    return table.text(context.terse);
}

std::string summary(const Context& context, const Json& value) {
    std::string text = fmt::format("{} shown of {}", at(value, "connections").size(),
                                   figure(context, number_at(value, "total")));
    for (const Json& table : at(value, "tables"))
        text += fmt::format("; {}: {} of {}", text_at(table, "family"),
                            figure(context, number_at(table, "known")),
                            figure(context, number_at(table, "capacity")));
    return text + fmt::format("; evicted {}, proven ones {}",
                              figure(context, number_at(value, "evicted")),
                              figure(context, number_at(value, "evicted_proven")));
}

}  // namespace

Run add_show_connections(CLI::App& command) {
    auto filter = std::make_shared<Filter>();
    command.add_option("--proto", filter->proto, "tcp, udp, icmp, or a number");
    command.add_option("--state", filter->state, "syn_sent, open, udp_answered, ...");
    command.add_option("--src", filter->src, "address or prefix of who began");
    command.add_option("--dst", filter->dst, "address or prefix of the other");
    command.add_option("--port", filter->port, "of either end");
    command.add_option("--limit", filter->limit, "how many, those that spoke last first; 1000");
    command.add_flag("--count", filter->count, "only how many there are");
    return [filter](const Context& context) {
        return ask_and_show(context, "GET", target_of(*filter), {}, [&](const Json& value) {
            if (!filter->count) print(table_of(context, at(value, "connections")));
            if (filter->count && context.terse) print(std::to_string(number_at(value, "total")));
            if (!context.terse) print(summary(context, value));
            return 0;
        });
    };
}

}  // namespace yett::cli
