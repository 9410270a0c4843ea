// SPDX-License-Identifier: GPL-2.0-or-later
// Between "rules -> boxes" and "boxes -> the image of a matching engine".
#pragma once

#include <vector>

#include "abi/ruleset.h"
#include "base/result.hpp"
#include "compile/compile.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// The rules by which packets are judged, in order (effective_rules, without a copy of each).
using RuleList = std::vector<const Rule*>;

/// The boxes of all rules that can match a packet of one direction and family, in rule order.
struct BoxList {
    Direction direction = Direction::ingress;
    yett_family family = YETT_FAMILY_OTHER;
    std::vector<yett_box> boxes;
};

/// One list for each direction and family, ingress first, families in the order of enum
/// yett_family. Fails with kind invalid when a rule asks for what no box holds, or for more boxes
/// than a ruleset may have; the message names the rule.
Result<std::vector<BoxList>> expand(const Ruleset& ruleset, const RuleList& rules,
                                    const Slots& slots);

/// Lays the lists one after another into `tables`; equal lists share their place. Fails with kind
/// invalid beyond YETT_MAX_BOXES; the message names the rule that takes most.
Result<void> lay_out_boxes(const std::vector<BoxList>& lists, Tables& tables);

}  // namespace yett
