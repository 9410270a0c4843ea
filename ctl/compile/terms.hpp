// SPDX-License-Identifier: GPL-2.0-or-later
// A match as an OR of terms, each an AND with one constraint a field (disjunctive normal form).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "abi/fields.h"
#include "compile/compile.hpp"
#include "compile/constraint.hpp"
#include "compile/scope.hpp"

namespace yett {

/// All constraints must hold. A field that is not in here may be anything.
using Term = std::map<yett_field, Constraint>;

/// Terms without those that match no packet of the scope. `needs_known`: the rule matches on true
/// alone; without, also on unknown. Both readings of Kleene's logic turn AND, OR and
/// NOT-moved-inwards into the Boolean ones, so the distributive law holds and the OR of the terms
/// is the match, state by state. Every set and interface must have its slot. Empty: more than
/// `most` terms.
std::optional<std::vector<Term>> terms_of(const Match& match, const ListScope& scope,
                                          const Slots& slots, bool needs_known, std::size_t most);

}  // namespace yett
