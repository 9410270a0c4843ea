// SPDX-License-Identifier: GPL-2.0-or-later
// Walks the arguments as CLI11 does, to say which one is wrong.
#include "cli/usage.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/quote.hpp"
#include "base/suggest.hpp"

namespace yett::cli {
namespace {

/// What others call it.
struct Habit {
    const char* elsewhere;
    const char* here;
};
constexpr Habit kHabits[] = {
    {"load", "apply FILE"},
    {"reload", "apply FILE"},
    {"restore", "apply FILE"},
    {"start", "apply FILE"},
    {"test", "check FILE"},
    {"validate", "check FILE"},
    {"lint", "check FILE"},
    {"format", "fmt FILE"},
    {"off", "detach"},
    {"stop", "detach"},
    {"remove", "set del SET ENTRY"},
    {"help", "--help"},
    {"disable", "detach"},
    {"up", "attach"},
    {"enable", "attach"},
    {"stats", "counters"},
    {"list", "show rules"},
    {"ls", "show rules"},
    {"rules", "show rules"},
    {"sets", "show sets"},
    {"interfaces", "show interfaces"},
    {"reasons", "show reasons"},
    {"limits", "show limits"},
    {"connections", "show connections"},
    {"conntrack", "show connections"},
    {"ruleset", "show ruleset"},
    {"ban", "set add SET ADDRESS"},
    {"block", "set add SET ADDRESS"},
    {"unban", "set del SET ADDRESS"},
    {"import", "set import SET FILE"},
};

using Names = std::vector<std::string>;

std::string near(const std::string& word, const Names& known) {
    const std::vector<std::string_view> views(known.begin(), known.end());
    return did_you_mean(word, views);
}

Names verbs_of(const CLI::App& app) {
    Names names;
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(sub->get_name());
    return names;
}

const CLI::App* verb_of(const CLI::App& app, const std::string& name) {
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
        if (sub->get_name() == name) return sub;
    return nullptr;
}

void add_options_of(const CLI::App& app, Names& names) {
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames())
            names.push_back("--" + name);
        for (const std::string& name : option->get_snames())
            names.push_back("-" + name);
    }
}

/// The option that `word` is in any of the commands, or nullptr.
const CLI::Option* option_of(const std::vector<const CLI::App*>& chain, const std::string& word) {
    const std::string name = word.substr(0, word.find('='));
    for (const CLI::App* app : chain)
        if (const CLI::Option* option = app->get_option_no_throw(name)) return option;
    return nullptr;
}

Error no_such_verb(const CLI::App& app, const std::string& word, const std::string& behind) {
    const Names known = verbs_of(app);
    std::string hint;
    if (behind == "yett") {
        for (const Habit& habit : kHabits)
            if (word == habit.elsewhere) hint = fmt::format("write yett {}", habit.here);
    }
    if (hint.empty()) hint = near(word, known);
    if (hint.empty()) hint = fmt::format("there are {}", fmt::join(known, " "));
    return {ErrorKind::usage, fmt::format("{} has no verb {}", behind, quote(word)), hint};
}

Error no_such_option(const std::vector<const CLI::App*>& chain, const std::string& word,
                     const std::string& behind) {
    Names known;
    for (const CLI::App* app : chain)
        add_options_of(*app, known);
    std::string hint = near(word.substr(0, word.find('=')), known);
    if (hint.empty()) hint = fmt::format("see {} --help", behind);
    return {ErrorKind::usage, fmt::format("{} has no option {}", behind, quote(word)), hint};
}

/// CLI11 begins its sentences with a capital.
std::string lowered(std::string text) {
    if (text.size() > 1 && text[1] >= 'a' && text[1] <= 'z')
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    while (!text.empty() && (text.back() == '\n' || text.back() == '.'))
        text.pop_back();
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

bool is_number(const std::string& word) {
    return word.size() > 1 && (word[1] == '.' || (word[1] >= '0' && word[1] <= '9'));
}

}  // namespace

Error usage_error(CLI::App& app, const std::vector<std::string>& arguments,
                  const std::string& complaint) {
    // Said before a word was looked at: an unset shell variable is no verb.
    if (complaint.find("is empty: ") != complaint.npos)
        return {ErrorKind::usage, lowered(complaint), "quote what may be empty, and look at it"};
    std::vector<const CLI::App*> chain{&app};
    std::string behind = app.get_name();
    for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
        const std::string& word = arguments[i];
        if (word.size() > 1 && word[0] == '-' && !is_number(word)) {
            const bool cluster = word[1] != '-' && word.size() > 2;
            const CLI::Option* option = option_of(chain, cluster ? word.substr(0, 2) : word);
            if (!option) return no_such_option(chain, word, behind);
            const bool separate = word.find('=') == word.npos && !cluster;
            if (separate && option->get_items_expected_max() > 0) ++i;
            continue;
        }
        const CLI::App& last = *chain.back();
        if (verbs_of(last).empty()) continue;
        const CLI::App* const sub = verb_of(last, word);
        if (!sub) return no_such_verb(last, word, behind);
        chain.push_back(sub);
        behind += ' ' + word;
    }
    const Names missing = verbs_of(*chain.back());
    if (!missing.empty())
        return {ErrorKind::usage, behind + " needs a verb",
                fmt::format("there are {}", fmt::join(missing, " "))};
    return {ErrorKind::usage, lowered(complaint), fmt::format("see {} --help", behind)};
}

bool wants_json(const std::vector<std::string>& arguments, bool& pretty) {
    bool json = false;
    for (const std::string& word : arguments) {
        if (word == "--") break;
        const bool letters = word.size() > 1 && word[0] == '-' && word[1] != '-';
        pretty |= word == "--pretty" || (letters && word.find('p') != word.npos);
        json |= word == "--json" || (letters && word.find('j') != word.npos);
    }
    return json || pretty;
}

}  // namespace yett::cli
