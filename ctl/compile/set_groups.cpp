// SPDX-License-Identifier: GPL-2.0-or-later
// Boxes that ask for sets, by the set that a packet must be in.
#include "compile/set_groups.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "abi/sets.h"

namespace yett {
namespace {

/// The party and slot of a set that the box wants the source or destination in.
std::optional<std::pair<unsigned, std::uint32_t>> wanted_set(const yett_box& box) {
    const struct {
        unsigned party;
        std::uint32_t slot, opposite;
    } tests[] = {{YETT_PARTY_SRC, box.src_set, YETT_BOX_NOT_SRC_SET},
                 {YETT_PARTY_SRC, box.src_set2, YETT_BOX_NOT_SRC_SET2},
                 {YETT_PARTY_DST, box.dst_set, YETT_BOX_NOT_DST_SET},
                 {YETT_PARTY_DST, box.dst_set2, YETT_BOX_NOT_DST_SET2}};
    for (const auto& test : tests)
        if (test.slot != 0 && (box.flags & test.opposite) == 0)
            return std::pair{test.party, test.slot};
    return std::nullopt;
}

}  // namespace

std::uint32_t parties_of(const yett_box& box, yett_family family) {
    std::uint32_t parties = 0;
    if (box.smac_set != 0 || box.smac_set2 != 0) parties |= 1u << YETT_PARTY_SMAC;
    if (box.dmac_set != 0 || box.dmac_set2 != 0) parties |= 1u << YETT_PARTY_DMAC;
    if (family == YETT_FAMILY_OTHER) return parties;
    if (box.src_set != 0 || box.src_set2 != 0) parties |= 1u << YETT_PARTY_SRC;
    if (box.dst_set != 0 || box.dst_set2 != 0) parties |= 1u << YETT_PARTY_DST;
    return parties;
}

SetGroups take_set_groups(const Shapes& shapes, std::span<const yett_box> boxes,
                          std::vector<std::uint32_t>& members) {
    SetGroups groups;
    std::erase_if(members, [&](std::uint32_t member) {
        const Shape& shape = shapes.shape[member];
        if (shape.box == kNoBox) return false;
        const yett_box& box = boxes[shape.box];
        const std::uint32_t parties = parties_of(box, shapes.family);
        if (parties == 0) return false;
        groups.parties |= parties;
        groups.first = std::min(groups.first, shape.rule);
        const auto wanted = shapes.family == YETT_FAMILY_OTHER ? std::nullopt : wanted_set(box);
        auto& group = wanted ? groups.wanted[wanted->first][wanted->second] : groups.asking;
        group.push_back(member);
        return true;
    });
    return groups;
}

}  // namespace yett
