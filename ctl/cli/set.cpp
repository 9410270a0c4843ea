// SPDX-License-Identifier: GPL-2.0-or-later
// yett set: the sets that rules refer to, changed while packets flow.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <vector>

#include "cli/output.hpp"
#include "cli/remote.hpp"
#include "cli/set_edit.hpp"
#include "cli/set_lists.hpp"
#include "cli/tables.hpp"
#include "json/values.hpp"

namespace yett::cli {
namespace {

using Arguments = SetArguments;

std::string target_of(const Arguments& arguments, const std::string& rest) {
    return "/v1/sets/" + percent_encode(arguments.set) + rest;
}

/// The batch of one call: all or nothing.
std::string batch(const char* key, const Arguments& arguments) {
    Json list = Json::array();
    for (const auto& entry : arguments.entries) {
        if (arguments.timeout) {
            list.push_back({{"value", entry}, {"timeout", *arguments.timeout}});
        } else {
            list.push_back(entry);
        }
    }
    constexpr auto replace = Json::error_handler_t::replace;
    Json body = {{key, std::move(list)}};
    if (!arguments.reason.empty()) body["reason"] = arguments.reason;
    return body.dump(-1, ' ', false, replace);
}

/// The list of sources that the data plane banned; no rule file has a set of that name.
constexpr const char* kAuto = "@auto";

int list_bans(const Context& context) {
    return ask_and_show(context, "GET", "/v1/bans", {}, [&](const Json& value) {
        const Json& bans = at(value, "bans");
        if (!bans.empty() || context.terse) print(bans_table(context, bans));
        if (context.terse) return 0;
        print(fmt::format(
            "{} of {} banned; {} made, {} evicted; {} packets came from sources that "
            "may be forged and banned nobody",
            number_at(value, "total"), number_at(value, "capacity"), number_at(value, "made"),
            number_at(value, "evicted"), number_at(value, "unproven")));
        return 0;
    });
}

/// Exit code 1 when one of the sources was not banned: the others are free all the same.
int lift_bans(const Context& context, const Arguments& arguments) {
    std::uint64_t missing = 0;
    for (const auto& source : arguments.entries) {
        const auto answer = ask(context, "DELETE", "/v1/bans/" + percent_encode(source));
        if (!answer) return fail(context, answer.error());
        if (answer->status == 404)
            ++missing;
        else if (!answer->ok())
            return fail(context, error_of(*answer));
    }
    const std::uint64_t deleted = arguments.entries.size() - missing;
    if (context.json)
        print(Json{{"set", kAuto}, {"deleted", deleted}, {"missing", missing}}.dump(
            context.pretty ? 2 : -1));
    else
        print(fmt::format("{}: deleted {}, not there {}", kAuto, deleted, missing));
    return missing == 0 ? 0 : static_cast<int>(ErrorKind::no);
}

int flush_bans(const Context& context) {
    return ask_and_show(context, "DELETE", "/v1/bans", {}, [&](const Json& value) {
        print(fmt::format("{}: deleted {}", kAuto, number_at(value, "deleted")));
        return 0;
    });
}

void print_ban(const Context& context, const Json& value) {
    const bool banned = true_at(value, "banned");
    const std::string source = text_at(value, "source");
    if (context.terse)
        print(fmt::format("{}\t{}", source, banned ? "yes" : "no"));
    else if (banned)
        print(fmt::format("{} is banned by {} until {}", source, text_at(value, "rule"),
                          text_at(value, "expires")));
    else
        print(source + " is not banned");
}

int flush(const Context& context, const Arguments& arguments) {
    return arguments.set == kAuto ? flush_bans(context) : flush_set(context, arguments);
}

int add(const Context& context, const Arguments& arguments) {
    const auto show = [&](const Json& value) {
        print(fmt::format("{}: added {}, refreshed {}; {} entries now", text_at(value, "set"),
                          number_at(value, "added"), number_at(value, "refreshed"),
                          number_at(value, "entries")));
    };
    return ask_and_show_edit(context, "POST", target_of(arguments, "/entries/batch"),
                             batch("add", arguments), show);
}

/// Exit code 1 when one of the entries was not there: the others are gone all the same.
int del(const Context& context, const Arguments& arguments) {
    if (arguments.set == kAuto) return lift_bans(context, arguments);
    const auto show = [&](const Json& value) {
        print(fmt::format("{}: deleted {}, not there {}; {} entries now", text_at(value, "set"),
                          number_at(value, "deleted"), number_at(value, "missing"),
                          number_at(value, "entries")));
    };
    return ask_and_show_edit(context, "POST", target_of(arguments, "/entries/batch"),
                             batch("delete", arguments), show);
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
        if (!at(entry, "seconds_left").is_null())
            by += fmt::format(" ({} left)", duration(number_at(entry, "seconds_left")));
        if (at(entry, "reason").is_string()) by += fmt::format(" ({})", text_at(entry, "reason"));
    }
    print(fmt::format("{} is {}in {}{}", text_at(value, "value"), member ? "" : "not ",
                      text_at(value, "set"), by));
}

/// Exit code 0 when every value is a member.
int test(const Context& context, const Arguments& arguments) {
    int code = 0;
    const bool bans = arguments.set == kAuto;
    const std::string target = bans ? "/v1/bans/" : target_of(arguments, "/entries/");
    Json all = Json::array();
    for (const auto& entry : arguments.entries) {
        const auto answer = ask(context, "GET", target + percent_encode(entry));
        if (!answer) return fail(context, answer.error());
        if (!answer->ok()) return fail(context, error_of(*answer));
        if (!true_at(answer->value, bans ? "banned" : "member"))
            code = static_cast<int>(ErrorKind::no);
        if (context.json)
            all.push_back(answer->value);
        else
            (bans ? print_ban : print_membership)(context, answer->value);
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
    if (arguments.set == kAuto) return list_bans(context);
    if (!arguments.set.empty()) return list_entries(context, arguments);
    return ask_and_show(context, "GET", "/v1/sets", {}, [&](const Json& value) {
        print(sets_table(context, at(value, "sets")));
        return 0;
    });
}

struct SetVerb {
    const char* name;
    const char* summary;
    int (*run)(const Context&, const Arguments&);
};

constexpr SetVerb kSetVerbs[] = {
    {"add", "add entries; adding again refreshes their time", add},
    {"del", "delete exactly these entries; of @auto: automatic bans", del},
    {"test", "is each of these covered by an entry? of @auto: banned?", test},
    {"list", "the sets, or the entries of one; of @auto: automatic bans", list},
    {"import", "add what a list in a file or on standard input (-) names", import_list},
    {"replace", "make a set hold what a list names, and nothing else", replace_by_list},
    {"export", "print a set, as import takes it back: one entry a line", export_entries},
    {"flush", "empty a set; of @auto: lift all automatic bans", flush},
    {"reload", "read the file of a set anew, or those of all sets", reload_sets},
};

std::string words_of(const Error& error) {
    return error.message + ": " + error.hint;
}

bool takes_list(const SetVerb& topic) {
    return topic.run == import_list || topic.run == replace_by_list;
}

void add_list_options(CLI::App& sub, Arguments& arguments) {
    sub.add_option("file", arguments.file,
                   "a list, - for standard input: values, ranges or entries of yett set export one "
                   "a line, ipset save or restore, CSV, JSON")
        ->required();
    sub.add_option(
           "--format", arguments.format,
           "auto, plain, csv, ndjson (an object a line) or json; auto finds out, but for csv")
        ->check(CLI::IsMember({"auto", "plain", "csv", "ndjson", "json"}));
    sub.add_option(
        "--column,--columns", arguments.columns,
        "of CSV, from 1; 1-2: first and last address of a range; 2-2: column 2, whatever "
        "stands beside it");
    sub.add_option("--set", arguments.ipset, "which set of an ipset dump");
    sub.add_option("--key", arguments.key, "which key of JSON objects has the value");
    sub.add_option("--pointer", arguments.pointer,
                   "where in a JSON document the list is: /prefixes");
    sub.add_flag("--skip-invalid", arguments.skip_invalid,
                 "pass over what makes no sense, and say what that was");
    sub.add_flag("--force", arguments.force,
                 "also an empty list, one that holds every address, and whatever max_shrink and "
                 "min_entries say");
}

void add_options(const SetVerb& topic, CLI::App& sub, Arguments& arguments) {
    auto* name = sub.add_option("set", arguments.set, "name of the set");
    if (topic.run != list && topic.run != reload_sets) name->required();
    if (topic.run == add || topic.run == del || topic.run == test) {
        sub.add_option("entries", arguments.entries,
                       "by the type of the set: addresses and prefixes, ports and ranges, "
                       "MAC addresses, names of interfaces")
            ->required();
    }
    if (takes_list(topic)) add_list_options(sub, arguments);
    if (topic.run == export_entries)
        sub.add_flag("--plain", arguments.plain, "values alone, without ends and reasons");
    if (topic.run == reload_sets)
        sub.add_flag("--force", arguments.force, "whatever max_shrink and min_entries say");
    if (topic.run != add && !takes_list(topic)) return;
    const auto read_timeout = [&arguments](const std::string& text) {
        const auto seconds = parse_timeout(text);
        if (!seconds) throw CLI::ValidationError("--timeout", words_of(seconds.error()));
        arguments.timeout = *seconds;
    };
    sub.add_option_function<std::string>("--timeout", read_timeout,
                                         "how long: 90 (seconds), 10m, 1h, 7d; 0 is for ever");
    sub.add_option("--reason", arguments.reason, "why, for listings; at most 200 octets of it");
}

}  // namespace

Run add_set(CLI::App& command) {
    command.require_subcommand(1);
    auto arguments = std::make_shared<Arguments>();
    auto run = std::make_shared<Run>();
    for (const SetVerb& topic : kSetVerbs) {
        CLI::App* sub = command.add_subcommand(topic.name, topic.summary);
        sub->fallthrough();
        add_options(topic, *sub, *arguments);
        sub->callback([run, arguments, &topic] {
            *run = [arguments, &topic](const Context& c) { return topic.run(c, *arguments); };
        });
    }
    return [run](const Context& context) { return (*run)(context); };
}

}  // namespace yett::cli
