// SPDX-License-Identifier: GPL-2.0-or-later
// Tables of what the daemon counts and holds.
#include "cli/tables.hpp"

#include <fmt/format.h>

#include "cli/output.hpp"

namespace yett::cli {
namespace {

using Align = Table::Align;

Table::Column words(const char* title) {
    return {title, Align::left};
}
Table::Column number(const char* title) {
    return {title, Align::right};
}

std::string packets(const Context& context, const Json& item, const char* key) {
    return figure(context, number_at(at(item, key), "packets"));
}

std::string octets(const Context& context, const Json& item, const char* key) {
    return figure(context, number_at(at(item, key), "bytes"));
}

std::string or_dash(const Json& item, const char* key) {
    const Json& member = at(item, key);
    return member.is_null() ? "-" : std::to_string(number_at(item, key));
}

}  // namespace

std::string rules_table(const Context& context, const Json& rules) {
    Table table({number("#"), words("RULE"), words("ACTION"), number("PACKETS"), number("BYTES"),
                 words("COMMENT")});
    for (const Json& rule : rules) {
        std::string name = text_at(rule, "name");
        if (at(rule, "direction").is_string()) name += " " + text_at(rule, "direction");
        table.row({or_dash(rule, "index"), name, text_at(rule, "action"),
                   figure(context, number_at(rule, "packets")),
                   figure(context, number_at(rule, "bytes")), text_at(rule, "comment")});
    }
    return table.text(context.terse);
}

std::string reasons_table(const Context& context, const Json& reasons) {
    Table table({words("REASON"), words("DIRECTION"), number("PASSED"), number("BYTES"),
                 number("DROPPED"), number("BYTES"), words("MEANING")});
    for (const Json& reason : reasons) {
        table.row({text_at(reason, "name"), text_at(reason, "direction"),
                   packets(context, reason, "passed"), octets(context, reason, "passed"),
                   packets(context, reason, "dropped"), octets(context, reason, "dropped"),
                   text_at(reason, "text")});
    }
    return table.empty() && !context.terse ? "no reason has counted yet\n"
                                           : table.text(context.terse);
}

std::string interfaces_table(const Context& context, const Json& interfaces) {
    Table table({words("INTERFACE"), words("DIRECTION"), words("MODE"), number("SEEN"),
                 number("BYTES"), number("PASSED"), number("DROPPED"), number("BYTES"),
                 words("NOTE")});
    for (const Json& item : interfaces) {
        const bool attached = true_at(item, "attached");
        table.row({text_at(item, "name"), text_at(item, "direction"),
                   attached ? text_at(item, "mode") : "off", packets(context, item, "seen"),
                   octets(context, item, "seen"), packets(context, item, "passed"),
                   packets(context, item, "dropped"), octets(context, item, "dropped"),
                   text_at(item, "note")});
    }
    return table.empty() && !context.terse ? "no interface is filtered\n"
                                           : table.text(context.terse);
}

std::string sets_table(const Context& context, const Json& sets) {
    Table table({words("SET"), words("TYPE"), number("ENTRIES"), number("FROM RULESET"),
                 number("ADDED"), number("MOST"), number("TIMEOUT"), words("COMMENT")});
    for (const Json& set : sets) {
        const Json& timeout = at(set, "timeout");
        table.row({text_at(set, "name"), text_at(set, "type"),
                   figure(context, number_at(set, "entries")),
                   figure(context, number_at(set, "from_ruleset")),
                   figure(context, number_at(set, "added")), or_dash(set, "max_entries"),
                   timeout.is_null() ? "-" : duration(number_at(set, "timeout")),
                   text_at(set, "comment")});
    }
    return table.empty() && !context.terse ? "the ruleset has no sets\n"
                                           : table.text(context.terse);
}

std::string limits_table(const Context& context, const Json& answer) {
    Table table({words("RULE"), words("PER"), words("RATE"), number("BURST"), number("PASSED"),
                 number("OVER"), number("BUCKETS"), number("EXHAUSTED"), number("UNTRACKED")});
    for (const Json& limit : at(answer, "limits")) {
        const auto plain = [&](const char* key) { return figure(context, number_at(limit, key)); };
        table.row({text_at(limit, "rule"), text_at(limit, "per"), text_at(limit, "rate"),
                   plain("burst"), packets(context, limit, "passed"),
                   packets(context, limit, "dropped"), plain("buckets"), plain("exhausted"),
                   plain("untracked")});
    }
    if (context.terse) return table.text(true);
    if (table.empty()) return "no rule has a limit\n";
    const Json& all = at(answer, "table");
    return table.text(false) + fmt::format("{} of {} buckets in use\n",
                                           figure(context, number_at(all, "charged")),
                                           figure(context, number_at(all, "capacity")));
}

std::string bans_table(const Context& context, const Json& bans) {
    Table table({words("SOURCE"), words("RULE"), words("ADDED"), words("EXPIRES")});
    for (const Json& ban : bans) {
        table.row({text_at(ban, "source"), text_at(ban, "rule"), text_at(ban, "added"),
                   text_at(ban, "expires")});
    }
    return table.text(context.terse);
}

std::string entries_table(const Context& context, const Json& entries) {
    Table table(
        {words("ENTRY"), words("ORIGIN"), words("ADDED"), words("EXPIRES"), words("REASON")});
    for (const Json& entry : entries) {
        const bool why = at(entry, "reason").is_string();
        table.row({text_at(entry, "value"), text_at(entry, "origin"), text_at(entry, "added"),
                   text_at(entry, "expires"), why ? text_at(entry, "reason") : ""});
    }
    return table.text(context.terse);
}

}  // namespace yett::cli
