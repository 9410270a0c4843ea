// SPDX-License-Identifier: GPL-2.0-or-later
// Compares rulesets by the names in them.
#include "cli/changes.hpp"

#include <algorithm>
#include <iterator>

namespace yett::cli {
namespace {

using Lines = std::vector<std::string>;

/// `name_of` gives an element's name, `same` says whether two of one name are alike.
template <typename T, typename Name, typename Same>
void compare(Lines& lines, const std::string& what, const std::vector<T>& before,
             const std::vector<T>& after, Name name_of, Same same) {
    const auto find = [&](const std::vector<T>& list, const std::string& name) {
        return std::find_if(list.begin(), list.end(),
                            [&](const T& item) { return name_of(item) == name; });
    };
    for (const T& item : before) {
        if (find(after, name_of(item)) == after.end()) lines.push_back("- " + what + name_of(item));
    }
    for (const T& item : after) {
        const auto old = find(before, name_of(item));
        if (old == before.end()) {
            lines.push_back("+ " + what + name_of(item));
        } else if (!same(*old, item)) {
            lines.push_back("~ " + what + name_of(item));
        }
    }
}

/// Names of `list` that `other` has too, in the order of `list`.
std::vector<std::string> common_names(const std::vector<Rule>& list,
                                      const std::vector<Rule>& other) {
    std::vector<std::string> names;
    for (const Rule& rule : list) {
        const auto same = [&](const Rule& candidate) { return candidate.name == rule.name; };
        if (std::any_of(other.begin(), other.end(), same)) names.push_back(rule.name);
    }
    return names;
}

bool same_rule(const Rule& left, const Rule& right) {
    return left.match == right.match && left.action == right.action &&
           left.ban_seconds == right.ban_seconds;
}

const char* word(Verdict verdict) {
    return verdict == Verdict::pass ? "pass" : "drop";
}

void compare_policies(Lines& lines, const Ruleset& before, const Ruleset& after) {
    constexpr const char* names[] = {"ingress", "egress"};
    for (std::size_t i = 0; i < std::size(names); ++i) {
        if (before.policy[i] == after.policy[i]) continue;
        lines.push_back(std::string("~ policy ") + names[i] + ": " + word(before.policy[i]) +
                        " -> " + word(after.policy[i]));
    }
}

}  // namespace

Lines changes(const Ruleset& before, const Ruleset& after) {
    Lines lines;
    const auto itself = [](const std::string& name) { return name; };
    compare(lines, "interface ", before.interfaces, after.interfaces, itself,
            [](const std::string&, const std::string&) { return true; });
    compare_policies(lines, before, after);
    if (before.failsafe != after.failsafe) lines.emplace_back("~ failsafe");
    if (before.builtins != after.builtins) lines.emplace_back("~ builtins");
    if (before.exceptions != after.exceptions) lines.emplace_back("~ exceptions");
    compare(
        lines, "set ", before.sets, after.sets, [](const auto& item) { return item.first; },
        [](const auto& left, const auto& right) { return left.second == right.second; });
    compare(
        lines, "", before.rules, after.rules, [](const Rule& rule) { return rule.name; },
        same_rule);
    if (common_names(before.rules, after.rules) != common_names(after.rules, before.rules)) {
        lines.emplace_back("~ the order of the rules");
    }
    return lines;
}

}  // namespace yett::cli
