// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/compile: what a leaf says of one shape.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "abi/engine.h"
#include "abi/ruleset.h"
#include "compile/image.hpp"
#include "compile/shapes.hpp"

namespace yett {

/// What the boxes of one list were stored as; a box is stored once, whoever asks for it.
struct BoxTags {
    std::span<const yett_box> boxes;
    std::vector<std::uint32_t> tags;       ///< by number in the list; 0: not stored yet
    std::span<const yett_action> actions;  ///< by rule
};

/// A struct yett_record4, or for IPv6 a struct yett_record6.
struct Record {
    std::array<std::byte, sizeof(yett_record6)> octets{};
    std::size_t size = 0;

    [[nodiscard]] std::span<const std::byte> bytes() const { return {octets.data(), size}; }
};

/// Octets of a record, and how many of them are in a chunk.
[[nodiscard]] constexpr std::size_t record_size(yett_family family) {
    return family == YETT_FAMILY_IPV6 ? sizeof(yett_record6) : sizeof(yett_record4);
}
[[nodiscard]] constexpr std::size_t chunk_records(yett_family family) {
    return family == YETT_FAMILY_IPV6 ? YETT_CHUNK_RECORDS6 : YETT_CHUNK_RECORDS4;
}

/// Stores the shape's box in the image, if it has one that is not there yet.
Record record_of(const Shapes& shapes, std::uint32_t member, BoxTags& tags, Image& image);

/// `low` and `high` of a record in an image stand at its end in both families.
struct RecordWords {
    std::uint64_t low = 0;
    std::uint64_t high = 0;

    [[nodiscard]] std::uint32_t rule() const {
        return static_cast<std::uint32_t>(low >> YETT_TAG_SHIFT) & ((1u << YETT_RULE_BITS) - 1);
    }
    /// The tag of the whole box that must be asked, too; 0: none.
    [[nodiscard]] std::uint32_t box() const;
};
RecordWords words_of(std::span<const std::byte> record);
/// Makes it a record of another rule.
void set_rule(std::span<std::byte> record, std::uint32_t rule);

}  // namespace yett
