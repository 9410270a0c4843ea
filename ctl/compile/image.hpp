// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/compile: the image of one bank as it grows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "abi/engine.h"
#include "abi/ruleset.h"
#include "compile/engine.hpp"

namespace yett {

/// Hands out places from the front; nothing is given back. Beyond `most` octets it says so and goes
/// on counting, so that a refusal can name the figure.
class Image {
  public:
    explicit Image(std::size_t most);
    /// Goes on with an image that was taken.
    Image(std::size_t most, std::vector<std::uint64_t> words, BoxPage boxes);

    /// Room for that many slots, all of them empty leaves. The number of the first.
    std::uint32_t slots(std::size_t count);
    void set_slot(std::uint32_t number, std::uint64_t slot);
    [[nodiscard]] std::uint64_t slot(std::uint32_t number) const { return words_[number]; }

    /// Room for records of that size (one chunk, or chunk after chunk). The place in units of 16
    /// octets; `put` writes one record, unless the image is full.
    std::uint32_t records(std::size_t count, std::size_t size);
    void put(std::uint32_t place, std::size_t number, std::span<const std::byte> record);
    /// One that was put there.
    [[nodiscard]] std::span<std::byte> record(std::uint32_t place, std::size_t number,
                                              std::size_t size);

    /// Stores a whole box. The bits of its tag.
    std::uint32_t box(const yett_box& box);
    /// The box that has this tag.
    [[nodiscard]] yett_box stored_box(std::uint32_t tag) const;
    [[nodiscard]] BoxPage boxes() const { return boxes_; }

    /// From the front to the last place.
    [[nodiscard]] std::size_t octets() const { return end_; }
    /// Of these, without what the last page of boxes has free: what packets may read.
    [[nodiscard]] std::size_t in_use() const {
        return end_ - (boxes_.page == 0 ? 0 : kBoxesInPage - boxes_.count) * sizeof(yett_box);
    }
    [[nodiscard]] bool fits() const { return end_ <= most_; }
    std::vector<std::uint64_t> take();

  private:
    static constexpr std::size_t kBoxesInPage = YETT_PAGE_OCTETS / sizeof(yett_box);

    std::size_t claim(std::size_t octets, std::size_t alignment, bool in_one_page);

    std::vector<std::uint64_t> words_;
    std::size_t most_;
    std::size_t end_ = 0;
    BoxPage boxes_;
};

/// An empty leaf.
inline constexpr std::uint64_t kEmptySlot =
    YETT_SLOT_LEAF | std::uint64_t{(1u << YETT_RULE_BITS) - 1} << YETT_SLOT_RULE;

}  // namespace yett
