// SPDX-License-Identifier: GPL-2.0-or-later
// yett set {add,del,test,list}: the sets that rules refer to, changed while packets flow.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <vector>

#include "cli/output.hpp"
#include "cli/remote.hpp"
#include "cli/tables.hpp"

namespace yett::cli {
namespace {

struct Arguments {
    std::string set;
    std::vector<std::string> entries;
    std::optional<std::uint32_t> timeout_seconds;
};

std::string target_of(const Arguments& arguments, const std::string& rest) {
    return "/v1/sets/" + percent_encode(arguments.set) + rest;
}

/// The batch of one call: all or nothing.
std::string batch(const char* key, const Arguments& arguments) {
    Json list = Json::array();
    for (const auto& entry : arguments.entries) {
        if (arguments.timeout_seconds) {
            list.push_back({{"value", entry}, {"timeout", *arguments.timeout_seconds}});
        } else {
            list.push_back(entry);
        }
    }
    constexpr auto replace = Json::error_handler_t::replace;
    return Json{{key, std::move(list)}}.dump(-1, ' ', false, replace);
}

int add(const Context& context, const Arguments& arguments) {
    const auto show = [&](const Json& value) {
        print(fmt::format("{}: added {}, refreshed {}; {} entries now", text_at(value, "set"),
                          number_at(value, "added"), number_at(value, "refreshed"),
                          number_at(value, "entries")));
        return 0;
    };
    return ask_and_show(context, "POST", target_of(arguments, "/entries/batch"),
                        batch("add", arguments), show);
}

/// Exit code 1 when one of the entries was not there: the others are gone all the same.
int del(const Context& context, const Arguments& arguments) {
    const auto answer =
        ask(context, "POST", target_of(arguments, "/entries/batch"), batch("delete", arguments));
    if (!answer) return fail(context, answer.error());
    if (context.json) print_json(context, *answer);
    if (!answer->ok()) {
        const Error error = error_of(*answer);
        return context.json ? static_cast<int>(error.kind) : fail(context, error);
    }
    const std::uint64_t missing = number_at(answer->value, "missing");
    if (!context.json) {
        print(fmt::format("{}: deleted {}, not there {}; {} entries now",
                          text_at(answer->value, "set"), number_at(answer->value, "deleted"),
                          missing, number_at(answer->value, "entries")));
    }
    return missing == 0 ? 0 : static_cast<int>(ErrorKind::no);
}

void print_membership(const Context& context, const Json& value) {
    const bool member = true_at(value, "member");
    if (context.terse) {
        print(fmt::format("{}\t{}", text_at(value, "value"), member ? "yes" : "no"));
        return;
    }
    std::string by;
    for (const Json& entry : at(value, "entries")) {
        by += (by.empty() ? ": covered by " : ", ") + text_at(entry, "value");
    }
    print(fmt::format("{} is {}in {}{}", text_at(value, "value"), member ? "" : "not ",
                      text_at(value, "set"), by));
}

/// Exit code 0 when every value is a member.
int test(const Context& context, const Arguments& arguments) {
    int code = 0;
    Json all = Json::array();
    for (const auto& entry : arguments.entries) {
        const auto answer =
            ask(context, "GET", target_of(arguments, "/entries/") + percent_encode(entry));
        if (!answer) return fail(context, answer.error());
        if (!answer->ok()) return fail(context, error_of(*answer));
        if (!true_at(answer->value, "member")) code = static_cast<int>(ErrorKind::no);
        if (context.json) {
            all.push_back(answer->value);
        } else {
            print_membership(context, answer->value);
        }
    }
    if (context.json) print(all.dump(context.pretty ? 2 : -1));
    return code;
}

/// All pages of a set, each printed as it comes (with -j: one array of entries).
int list_entries(const Context& context, const Arguments& arguments) {
    Json all = Json::array();
    std::string after;
    while (true) {
        const std::string query = after.empty() ? "" : "?after=" + percent_encode(after);
        const auto answer = ask(context, "GET", target_of(arguments, "/entries") + query);
        if (!answer) return fail(context, answer.error());
        if (!answer->ok()) return fail(context, error_of(*answer));
        const Json& entries = at(answer->value, "entries");
        if (context.json) {
            for (const Json& entry : entries)
                all.push_back(entry);
        } else if (after.empty() && entries.empty() && !context.terse) {
            print("the set is empty");
        } else {
            print(entries_table(context, entries));
        }
        const Json& next = at(answer->value, "next");
        if (!next.is_string() || next.get_ref<const std::string&>() == after) break;
        after = next.get<std::string>();
    }
    if (context.json) {
        Json result = {{"set", arguments.set}, {"entries", std::move(all)}};
        print(result.dump(context.pretty ? 2 : -1, ' ', false, Json::error_handler_t::replace));
    }
    return 0;
}

int list(const Context& context, const Arguments& arguments) {
    if (!arguments.set.empty()) return list_entries(context, arguments);
    return ask_and_show(context, "GET", "/v1/sets", {}, [&](const Json& value) {
        print(sets_table(context, at(value, "sets")));
        return 0;
    });
}

struct Topic {
    const char* name;
    const char* summary;
    int (*run)(const Context&, const Arguments&);
};

constexpr Topic kTopics[] = {
    {"add", "add entries; adding again refreshes their time", add},
    {"del", "delete exactly these entries", del},
    {"test", "is each of these covered by an entry?", test},
    {"list", "the sets, or the entries of one", list},
};

}  // namespace

Run add_set(CLI::App& command) {
    command.require_subcommand(1);
    auto arguments = std::make_shared<Arguments>();
    auto run = std::make_shared<Run>();
    for (const Topic& topic : kTopics) {
        CLI::App* sub = command.add_subcommand(topic.name, topic.summary);
        sub->fallthrough();
        auto* name = sub->add_option("set", arguments->set, "name of the set");
        if (topic.run != list) {
            name->required();
            sub->add_option("entries", arguments->entries, "addresses, prefixes, ports or ranges")
                ->required();
        }
        if (topic.run == add) {
            sub->add_option("--timeout", arguments->timeout_seconds, "seconds, 0 = never");
        }
        sub->callback([run, arguments, &topic] {
            *run = [arguments, &topic](const Context& c) { return topic.run(c, *arguments); };
        });
    }
    return [run](const Context& context) { return (*run)(context); };
}

}  // namespace yett::cli
