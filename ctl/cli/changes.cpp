// SPDX-License-Identifier: GPL-2.0-or-later
// Compares rulesets by the names in them.
#include "cli/changes.hpp"

#include <iterator>
#include <string_view>
#include <unordered_map>

namespace yett::cli {
namespace {

using Lines = std::vector<std::string>;

/// The first element of each name.
template <typename T, typename Name>
std::unordered_map<std::string_view, const T*> by_name(const std::vector<T>& list, Name name_of) {
    std::unordered_map<std::string_view, const T*> out;
    out.reserve(list.size());
    for (const T& item : list)
        out.emplace(name_of(item), &item);
    return out;
}

/// `name_of` gives an element's name, `same` says whether two of one name are alike.
template <typename T, typename Name, typename Same>
void compare(Lines& lines, const std::string& what, const std::vector<T>& before,
             const std::vector<T>& after, Name name_of, Same same) {
    const auto old_ones = by_name(before, name_of), new_ones = by_name(after, name_of);
    for (const T& item : before) {
        if (new_ones.count(name_of(item)) == 0) lines.push_back("- " + what + name_of(item));
    }
    for (const T& item : after) {
        const auto old = old_ones.find(name_of(item));
        if (old == old_ones.end()) {
            lines.push_back("+ " + what + name_of(item));
        } else if (!same(*old->second, item)) {
            lines.push_back("~ " + what + name_of(item));
        }
    }
}

const std::string& name_of_rule(const Rule& rule) {
    return rule.name;
}

/// Names of `list` that `other` has too, in the order of `list`.
std::vector<std::string_view> common_names(const std::vector<Rule>& list,
                                           const std::vector<Rule>& other) {
    const auto known = by_name(other, name_of_rule);
    std::vector<std::string_view> names;
    for (const Rule& rule : list) {
        if (known.count(rule.name) != 0) names.push_back(rule.name);
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
    const auto itself = [](const std::string& name) -> const std::string& { return name; };
    compare(lines, "interface ", before.interfaces, after.interfaces, itself,
            [](const std::string&, const std::string&) { return true; });
    compare_policies(lines, before, after);
    if (before.failsafe != after.failsafe) lines.emplace_back("~ failsafe");
    if (before.builtins != after.builtins) lines.emplace_back("~ builtins");
    if (before.exceptions != after.exceptions) lines.emplace_back("~ exceptions");
    if (before.timeouts != after.timeouts) lines.emplace_back("~ timeouts");
    compare(
        lines, "set ", before.sets, after.sets,
        [](const auto& item) -> const std::string& { return item.first; },
        [](const auto& left, const auto& right) { return left.second == right.second; });
    compare(lines, "", before.rules, after.rules, name_of_rule, same_rule);
    if (common_names(before.rules, after.rules) != common_names(after.rules, before.rules)) {
        lines.emplace_back("~ the order of the rules");
    }
    return lines;
}

}  // namespace yett::cli
