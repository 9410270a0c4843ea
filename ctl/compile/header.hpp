// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/compile: what a bank says of a ruleset besides boxes and trees.
#pragma once

#include "abi/ruleset.h"
#include "compile/box_list.hpp"
#include "compile/compile.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// All but its limit. `beats_ban`: whatever the rule says itself.
yett_action action_of(const Rule& rule, bool beats_ban, const Slots& slots);

/// Bit r: reason r does not drop (yett_ruleset::exceptions_pass).
__u64 exceptions_pass(const Ruleset& ruleset);

/// Everything but generation and trees.
void fill_header(const Ruleset& ruleset, const RuleList& rules, const Slots& slots,
                 yett_ruleset& header);

}  // namespace yett
