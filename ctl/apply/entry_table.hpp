// SPDX-License-Identifier: GPL-2.0-or-later
// A flat hash table of what the daemon knows of each entry: no node, no pointer an entry.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "apply/entry.hpp"

namespace yett {

/// What is kept of an entry besides its value. flags == 0: a free place.
struct EntryNote {
    std::uint32_t added = 0;    ///< seconds since 1970, UTC
    std::uint32_t expires = 0;  ///< in units of YETT_SET_TICK_SHIFT, 0 = never
    std::uint16_t reason = 0;   ///< number of a string, 0 = none
    std::uint8_t flags = 0;
};

/// 16 octets for what lists are made of.
struct Record4 {
    std::uint32_t address = 0;
    std::uint32_t added = 0;
    std::uint32_t expires = 0;
    std::uint16_t reason = 0;
    std::uint8_t length = 0;
    std::uint8_t flags = 0;

    Record4() = default;
    Record4(const EntryValue& value, const EntryNote& note)
        : address(static_cast<std::uint32_t>(value.lo())),
          added(note.added),
          expires(note.expires),
          reason(note.reason),
          length(value.length()),
          flags(note.flags) {}
    [[nodiscard]] bool is(const EntryValue& value) const {
        return address == value.lo() && length == value.length();
    }
    [[nodiscard]] EntryValue value() const {
        return EntryValue::from_words(EntryKind::prefix4, 0, address, length);
    }
    [[nodiscard]] EntryNote note() const { return {added, expires, reason, flags}; }
};
static_assert(sizeof(Record4) == 16);

/// 32 octets for everything else.
struct WideRecord {
    std::uint64_t hi = 0;
    std::uint64_t lo = 0;
    std::uint32_t added = 0;
    std::uint32_t expires = 0;
    std::uint16_t reason = 0;
    EntryKind kind = EntryKind::prefix6;
    std::uint8_t length = 0;
    std::uint8_t flags = 0;

    WideRecord() = default;
    WideRecord(const EntryValue& value, const EntryNote& note)
        : hi(value.hi()),
          lo(value.lo()),
          added(note.added),
          expires(note.expires),
          reason(note.reason),
          kind(value.kind()),
          length(value.length()),
          flags(note.flags) {}
    [[nodiscard]] bool is(const EntryValue& value) const { return this->value() == value; }
    [[nodiscard]] EntryValue value() const { return EntryValue::from_words(kind, hi, lo, length); }
    [[nodiscard]] EntryNote note() const { return {added, expires, reason, flags}; }
};
static_assert(sizeof(WideRecord) == 32);

/// Another one for each table of this process, which nobody outside can guess.
std::uint64_t fresh_salt();

/// Open addressing, linear probing, at most 4/5 full; removing moves what follows back. Each table
/// has a salt of its own: what comes in the order of another table, from a file that was written in
/// it, say, would else pile up in one corner while this one grows, and take time by the square.
template <typename Record>
class EntryTable {
  public:
    [[nodiscard]] std::size_t size() const { return size_; }
    /// Places that were looked at so far, and records that moved: what the time goes to.
    [[nodiscard]] std::uint64_t steps() const { return steps_; }

    [[nodiscard]] EntryNote find(const EntryValue& value) const {
        if (places_.empty()) return {};
        return places_[place_of(value)].note();
    }

    /// Sets what is known of the value; note.flags must not be 0.
    void put(const EntryValue& value, const EntryNote& note) {
        if (room() <= size_) resize(size_ + size_ / 2 + 8);
        auto& place = places_[place_of(value)];
        size_ += place.note().flags == 0;
        place = Record(value, note);
    }

    void erase(const EntryValue& value) {
        if (places_.empty()) return;
        auto hole = place_of(value);
        if (places_[hole].note().flags == 0) return;
        --size_;
        for (auto at = next(hole); places_[at].note().flags != 0; at = next(at), ++steps_) {
            const auto home = home_of(places_[at].value());
            // It may move back only to where its search still passes.
            const bool passes =
                hole <= at ? (home <= hole || home > at) : (home <= hole && home > at);
            if (!passes) continue;
            places_[hole] = places_[at];
            hole = at;
        }
        places_[hole] = Record();
    }

    /// Exact for what comes at once; what is there already seldom moves.
    void reserve(std::size_t entries) {
        if (room() >= entries) return;
        resize(size_ == 0 ? entries : std::max(entries, size_ + size_ / 8 + 8));
    }
    /// How often everything had to move so far.
    [[nodiscard]] std::size_t moves() const { return moves_; }

    template <typename Use>
    void for_each(Use use) const {
        for (const auto& record : places_) {
            if (record.note().flags != 0) use(record.value(), record.note());
        }
    }

  private:
    [[nodiscard]] std::size_t room() const { return places_.size() / 5 * 4; }
    [[nodiscard]] std::size_t next(std::size_t at) const {
        return at + 1 < places_.size() ? at + 1 : 0;
    }
    [[nodiscard]] std::size_t home_of(const EntryValue& value) const {
        std::uint64_t hash = value.hi() * 0x9e3779b97f4a7c15ull ^ value.lo() ^ salt_;
        hash = (hash ^ std::uint64_t{value.length()} << 56) * 0xd6e8feb86659fd93ull;
        hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93ull;
        return static_cast<std::size_t>(
            static_cast<unsigned __int128>(hash ^ hash >> 32 ^ hash << 32) * places_.size() >> 64);
    }
    /// Where it is, or the free place where its search ends.
    [[nodiscard]] std::size_t place_of(const EntryValue& value) const {
        auto at = home_of(value);
        for (++steps_; places_[at].note().flags != 0 && !places_[at].is(value); ++steps_)
            at = next(at);
        return at;
    }
    void resize(std::size_t entries) {
        EntryTable larger;
        larger.salt_ = salt_;  // in this order they come in the order of their new places
        larger.moves_ = moves_ + 1;
        larger.steps_ = steps_;
        larger.places_.resize((entries / 4 + 2) * 5);
        for_each([&](const EntryValue& value, const EntryNote& note) { larger.put(value, note); });
        *this = std::move(larger);
    }

    std::vector<Record> places_;
    std::uint64_t salt_ = fresh_salt();
    mutable std::uint64_t steps_ = 0;
    std::size_t size_ = 0;
    std::size_t moves_ = 0;
};

}  // namespace yett
