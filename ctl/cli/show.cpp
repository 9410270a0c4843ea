// SPDX-License-Identifier: GPL-2.0-or-later
// yett show {rules,sets,interfaces,reasons,limits,connections,ruleset}.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/connections.hpp"
#include "cli/output.hpp"
#include "cli/remote.hpp"
#include "cli/tables.hpp"

namespace yett::cli {
namespace {

struct Topic {
    const char* name;
    const char* summary;
    const char* target;
    std::string (*table)(const Context&, const Json&);
};

constexpr Topic kTopics[] = {
    {"rules", "every rule in the order of judgement", "/v1/rules", rules_table},
    {"sets", "the sets and how full they are", "/v1/sets", sets_table},
    {"interfaces", "where frames are seen", "/v1/interfaces", interfaces_table},
    {"reasons", "why packets fell without a rule", "/v1/reasons", reasons_table},
};

int show_topic(const Context& context, const Topic& topic, bool all) {
    const std::string target = std::string(topic.target) + (all ? "?all=true" : "");
    return ask_and_show(context, "GET", target, {}, [&](const Json& value) {
        print(topic.table(context, at(value, topic.name)));
        return 0;
    });
}

int show_limits(const Context& context) {
    return ask_and_show(context, "GET", "/v1/limits", {}, [&](const Json& value) {
        print(limits_table(context, value));
        return 0;
    });
}

int show_ruleset(const Context& context, bool source) {
    const auto answer = ask(context, "GET", source ? "/v1/ruleset?form=source" : "/v1/ruleset");
    if (!answer) return fail(context, answer.error());
    if (!answer->ok()) return fail(context, error_of(*answer));
    print(answer->text);
    return 0;
}

}  // namespace

Run add_show(CLI::App& command) {
    command.require_subcommand(1);
    auto run = std::make_shared<Run>();
    auto flag = std::make_shared<bool>(false);
    for (const Topic& topic : kTopics) {
        CLI::App* sub = command.add_subcommand(topic.name, topic.summary);
        sub->fallthrough();
        if (topic.table == reasons_table) {
            sub->add_flag("--all", *flag, "those that have not counted, too");
        }
        sub->callback([run, flag, &topic] {
            *run = [flag, &topic](const Context& c) { return show_topic(c, topic, *flag); };
        });
    }
    CLI::App* connections = command.add_subcommand("connections", "who talks to whom");
    connections->fallthrough();
    connections->callback([run, show = add_show_connections(*connections)] { *run = show; });
    CLI::App* limits = command.add_subcommand("limits", "rates: how much passes, who is over");
    limits->fallthrough();
    limits->callback([run] { *run = show_limits; });
    CLI::App* ruleset = command.add_subcommand("ruleset", "the active ruleset, as a rule file");
    ruleset->fallthrough();
    ruleset->add_flag("--source", *flag, "the text as it was applied, comments and all");
    ruleset->callback(
        [run, flag] { *run = [flag](const Context& c) { return show_ruleset(c, *flag); }; });
    return [run](const Context& context) { return (*run)(context); };
}

}  // namespace yett::cli
