// SPDX-License-Identifier: GPL-2.0-or-later
// Boxes -> shapes: which of a box's tests a record can say, and which class it can match at all.
#include "compile/shapes.hpp"

namespace yett {
namespace {

constexpr std::uint32_t kPorts = YETT_FIELD_BIT(SPORT) | YETT_FIELD_BIT(DPORT);
constexpr std::uint32_t kAddresses = YETT_FIELD_BIT(SRC) | YETT_FIELD_BIT(DST);
constexpr std::uint32_t kFive = kAddresses | kPorts | YETT_FIELD_BIT(PROTO);

struct Ranges {
    std::array<Span, kCutFields> field;
    bool exact = true;  ///< the box's addresses are no smaller than these
};

bool empty(const Span& span) {
    return span.first > span.last;
}

/// The block of addresses that shares the leading bits of both ends: the range itself, or around
/// it.
void put_long_address(const yett_address& first, const yett_address& last, unsigned high,
                      unsigned low, Ranges& ranges) {
    const auto spread = [](std::uint64_t difference) {
        return difference == 0 ? 0 : ~0ull >> __builtin_clzll(difference);
    };
    const std::uint64_t high_mask = spread(first.hi ^ last.hi);
    const std::uint64_t low_mask = high_mask != 0 ? ~0ull : spread(first.lo ^ last.lo);
    ranges.field[high] = {first.hi & ~high_mask, first.hi | high_mask};
    ranges.field[low] = {first.lo & ~low_mask, first.lo | low_mask};
    if (ranges.field[high].first != first.hi || ranges.field[high].last != last.hi ||
        ranges.field[low].first != first.lo || ranges.field[low].last != last.lo)
        ranges.exact = false;
}

/// False: no address passes.
bool put_addresses(const yett_box& box, yett_family family, Ranges& ranges) {
    const bool src = box.named & YETT_FIELD_BIT(SRC), dst = box.named & YETT_FIELD_BIT(DST);
    if ((src && above(box.src_first, box.src_last)) || (dst && above(box.dst_first, box.dst_last)))
        return false;
    if (family == YETT_FAMILY_IPV6) {
        if (src)
            put_long_address(box.src_first, box.src_last, YETT_CUT_SRC, YETT_CUT_SRC_LOW, ranges);
        if (dst)
            put_long_address(box.dst_first, box.dst_last, YETT_CUT_DST, YETT_CUT_DST_LOW, ranges);
        return true;
    }
    if (src) ranges.field[YETT_CUT_SRC] = {box.src_first.lo, box.src_last.lo};
    if (dst) ranges.field[YETT_CUT_DST] = {box.dst_first.lo, box.dst_last.lo};
    return true;
}

void put_lanes(const yett_box& box, Ranges& ranges) {
    if (box.named & YETT_FIELD_BIT(SPORT))
        ranges.field[YETT_CUT_SPORT] = {box.sport.first, box.sport.last};
    if (box.named & YETT_FIELD_BIT(DPORT))
        ranges.field[YETT_CUT_DPORT] = {box.dport.first, box.dport.last};
    if (box.named & YETT_FIELD_BIT(PROTO))
        ranges.field[YETT_CUT_PROTO] = {box.proto.first, box.proto.last};
}

/// Whether the states of the five fields alone shut the box out.
bool impossible(const yett_box& box, yett_packet_class packets, const Ranges& ranges) {
    const bool no_value = empty(ranges.field[YETT_CUT_SPORT]) ||
                          empty(ranges.field[YETT_CUT_DPORT]) ||
                          empty(ranges.field[YETT_CUT_PROTO]);
    switch (packets) {
        case YETT_CLASS_PORTS:
            return (box.absent & kFive) != 0 || no_value;
        case YETT_CLASS_NO_PORTS:
            return (box.named & kPorts) != 0 || (box.absent & kFive & ~kPorts) != 0 || no_value;
        default:
            return (box.absent & kAddresses) != 0;
    }
}

bool has_sets(const yett_box& box) {
    return box.src_set || box.src_set2 || box.dst_set || box.dst_set2 || box.sport_set ||
           box.sport_set2 || box.dport_set || box.dport_set2;
}

/// The record says all that the box does.
bool is_plain(const yett_box& box, yett_packet_class packets, const Ranges& ranges) {
    const std::uint32_t absent = packets == YETT_CLASS_NO_PORTS ? box.absent & ~kPorts : box.absent;
    const bool both_ways = (box.flags & (YETT_BOX_INGRESS_ONLY | YETT_BOX_EGRESS_ONLY)) == 0;
    return ranges.exact && both_ways && (box.named & ~kFive) == 0 && absent == 0 && !has_sets(box);
}

Shape shape_of(const yett_box& box, std::uint32_t number, yett_packet_class packets,
               const Ranges& ranges) {
    Shape shape;
    shape.rule = box.rule;
    shape.needs_known = box.flags & YETT_BOX_NEEDS_KNOWN;
    if (box.named & YETT_FIELD_BIT(SPORT)) shape.names |= YETT_TAG_NAMES_SPORT;
    if (box.named & YETT_FIELD_BIT(DPORT)) shape.names |= YETT_TAG_NAMES_DPORT;
    if (box.named & YETT_FIELD_BIT(PROTO)) shape.names |= YETT_TAG_NAMES_PROTO;
    const bool plain = is_plain(box, packets, ranges);
    if (!plain) shape.box = number;
    shape.certain = plain && (packets != YETT_CLASS_UNKNOWN || shape.names == 0);
    return shape;
}

std::vector<unsigned> cuts_of(yett_family family, yett_packet_class packets) {
    if (family == YETT_FAMILY_OTHER) return {};
    std::vector<unsigned> cuts{YETT_CUT_SRC, YETT_CUT_DST};
    if (family == YETT_FAMILY_IPV6) {
        cuts.push_back(YETT_CUT_SRC_LOW);
        cuts.push_back(YETT_CUT_DST_LOW);
    }
    if (packets == YETT_CLASS_PORTS) {
        cuts.push_back(YETT_CUT_SPORT);
        cuts.push_back(YETT_CUT_DPORT);
    }
    if (packets != YETT_CLASS_UNKNOWN) cuts.push_back(YETT_CUT_PROTO);
    return cuts;
}

}  // namespace

bool is_flow_alone(const yett_box& box) {
    constexpr std::uint32_t kFlow = kFive | YETT_FIELD_BIT(FAMILY) | YETT_FIELD_BIT(DIRECTION) |
                                    YETT_FIELD_BIT(IFACE) | YETT_FIELD_BIT(STATE);
    return ((box.named | box.absent) & ~kFlow) == 0 && !box.sport_set && !box.sport_set2 &&
           !box.dport_set && !box.dport_set2 && !box.iface_set && !box.iface_set2;
}

unsigned width_of(yett_family family, unsigned field) {
    switch (field) {
        case YETT_CUT_SPORT:
        case YETT_CUT_DPORT:
            return 16;
        case YETT_CUT_PROTO:
            return 8;
        case YETT_CUT_SRC:
        case YETT_CUT_DST:
            return family == YETT_FAMILY_IPV6 ? 64 : 32;
        default:
            return 64;
    }
}

Span whole_field(yett_family family, unsigned field) {
    return {0, ~0ull >> (64 - width_of(family, field))};
}

Shapes shapes_of(std::span<const yett_box> boxes, yett_family family, yett_packet_class packets,
                 const std::vector<bool>& counting, bool wanted) {
    Shapes shapes;
    shapes.family = family;
    shapes.packets = packets;
    shapes.cuts = cuts_of(family, packets);
    Ranges whole;
    for (unsigned i = 0; i < kCutFields; ++i)
        whole.field[i] = whole_field(family, i);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const yett_box& box = boxes[i];
        if (counting[box.rule] != wanted) continue;
        Ranges ranges = whole;
        // Frames that are not IP have no numbers: their boxes are asked as a whole.
        if (family != YETT_FAMILY_OTHER) {
            if (!put_addresses(box, family, ranges)) continue;
            put_lanes(box, ranges);
            if (impossible(box, packets, ranges)) continue;
        } else {
            ranges.exact = false;
        }
        shapes.shape.push_back(shape_of(box, static_cast<std::uint32_t>(i), packets, ranges));
        if (family == YETT_FAMILY_OTHER) shapes.shape.back().names = 0;
        for (unsigned f = 0; f < kCutFields; ++f)
            shapes.field[f].push_back(ranges.field[f]);
    }
    return shapes;
}

}  // namespace yett
