// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/compile: boxes as a matching engine sees them, for one class of packets.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "abi/engine.h"
#include "abi/ruleset.h"

namespace yett {

inline constexpr unsigned kCutFields = 7;  ///< of enum yett_cut_field

/// An inclusive range.
struct Span {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    bool operator==(const Span&) const = default;
};

inline constexpr std::uint32_t kNoBox = 0xffffffff;

/// What one box is in a class of packets: a product of ranges, and a box to ask besides when that
/// is not all.
struct Shape {
    std::uint32_t rule = 0;
    std::uint32_t box = kNoBox;  ///< its number in the list of boxes
    std::uint32_t names = 0;     ///< YETT_TAG_NAMES_*
    bool needs_known = false;
    /// A packet inside the ranges matches, whatever else it is.
    bool certain = false;
};

/// By number, in rule order. The ranges stand field by field: a search for cuts reads one field of
/// many.
struct Shapes {
    yett_family family = YETT_FAMILY_OTHER;
    yett_packet_class packets = YETT_CLASS_UNKNOWN;
    std::vector<Shape> shape;
    std::array<std::vector<Span>, kCutFields> field;
    std::vector<unsigned> cuts;  ///< fields that a tree may cut by

    [[nodiscard]] std::size_t size() const { return shape.size(); }
};

[[nodiscard]] constexpr bool above(const yett_address& a, const yett_address& b) {
    return a.hi != b.hi ? a.hi > b.hi : a.lo > b.lo;
}

/// Bits of a field in that family.
unsigned width_of(yett_family family, unsigned field);
Span whole_field(yett_family family, unsigned field);

/// YETT_BOX_FLOW_ALONE.
bool is_flow_alone(const yett_box& box);

/// Leaves out the boxes that match no packet of the class. `counting`: per rule, whether it only
/// counts; the boxes of such rules are taken when `wanted`, the others when not.
Shapes shapes_of(std::span<const yett_box> boxes, yett_family family, yett_packet_class packets,
                 const std::vector<bool>& counting, bool wanted);

}  // namespace yett
