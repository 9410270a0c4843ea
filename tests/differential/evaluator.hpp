// SPDX-License-Identifier: GPL-2.0-or-later
// Reads compiled tables the way the law at struct yett_box says, in plain C++: no BPF, no root.
#pragma once

#include "check/judge.hpp"
#include "compile/compile.hpp"
#include "model/ruleset.hpp"

namespace yett::testing {

/// Judges a packet by the tables. The rule's name and the reason as judge() gives them.
Judgement evaluate(const Tables& tables, const Slots& slots, const Ruleset& ruleset,
                   const PacketView& packet);

}  // namespace yett::testing
