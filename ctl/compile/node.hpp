// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/compile: the slots of a tree, written and read. Their bits stand in abi/engine.h.
#pragma once

#include <cstdint>

#include "abi/engine.h"
#include "compile/cut.hpp"

namespace yett {

/// Where a node's children stand, and which of them a packet goes to.
struct Node {
    std::uint32_t first = 0;  ///< number of the first child's slot
    Cut cut;

    [[nodiscard]] std::uint32_t children() const { return 1u << cut.bits(); }
};

/// Where a leaf's records stand.
struct LeafPlace {
    std::uint32_t place = 0;  ///< of the first, in units of YETT_PLACE_UNIT octets
    std::uint32_t count = 0;
    std::uint32_t rule = 0;  ///< the first among them
};

std::uint64_t slot_of(const Node& node);
std::uint64_t slot_of(const LeafPlace& leaf);
[[nodiscard]] inline bool is_leaf(std::uint64_t slot) {
    return (slot & YETT_SLOT_LEAF) != 0;
}
/// Of a slot that is not a leaf.
Node node_of(std::uint64_t slot);
/// Of a slot that is one; an empty leaf has count 0.
LeafPlace leaf_of(std::uint64_t slot);

/// The part of a region that leads to one child of a node; `row` and `column` are its numbers in
/// the two windows.
Region part_of(const Region& region, const Cut& cut, std::uint32_t row, std::uint32_t column);

}  // namespace yett
