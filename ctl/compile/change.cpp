// SPDX-License-Identifier: GPL-2.0-or-later
// From both ends to the first difference.
#include "compile/change.hpp"

#include <algorithm>

#include "abi/limits.h"
#include "compile/header.hpp"
#include "model/explicit.hpp"

namespace yett {
namespace {

constexpr std::size_t kMostChanged = 64;  ///< rules that go or come in one patch

/// No name has another slot than before.
bool same_slots(const std::map<std::string, std::uint16_t>& before,
                const std::map<std::string, std::uint16_t>& after) {
    return std::all_of(after.begin(), after.end(), [&](const auto& named) {
        const auto found = before.find(named.first);
        return found == before.end() || found->second == named.second;
    });
}

bool same_slots(const Slots& before, const Slots& after) {
    return same_slots(before.interfaces, after.interfaces) &&
           same_slots(before.address_sets, after.address_sets) &&
           same_slots(before.port_sets, after.port_sets) &&
           same_slots(before.interface_sets, after.interface_sets);
}

bool any_limit(const std::vector<Rule>& rules, std::size_t first, std::size_t count) {
    const auto begin = rules.begin() + static_cast<long>(first);
    return std::any_of(begin, begin + static_cast<long>(count),
                       [](const Rule& rule) { return rule.limit.has_value(); });
}

}  // namespace

std::optional<ChangedRules> changed_rules(const RulesetSource& before, const RulesetSource& after) {
    if (exceptions_pass(before.ruleset) != exceptions_pass(after.ruleset) ||
        judges_later_fragments(before.ruleset) != judges_later_fragments(after.ruleset) ||
        !same_slots(before.slots, after.slots))
        return std::nullopt;
    const std::vector<Rule>&a = before.ruleset.rules, &b = after.ruleset.rules;
    const auto length = std::max(a.size(), b.size()) - std::min(a.size(), b.size());
    if (length > kMostChanged) return std::nullopt;
    const auto from_front = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    const auto from_back = std::mismatch(a.rbegin(), std::make_reverse_iterator(from_front.first),
                                         b.rbegin(), std::make_reverse_iterator(from_front.second));
    const ChangedRules changed{
        static_cast<std::size_t>(from_front.first - a.begin()),
        static_cast<std::size_t>(from_back.first.base() - from_front.first),
        static_cast<std::size_t>(from_back.second.base() - from_front.second)};
    if (std::max(changed.gone, changed.come) > kMostChanged ||
        any_limit(a, changed.first, changed.gone) || any_limit(b, changed.first, changed.come))
        return std::nullopt;
    return changed;
}

std::optional<RuleChange> change_of(const ChangedRules& changed, const ImpliedRules& implied,
                                    const RuleList& come, const RulesetSource& after) {
    if (implied.before.size() + after.ruleset.rules.size() + implied.after.size() > YETT_MAX_RULES)
        return std::nullopt;
    RuleChange change;
    change.first = static_cast<std::uint32_t>(implied.before.size() + changed.first);
    change.gone = static_cast<std::uint32_t>(changed.gone);
    for (const Rule* rule : come) {
        change.actions.push_back(action_of(*rule, false, after.slots));
        change.names.push_back(rule->name);
    }
    auto lists = expand(after.ruleset, come, after.slots);
    if (!lists) return std::nullopt;
    change.boxes = std::move(*lists);
    for (BoxList& list : change.boxes)
        for (yett_box& box : list.boxes)
            box.rule += change.first;
    return change;
}

}  // namespace yett
