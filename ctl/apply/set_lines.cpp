// SPDX-License-Identifier: GPL-2.0-or-later
// Placing, finding and removing entries of a table.
#include "apply/set_lines.hpp"

#include <algorithm>
#include <cmath>

namespace yett {
namespace {

/// One word of the filter for so many entries: 16 bits each.
constexpr double kEntriesOfBlock = 4;
constexpr std::uint32_t kBlocksOfLine = 8;

void store(std::uint64_t& to, std::uint64_t value) {
    if (to != value) std::atomic_ref<std::uint64_t>(to).store(value, std::memory_order_relaxed);
}

/// Word by word, so that a packet sees each word before or after.
template <typename Element>
void store_all(Element* to, const std::vector<Element>& from) {
    static_assert(sizeof(Element) % sizeof(std::uint64_t) == 0);
    auto* words = reinterpret_cast<std::uint64_t*>(to);
    const auto* source = reinterpret_cast<const std::uint64_t*>(from.data());
    for (std::size_t i = 0; i < from.size() * sizeof(Element) / sizeof(std::uint64_t); ++i)
        store(words[i], source[i]);
}

}  // namespace

template <typename Layout>
SetShape shape_for(std::size_t entries) {
    const double filter = Layout::kFill / kEntriesOfBlock / kBlocksOfLine;
    const double wanted = std::ceil(static_cast<double>(entries) / Layout::kFill) * (1 + filter);
    SetShape shape;
    shape.segments = std::max<std::uint32_t>(
        1, static_cast<std::uint32_t>(std::ceil(wanted / YETT_SET_SEGMENT_LINES)));
    const auto all = shape.segments * YETT_SET_SEGMENT_LINES;
    shape.lines = static_cast<std::uint32_t>(all / (1 + filter)) / 2 * 2;
    shape.blocks = (all - shape.lines) * kBlocksOfLine;
    return shape;
}
template SetShape shape_for<Layout4>(std::size_t);
template SetShape shape_for<Layout6>(std::size_t);

template <typename Layout>
SetTable<Layout>::SetTable(std::byte* lines, yett_set_table* table,
                           typename Layout::Lengths* directory, const yett_seed& seed)
    : lines_(reinterpret_cast<typename Layout::Line*>(lines)),
      table_(table),
      directory_(directory),
      seed_(seed) {
    if (lines_ == nullptr) return;
    for_each([&](const SetEntry&) { ++size_; });
}

template <typename Layout>
SetTable<Layout>::Probe::Probe(std::uint64_t hash, std::uint32_t lines_there)
    : line(static_cast<std::uint32_t>((hash >> 32) * lines_there >> 32)),
      step(1 + static_cast<std::uint32_t>(
                   std::uint64_t{static_cast<std::uint32_t>(hash)} * (lines_there / 2 - 1) >> 32)),
      lines(lines_there) {}

template <typename Layout>
void SetTable<Layout>::Probe::next() {
    line ^= 1;
    if (second) {
        line += 2 * step;
        if (line >= lines) line -= lines;
    }
    second = !second;
}

template <typename Layout>
typename SetTable<Layout>::Place SetTable<Layout>::find_place(const SetKey& key,
                                                              std::uint16_t slot) const {
    if (table_->lines == 0) return {};
    Probe probe(Layout::hash(seed_, key), table_->lines);
    const auto reach = lines_[probe.line].reach;
    for (std::uint32_t distance = 0; distance <= reach; ++distance, probe.next()) {
        auto& line = lines_[probe.line];
        for (unsigned way = 0; way < Layout::kWays; ++way) {
            if (!Layout::is_taken(line, way)) continue;
            const auto entry = Layout::read(line, way);
            if (entry.slot == slot && entry.key == key) return {&line, way};
        }
    }
    return {};
}

template <typename Layout>
void SetTable<Layout>::mark(std::uint64_t hash, std::uint64_t* blocks) const {
    const auto word = std::uint64_t{static_cast<std::uint32_t>(hash)} * table_->blocks >> 32;
    const std::uint64_t pick = hash * 0x9e3779b97f4a7c15ull >> 40;
    std::uint64_t bits = 0;
    for (const unsigned shift : {0, 6, 12, 18})
        bits |= std::uint64_t{1} << (pick >> shift & 63);
    store(blocks[word], blocks[word] | bits);
}

template <typename Layout>
PutResult SetTable<Layout>::put(const SetEntry& entry) {
    if (const auto place = find_place(entry.key, entry.slot); place.line != nullptr) {
        std::atomic_ref<__u32>(place.line->expires[place.way]).store(entry.expires);
        return PutResult::refreshed;
    }
    if (table_->lines == 0) return PutResult::no_room;
    const auto hash = Layout::hash(seed_, entry.key);
    Probe probe(hash, table_->lines);
    auto& reach = lines_[probe.line].reach;
    for (std::uint32_t distance = 0; distance < YETT_SET_REACH; ++distance, probe.next()) {
        auto& line = lines_[probe.line];
        for (unsigned way = 0; way < Layout::kWays; ++way) {
            if (Layout::is_taken(line, way)) continue;
            // What leads to the entry first.
            Layout::note_length(seed_, entry.key, directory_, *table_);
            mark(hash, reinterpret_cast<std::uint64_t*>(lines_ + table_->lines));
            if (reach < distance) std::atomic_ref<__u32>(reach).store(distance);
            Layout::write(line, way, entry, ++version_);
            ++size_;
            return PutResult::added;
        }
    }
    return PutResult::no_room;
}

template <typename Layout>
bool SetTable<Layout>::erase(const SetKey& key, std::uint16_t slot) {
    const auto place = find_place(key, slot);
    if (place.line == nullptr) return false;
    Layout::clear(*place.line, place.way);
    --size_;
    ++stale_;
    return true;
}

template <typename Layout>
void SetTable<Layout>::clear(const std::vector<bool>& slots) {
    for (std::uint32_t at = 0; at < table_->lines; ++at) {
        for (unsigned way = 0; way < Layout::kWays; ++way) {
            auto& line = lines_[at];
            if (!Layout::is_taken(line, way)) continue;
            if (!slots[Layout::read(line, way).slot]) continue;
            Layout::clear(line, way);
            --size_;
            ++stale_;
        }
    }
}

template <typename Layout>
std::optional<std::uint32_t> SetTable<Layout>::find(const SetKey& key, std::uint16_t slot) const {
    const auto place = find_place(key, slot);
    if (place.line == nullptr) return std::nullopt;
    return place.line->expires[place.way];
}

template <typename Layout>
void SetTable<Layout>::tidy() {
    std::vector<typename Layout::Lengths> lengths(YETT_SET_DIRECTORY);
    std::vector<std::uint64_t> blocks((table_->blocks + kBlocksOfLine - 1) / kBlocksOfLine *
                                      kBlocksOfLine);
    std::vector<std::uint8_t> reaches(table_->lines);
    yett_set_table fresh = *table_;
    fresh.short_lengths = 0;
    fresh.mac_lengths = 0;
    fresh.flags = 0;
    for (std::uint32_t at = 0; at < table_->lines; ++at) {
        for (unsigned way = 0; way < Layout::kWays; ++way) {
            if (!Layout::is_taken(lines_[at], way)) continue;
            const auto key = Layout::read(lines_[at], way).key;
            const auto hash = Layout::hash(seed_, key);
            Layout::note_length(seed_, key, lengths.data(), fresh);
            mark(hash, blocks.data());
            Probe probe(hash, table_->lines);
            auto& reach = reaches[probe.line];
            std::uint8_t distance = 0;
            for (; probe.line != at; probe.next())
                ++distance;
            reach = std::max(reach, distance);
        }
    }
    store_all(directory_, lengths);
    store_all(reinterpret_cast<std::uint64_t*>(lines_ + table_->lines), blocks);
    for (std::uint32_t at = 0; at < table_->lines; ++at)
        std::atomic_ref<__u32>(lines_[at].reach).store(reaches[at], std::memory_order_relaxed);
    std::atomic_ref<__u64>(table_->short_lengths).store(fresh.short_lengths);
    std::atomic_ref<__u64>(table_->mac_lengths).store(fresh.mac_lengths);
    std::atomic_ref<__u32>(table_->flags).store(fresh.flags);
    stale_ = 0;
}

template class SetTable<Layout4>;
template class SetTable<Layout6>;

}  // namespace yett
