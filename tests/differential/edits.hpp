// SPDX-License-Identifier: GPL-2.0-or-later
// What an operator does to a rule file that is in use.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "differential/generator.hpp"

namespace yett::testing {

/// A few rules in a row go, and others come that are like rules of the file, under names that it
/// does not have.
inline Ruleset edited(Generator& generator, const Ruleset& before) {
    Ruleset after = before;
    if (before.rules.empty()) return after;
    const auto count = before.rules.size();
    const auto first = generator.below(count + 1);
    const auto gone = std::min(generator.below(3), count - first);
    const auto at = after.rules.begin() + static_cast<long>(first);
    auto place = after.rules.erase(at, at + static_cast<long>(gone));
    for (auto come = generator.below(3); come != 0; --come) {
        Rule rule = before.rules[generator.below(count)];
        rule.name = "edited" + std::to_string(come);
        if (rule.action == ActionKind::pass || rule.action == ActionKind::drop)
            rule.action = generator.chance(50) ? ActionKind::pass : ActionKind::drop;
        if (rule.action != ActionKind::pass) rule.beats_bans = false;
        if (generator.chance(30)) rule.match.src.clear();
        if (generator.chance(30)) rule.match.dport.clear();
        place = after.rules.insert(place, rule);
    }
    return after;
}

/// One Slots for all of them, as a daemon keeps names where they are.
inline Slots slots_for_all(const std::vector<Ruleset>& rulesets) {
    Ruleset joined = rulesets.front();
    for (const Ruleset& ruleset : rulesets)
        joined.rules.insert(joined.rules.end(), ruleset.rules.begin(), ruleset.rules.end());
    return slots_for(joined);
}

}  // namespace yett::testing
