// SPDX-License-Identifier: GPL-2.0-or-later
// The tables of sets in the kernel: entries by slot, room for them, and what is there after a
// restart.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "apply/entry.hpp"
#include "apply/set_lines.hpp"
#include "base/result.hpp"
#include "bpf/data_plane.hpp"
#include "bpf/segment.hpp"

namespace yett {

inline constexpr std::uint64_t kDefaultSetMemory = std::uint64_t{512} << 20;

/// How full the tables are, by family (MAC addresses count as IPv6).
struct SetUsage {
    std::size_t entries[YETT_SET_TABLES] = {};
    std::size_t capacity[YETT_SET_TABLES] = {};
    std::uint64_t bytes = 0;   ///< of table memory
    std::uint64_t budget = 0;  ///< that it may not exceed
};

/// The only writer of the tables. Dropping it changes nothing in the kernel; they are pinned with
/// the data plane, which must outlive this. A change is seen by the next packet: it is a few
/// stores.
class SetTables {
  public:
    /// Takes over the tables that stand; frees what a crash left beside them.
    static Result<SetTables> open(const DataPlane& plane, std::uint64_t budget = kDefaultSetMemory);

    /// Makes room for so many more entries. Refused, with the figures, when that would take more
    /// memory than the budget or the kernel gives; then nothing has changed. A table that grows is
    /// built beside and switched, so both count for that moment.
    Result<void> reserve(std::size_t more4, std::size_t more6);
    /// True: what was accepted once comes back, and only the kernel may refuse.
    void ignore_budget(bool ignore) { ignore_budget_ = ignore; }

    /// Adds an entry, or gives it another end: CLOCK_BOOTTIME nanoseconds, 0 = never. Fails only
    /// where reserve() would.
    Result<void> put(const EntryValue& value, std::uint16_t slot, std::uint64_t expires);
    /// False: it was not there.
    bool erase(const EntryValue& value, std::uint16_t slot);
    /// Empties slots, of whatever names, in one walk.
    void clear(const std::map<std::string, std::uint16_t>& slots);
    void clear_all();
    /// The end of an entry, rounded up as packets see it. Nothing: it is not there.
    [[nodiscard]] std::optional<std::uint64_t> find(const EntryValue& value,
                                                    std::uint16_t slot) const;

    /// Calls use(value, slot, expires) for all there is.
    template <typename Use>
    void for_each(Use use) const {
        const auto each = [&](const SetEntry& entry, Family family) {
            use(EntryValue::from_key(entry.key, family), entry.slot, from_ticks(entry.expires));
        };
        four_.table.for_each([&](const SetEntry& e) { each(e, Family::ipv4); });
        six_.table.for_each([&](const SetEntry& e) { each(e, Family::ipv6); });
    }

    /// For quiet moments: grows ahead of need, and drops what removed entries left in the filter.
    void maintain();
    [[nodiscard]] SetUsage usage() const;

    /// Time as entries carry it; rounded up, so that nothing ends early.
    static std::uint32_t to_ticks(std::uint64_t nanoseconds);
    static std::uint64_t from_ticks(std::uint32_t ticks);

  private:
    template <typename Layout>
    struct Half {
        SegmentRun run;
        SetTable<Layout> table;
    };
    SetTables(const DataPlane& plane, std::uint64_t budget, MappedArray control,
              MappedArray lengths4, MappedArray lengths6, const yett_seed& seed);

    [[nodiscard]] yett_set_control& control() const;
    template <typename Layout>
    Half<Layout>& half();
    template <typename Layout>
    typename Layout::Lengths* directory() const;
    template <typename Layout>
    Result<void> adopt();
    template <typename Layout>
    Result<void> grow(std::size_t entries);
    template <typename Layout>
    Result<void> try_to_grow(std::size_t entries);
    template <typename Layout>
    Result<void> put_in(const SetEntry& entry);
    Result<void> check_budget(std::uint32_t segments, std::size_t entries) const;
    Result<std::uint32_t> find_run(std::uint32_t segments) const;
    Result<void> drop_leftovers();
    void release(const SegmentRun& run);

    const DataPlane* plane_;
    std::uint64_t budget_;
    bool ignore_budget_ = false;
    MappedArray control_, lengths4_, lengths6_;
    yett_seed seed_;
    std::vector<bool> used_ = std::vector<bool>(YETT_SET_SEGMENTS);
    Half<Layout4> four_;
    Half<Layout6> six_;
};

}  // namespace yett
