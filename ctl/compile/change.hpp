// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/compile: what an edit of a rule file means for the tables.
#pragma once

#include <cstddef>
#include <optional>

#include "compile/box_list.hpp"
#include "compile/patch.hpp"

namespace yett {

/// Where the operator's rules differ.
struct ChangedRules {
    std::size_t first = 0;
    std::size_t gone = 0;  ///< of the rules before
    std::size_t come = 0;  ///< of the rules after
};

/// Nothing where the rulesets differ in more than a few rules in a row, or in what all boxes hang
/// on (slots of sets, exceptions), or where a rule with a limit is among them.
std::optional<ChangedRules> changed_rules(const RulesetSource& before, const RulesetSource& after);

/// `implied`: what stands around the operator's rules. Nothing where a rule that comes has too many
/// boxes, or asks for what no box holds.
std::optional<RuleChange> change_of(const ChangedRules& changed, const ImpliedRules& implied,
                                    const RuleList& come, const RulesetSource& after);

}  // namespace yett
