// SPDX-License-Identifier: GPL-2.0-or-later
// Ranges, lanes and tags side by side, as abi/engine.h says.
#include "compile/record.hpp"

#include <cstring>

namespace yett {
namespace {

std::uint64_t lanes(std::uint64_t sport, std::uint64_t dport, std::uint64_t proto) {
    return sport << YETT_LANE_SPORT | dport << YETT_LANE_DPORT | proto << YETT_LANE_PROTO;
}

/// What the tag of `high` says beside YETT_TAG_NEEDS_KNOWN.
std::uint32_t tail_of(const Shape& shape, BoxTags& tags, Image& image) {
    if (shape.box == kNoBox) {
        const yett_action& action = tags.actions[shape.rule];
        return action.kind == YETT_ACTION_DROP ? YETT_TAG_DROPS | action.counter : 0;
    }
    std::uint32_t& tag = tags.tags[shape.box];
    if (tag == 0) {
        yett_box box = tags.boxes[shape.box];
        if (is_flow_alone(box)) box.flags |= YETT_BOX_FLOW_ALONE;
        tag = image.box(box);
    }
    return tag;
}

template <typename Words>
Record pack(const Words& words) {
    Record record;
    static_assert(sizeof words <= sizeof record.octets);
    std::memcpy(record.octets.data(), &words, sizeof words);
    record.size = sizeof words;
    return record;
}

}  // namespace

Record record_of(const Shapes& shapes, std::uint32_t member, BoxTags& tags, Image& image) {
    const Shape& shape = shapes.shape[member];
    const auto span = [&](unsigned f) -> const Span& { return shapes.field[f][member]; };
    const std::uint64_t tail = tail_of(shape, tags, image);
    const std::uint64_t low =
        lanes(span(YETT_CUT_SPORT).first, span(YETT_CUT_DPORT).first, span(YETT_CUT_PROTO).first) |
        std::uint64_t{shape.rule | shape.names} << YETT_TAG_SHIFT;
    const std::uint64_t high =
        lanes(span(YETT_CUT_SPORT).last, span(YETT_CUT_DPORT).last, span(YETT_CUT_PROTO).last) |
        YETT_GUARDS | (tail | (shape.needs_known ? YETT_TAG_NEEDS_KNOWN : 0)) << YETT_TAG_SHIFT;
    if (shapes.family != YETT_FAMILY_IPV6) {
        return pack(yett_record4{static_cast<__u32>(span(YETT_CUT_SRC).first),
                                 static_cast<__u32>(span(YETT_CUT_SRC).last),
                                 static_cast<__u32>(span(YETT_CUT_DST).first),
                                 static_cast<__u32>(span(YETT_CUT_DST).last), low, high});
    }
    yett_record6 record{};
    constexpr unsigned kParts[] = {YETT_CUT_SRC, YETT_CUT_SRC_LOW, YETT_CUT_DST, YETT_CUT_DST_LOW};
    for (unsigned i = 0; i < 4; ++i) {
        record.value[i] = span(kParts[i]).first;
        record.mask[i] = ~(span(kParts[i]).first ^ span(kParts[i]).last);
    }
    record.low = low;
    record.high = high;
    return pack(record);
}

std::uint32_t RecordWords::box() const {
    const auto more = static_cast<std::uint32_t>(high >> YETT_TAG_SHIFT);
    return (more & YETT_TAG_DROPS) != 0 ? 0 : more & ((1u << YETT_TAG_BOX_BITS) - 1);
}

RecordWords words_of(std::span<const std::byte> record) {
    RecordWords words;
    std::memcpy(&words, record.data() + record.size() - sizeof words, sizeof words);
    return words;
}

void set_rule(std::span<std::byte> record, std::uint32_t rule) {
    constexpr std::uint64_t kRuleMask = ((1ull << YETT_RULE_BITS) - 1) << YETT_TAG_SHIFT;
    RecordWords words = words_of(record);
    words.low = (words.low & ~kRuleMask) | std::uint64_t{rule} << YETT_TAG_SHIFT;
    std::memcpy(record.data() + record.size() - sizeof words, &words, sizeof words);
}

}  // namespace yett
