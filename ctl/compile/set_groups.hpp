// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/compile: rules that ask for membership of an address in a set, apart from the others
// (abi/engine.h, struct yett_trees).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "abi/engine.h"
#include "abi/ruleset.h"
#include "compile/shapes.hpp"

namespace yett {

/// Shapes of one class by what they ask of sets. Each stands in one place.
struct SetGroups {
    using Members = std::vector<std::uint32_t>;
    /// By party (source, destination) and slot: the address must be in that set.
    std::array<std::map<std::uint32_t, Members>, YETT_SET_PARTIES> wanted;
    Members asking;             ///< the others that ask
    std::uint32_t parties = 0;  ///< bit enum yett_party: whose sets are asked for
    std::uint32_t first = YETT_NO_RULE;
};

/// Takes the shapes that ask for sets out of `members`.
SetGroups take_set_groups(const Shapes& shapes, std::span<const yett_box> boxes,
                          std::vector<std::uint32_t>& members);

/// Whose sets a box asks for, of the addresses that packets of the family have: bits of enum
/// yett_party.
std::uint32_t parties_of(const yett_box& box, yett_family family);

}  // namespace yett
