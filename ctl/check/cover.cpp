// SPDX-License-Identifier: GPL-2.0-or-later
// Class by class, what the later rule matches is cut up by the rules before it until each piece
// lies in one of them, or some piece in none.
#include "check/cover.hpp"

namespace yett {

const TestedRule& Cover::tested(std::size_t rule) {
    if (!tested_[rule]) tested_[rule] = tests_.of(rules_[rule]);
    return *tested_[rule];
}

bool Cover::may_help(std::size_t earlier, std::size_t later) {
    const TestedRule& rule = tested(later);
    return rule.is_short && tested(earlier).is_short &&
           !never_meet(tested(earlier).match, rule.match);
}

bool Cover::may_step() {
    return steps_++ < kMostSteps && steps_of_rule_++ < kMostStepsOfRule;
}

bool Cover::takes_all(const Region& region, std::size_t from) {
    std::optional<std::vector<Region>> rest;
    std::size_t first = earlier_.size();
    for (std::size_t i = from; i < earlier_.size(); ++i) {
        if (!may_step()) return false;
        auto left = region.without(tested(earlier_[i]));
        if (!left) continue;
        if (left->empty()) return used_[i] = true;
        if (!rest) {
            rest = std::move(left);
            first = i;
        }
    }
    if (!rest) return false;
    used_[first] = true;
    for (const Region& piece : *rest)
        if (!takes_all(piece, first + 1)) return false;
    return true;
}

bool Cover::takes_all(const PacketClass& packets, std::size_t later) {
    for (const Region& piece : Region(packets).matched_by(tested(later)))
        if (!takes_all(piece, 0)) return false;
    return true;
}

Remains Cover::remains(std::size_t later, std::span<const std::size_t> earlier,
                       std::vector<std::size_t>& found) {
    if (earlier.empty()) return Remains::some;
    steps_of_rule_ = 0;
    earlier_.assign(earlier.begin(), earlier.end());
    used_.assign(earlier.size(), false);
    Remains remains = Remains::nothing;
    for (std::size_t i = 0; i < classes_.all.size(); ++i) {
        if (takes_all(classes_.all[i], later)) continue;
        remains = i < classes_.readable ? Remains::some : Remains::unreadable;
        break;
    }
    if (remains == Remains::some) return remains;
    for (std::size_t i = 0; i < earlier.size(); ++i)
        if (used_[i]) found.push_back(earlier[i]);
    // A rule that matches nothing at all is no business of those before it.
    return found.empty() ? Remains::some : remains;
}

}  // namespace yett
