// SPDX-License-Identifier: GPL-2.0-or-later
// The pieces of memory that tables of sets are made of (yett_set_segments).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "bpf/map.hpp"

namespace yett {

/// A new segment: an array of YETT_SET_SEGMENT_LINES lines of zeros. Freed with its last reference:
/// this descriptor, a mapping, or a place in yett_set_segments.
Result<Fd> create_segment();

/// Consecutive segments as one stretch of memory. The destructor unmaps it; what stands in
/// yett_set_segments stays there.
class SegmentRun {
  public:
    SegmentRun() = default;
    /// New segments, put in place from `first` on, where nothing may stand. Fails as a whole.
    static Result<SegmentRun> create(const Map& segments, std::uint32_t first, std::uint32_t count);
    /// Those that stand there. Kind invalid: one is missing.
    static Result<SegmentRun> open(const Map& segments, std::uint32_t first, std::uint32_t count);

    SegmentRun(SegmentRun&& other) noexcept;
    SegmentRun& operator=(SegmentRun&& other) noexcept;
    ~SegmentRun();

    [[nodiscard]] std::byte* data() const { return data_; }
    [[nodiscard]] std::uint32_t first() const { return first_; }
    [[nodiscard]] std::uint32_t count() const { return count_; }

  private:
    static Result<SegmentRun> reserve(std::uint32_t first, std::uint32_t count);
    Result<void> map_in(std::uint32_t index, const Fd& segment);

    std::byte* data_ = nullptr;
    std::uint32_t first_ = 0;
    std::uint32_t count_ = 0;
};

/// Takes segments out of their places. Waits until no packet can be in them.
Result<void> remove_segments(const Map& segments, std::uint32_t first, std::uint32_t count);
/// Which places hold something.
Result<std::vector<bool>> used_segments(const Map& segments);

}  // namespace yett
