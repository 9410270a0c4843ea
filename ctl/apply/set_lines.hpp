// SPDX-License-Identifier: GPL-2.0-or-later
// One table of sets (abi/sets.h), written while packets read it. Pure: it knows memory, not maps.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "abi/meter.h"
#include "abi/sets.h"

namespace yett {

/// A prefix; with codes from YETT_SET_CODE_MAC on one of MAC addresses, in `hi`. IPv4: in `lo`.
struct SetKey {
    std::uint64_t hi = 0;
    std::uint64_t lo = 0;
    std::uint8_t code = 0;  ///< host bits; of MAC addresses: YETT_SET_CODE_MAC + host bits

    bool operator==(const SetKey&) const = default;
};

struct SetEntry {
    SetKey key;
    std::uint16_t slot = 0;
    std::uint32_t expires = 0;  ///< in units of YETT_SET_TICK_SHIFT, 0 = never
};

enum class PutResult { added, refreshed, no_room };

/// What differs between the table of IPv4 and the table of IPv6.
struct Layout4 {
    using Line = yett_set_line4;
    using Lengths = std::uint64_t;
    static constexpr unsigned kWays = YETT_SET_WAYS4;
    /// Entries for each line that a table is made for: 75 % full.
    static constexpr double kFill = 3.75;

    static std::uint64_t hash(const yett_seed& seed, const SetKey& key);
    static void note_length(const yett_seed& seed, const SetKey& key, Lengths* directory,
                            yett_set_table& table);
    static bool is_taken(const Line& line, unsigned way);
    static SetEntry read(const Line& line, unsigned way);
    static void write(Line& line, unsigned way, const SetEntry& entry, std::uint64_t version);
    static void clear(Line& line, unsigned way);
};

struct Layout6 {
    using Line = yett_set_line6;
    using Lengths = yett_set_lengths6;
    static constexpr unsigned kWays = YETT_SET_WAYS6;
    /// 50 % full: lines of two overflow sooner than lines of five.
    static constexpr double kFill = 1.0;

    static std::uint64_t hash(const yett_seed& seed, const SetKey& key);
    static void note_length(const yett_seed& seed, const SetKey& key, Lengths* directory,
                            yett_set_table& table);
    static bool is_taken(const Line& line, unsigned way);
    static SetEntry read(const Line& line, unsigned way);
    static void write(Line& line, unsigned way, const SetEntry& entry, std::uint64_t version);
    static void clear(Line& line, unsigned way);
};

/// Where a table of `entries` entries stands: whole segments, parted between lines and filter.
struct SetShape {
    std::uint32_t segments = 0;
    std::uint32_t lines = 0;
    std::uint32_t blocks = 0;
};
template <typename Layout>
SetShape shape_for(std::size_t entries);

/// Writes a table in place. Every store leaves it whole for a packet that reads at that moment: an
/// entry is seen completely or not at all. Owns no memory.
template <typename Layout>
class SetTable {
  public:
    /// `lines` holds table->lines lines, and behind them the filter. Both may hold entries already.
    SetTable(std::byte* lines, yett_set_table* table, typename Layout::Lengths* directory,
             const yett_seed& seed);

    /// Adds the entry, or gives the one that is there another end.
    PutResult put(const SetEntry& entry);
    /// False: there is none.
    bool erase(const SetKey& key, std::uint16_t slot);
    /// Removes every entry of the slots for which `slots` says true; it has an element for each.
    void clear(const std::vector<bool>& slots);
    [[nodiscard]] std::optional<std::uint32_t> find(const SetKey& key, std::uint16_t slot) const;

    [[nodiscard]] std::size_t size() const { return size_; }
    /// Entries that fit before the table should grow.
    [[nodiscard]] std::size_t capacity() const {
        return static_cast<std::size_t>(table_->lines * Layout::kFill);
    }
    /// Entries that were removed since the filter and the lengths were made: they may still be in
    /// those, which costs time, not truth.
    [[nodiscard]] std::size_t stale() const { return stale_; }
    /// Makes filter, lengths and reaches say what is there, and nothing else.
    void tidy();

    template <typename Use>
    void for_each(Use use) const {
        for (std::uint32_t at = 0; at < table_->lines; ++at) {
            for (unsigned way = 0; way < Layout::kWays; ++way) {
                if (Layout::is_taken(lines_[at], way)) use(Layout::read(lines_[at], way));
            }
        }
    }

  private:
    struct Place {
        typename Layout::Line* line = nullptr;
        unsigned way = 0;
    };
    /// The lines where entries of a hash may stand, in order.
    struct Probe {
        Probe(std::uint64_t hash, std::uint32_t lines);
        void next();

        std::uint32_t line, step, lines;
        bool second = false;
    };
    [[nodiscard]] Place find_place(const SetKey& key, std::uint16_t slot) const;
    void mark(std::uint64_t hash, std::uint64_t* blocks) const;

    typename Layout::Line* lines_;
    yett_set_table* table_;
    typename Layout::Lengths* directory_;
    yett_seed seed_;
    std::size_t size_ = 0;
    std::size_t stale_ = 0;
    std::uint64_t version_ = 0;
};

extern template class SetTable<Layout4>;
extern template class SetTable<Layout6>;

}  // namespace yett
