// SPDX-License-Identifier: GPL-2.0-or-later
// Windows as shifts to the left and right.
#include "compile/node.hpp"

namespace yett {
namespace {

constexpr std::uint64_t kPlaceMask = (1ull << YETT_SLOT_PLACE_BITS) - 1;

std::uint64_t bits_of(const Window& window) {
    if (window.bits == 0) return 63u << 9;
    const std::uint64_t left = 64 - window.shift - window.bits;
    return window.field | left << 3 | std::uint64_t{63 - window.bits} << 9;
}

Window window_of(std::uint64_t bits) {
    Window window;
    window.bits = 63 - static_cast<unsigned>(bits >> 9 & 63);
    if (window.bits == 0) return window;
    window.field = static_cast<unsigned>(bits & (YETT_CUT_FIELDS - 1));
    window.shift = 64 - static_cast<unsigned>(bits >> 3 & 63) - window.bits;
    return window;
}

/// The part of a range that leads to one child, where the window begins at the range's top.
Span part_of_span(const Span& span, const Window& window, std::uint64_t child) {
    if (window.bits == 0) return span;
    const std::uint64_t mask = (1ull << window.bits) - 1, block = (1ull << window.shift) - 1;
    const bool whole = (span.last - span.first) >> window.shift == mask &&
                       (span.first & block) == 0 && (span.last & block) == block &&
                       (span.first >> window.shift & mask) == 0;
    if (!whole) return span;
    const std::uint64_t first = span.first + (child << window.shift);
    return {first, first + block};
}

}  // namespace

std::uint64_t slot_of(const Node& node) {
    return node.first | bits_of(node.cut.a) << YETT_SLOT_WINDOW_A |
           bits_of(node.cut.b) << YETT_SLOT_WINDOW_B;
}

std::uint64_t slot_of(const LeafPlace& leaf) {
    return YETT_SLOT_LEAF | leaf.place | std::uint64_t{leaf.count} << YETT_SLOT_COUNT |
           std::uint64_t{leaf.rule} << YETT_SLOT_RULE;
}

Node node_of(std::uint64_t slot) {
    return {static_cast<std::uint32_t>(slot & kPlaceMask),
            {window_of(slot >> YETT_SLOT_WINDOW_A), window_of(slot >> YETT_SLOT_WINDOW_B)}};
}

LeafPlace leaf_of(std::uint64_t slot) {
    const auto part = [&](unsigned from, unsigned bits) {
        return static_cast<std::uint32_t>(slot >> from & ((1ull << bits) - 1));
    };
    return {part(0, YETT_SLOT_PLACE_BITS), part(YETT_SLOT_COUNT, YETT_SLOT_COUNT_BITS),
            part(YETT_SLOT_RULE, YETT_RULE_BITS)};
}

Region part_of(const Region& region, const Cut& cut, std::uint32_t row, std::uint32_t column) {
    Region part = region;
    part[cut.a.field] = part_of_span(region[cut.a.field], cut.a, row);
    if (cut.b.bits != 0) part[cut.b.field] = part_of_span(region[cut.b.field], cut.b, column);
    return part;
}

}  // namespace yett
