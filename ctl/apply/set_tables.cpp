// SPDX-License-Identifier: GPL-2.0-or-later
// The tables of sets in the kernel.
#include "apply/set_tables.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bpf/map.hpp"

namespace yett {
namespace {

constexpr std::uint64_t kSegmentBytes = sizeof(yett_set_line) * YETT_SET_SEGMENT_LINES;
constexpr std::uint64_t kMebi = 1 << 20;
/// A table grows to this many times what it holds, so that it seldom grows.
constexpr std::size_t kGrowth = 2;

template <typename Layout>
constexpr std::size_t kFamily = 0;
template <>
constexpr std::size_t kFamily<Layout6> = 1;

std::uint32_t segments_of(const yett_set_table& table) {
    const auto lines = table.lines + table.blocks / 8;
    return (lines + YETT_SET_SEGMENT_LINES - 1) / YETT_SET_SEGMENT_LINES;
}

yett_set_table& active_table(yett_set_control& control, std::size_t family) {
    return control.tables[family][control.active[family] & 1];
}

}  // namespace

std::uint32_t SetTables::to_ticks(std::uint64_t nanoseconds) {
    if (nanoseconds == 0) return 0;
    constexpr std::uint64_t unit = std::uint64_t{1} << YETT_SET_TICK_SHIFT;
    const auto ticks = nanoseconds / unit + (nanoseconds % unit != 0);
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(ticks, UINT32_MAX));
}

std::uint64_t SetTables::from_ticks(std::uint32_t ticks) {
    return std::uint64_t{ticks} << YETT_SET_TICK_SHIFT;
}

template <>
SetTables::Half<Layout4>& SetTables::half<Layout4>() {
    return four_;
}
template <>
SetTables::Half<Layout6>& SetTables::half<Layout6>() {
    return six_;
}
template <>
Layout4::Lengths* SetTables::directory<Layout4>() const {
    return reinterpret_cast<Layout4::Lengths*>(lengths4_.data());
}
template <>
Layout6::Lengths* SetTables::directory<Layout6>() const {
    return reinterpret_cast<Layout6::Lengths*>(lengths6_.data());
}

SetTables::SetTables(const DataPlane& plane, std::uint64_t budget, MappedArray control,
                     MappedArray lengths4, MappedArray lengths6, const yett_seed& seed)
    : plane_(&plane),
      budget_(budget),
      control_(std::move(control)),
      lengths4_(std::move(lengths4)),
      lengths6_(std::move(lengths6)),
      seed_(seed),
      four_{{}, {nullptr, &active_table(this->control(), 0), directory<Layout4>(), seed}},
      six_{{}, {nullptr, &active_table(this->control(), 1), directory<Layout6>(), seed}} {}

yett_set_control& SetTables::control() const {
    return *reinterpret_cast<yett_set_control*>(control_.data());
}

Result<SetTables> SetTables::open(const DataPlane& plane, std::uint64_t budget) {
    auto control = MappedArray::open(plane.map(MapId::yett_set_control));
    if (!control) return control.error();
    auto lengths4 = MappedArray::open(plane.map(MapId::yett_set_lengths4));
    if (!lengths4) return lengths4.error();
    auto lengths6 = MappedArray::open(plane.map(MapId::yett_set_lengths6));
    if (!lengths6) return lengths6.error();
    const std::uint32_t zero = 0;
    yett_seed seed{};
    if (auto read = plane.map(MapId::yett_seed).lookup(&zero, &seed); !read) return read.error();
    // Empty tables count nothing in their constructor: `lines` is 0 or adopt() comes next.
    SetTables tables(plane, budget, std::move(*control), std::move(*lengths4), std::move(*lengths6),
                     seed);
    if (auto adopted = tables.adopt<Layout4>(); !adopted) return adopted.error();
    if (auto adopted = tables.adopt<Layout6>(); !adopted) return adopted.error();
    if (auto dropped = tables.drop_leftovers(); !dropped) return dropped.error();
    return tables;
}

template <typename Layout>
Result<void> SetTables::adopt() {
    auto& table = active_table(control(), kFamily<Layout>);
    if (table.lines == 0) return {};
    auto run = SegmentRun::open(plane_->map(MapId::yett_set_segments), table.first_segment,
                                segments_of(table));
    if (!run) return run.error();
    for (std::uint32_t i = 0; i < run->count(); ++i)
        used_[run->first() + i] = true;
    half<Layout>().table = SetTable<Layout>(run->data(), &table, directory<Layout>(), seed_);
    half<Layout>().run = std::move(*run);
    return {};
}

Result<void> SetTables::drop_leftovers() {
    const auto& map = plane_->map(MapId::yett_set_segments);
    const auto standing = used_segments(map);
    if (!standing) return standing.error();
    for (std::uint32_t i = 0; i < YETT_SET_SEGMENTS; ++i) {
        if (!(*standing)[i] || used_[i]) continue;
        if (auto gone = remove_segments(map, i, 1); !gone) return gone;
    }
    return {};
}

SetUsage SetTables::usage() const {
    SetUsage out;
    out.entries[0] = four_.table.size();
    out.entries[1] = six_.table.size();
    out.capacity[0] = four_.table.capacity();
    out.capacity[1] = six_.table.capacity();
    out.bytes =
        static_cast<std::uint64_t>(std::count(used_.begin(), used_.end(), true)) * kSegmentBytes;
    out.budget = budget_;
    return out;
}

Result<void> SetTables::check_budget(std::uint32_t segments, std::size_t entries) const {
    const auto in_use = usage();
    const auto held = in_use.entries[0] + in_use.entries[1];
    if (ignore_budget_ || in_use.bytes + segments * kSegmentBytes <= budget_) return {};
    return Error{ErrorKind::kernel,
                 fmt::format("sets of {} entries need {} MiB of table memory beside the {} MiB of "
                             "the {} entries there are, and all may take {} MiB",
                             entries, segments * kSegmentBytes / kMebi, in_use.bytes / kMebi, held,
                             budget_ / kMebi),
                 "delete entries, or start yettd with a larger --set-memory"};
}

Result<std::uint32_t> SetTables::find_run(std::uint32_t segments) const {
    std::uint32_t length = 0;
    for (std::uint32_t i = 0; i < YETT_SET_SEGMENTS; ++i) {
        length = used_[i] ? 0 : length + 1;
        if (length == segments) return i + 1 - segments;
    }
    return Error{
        ErrorKind::kernel,
        fmt::format("there is no place for a table of {} MiB among the {} MiB that the "
                    "data plane has for sets",
                    segments * kSegmentBytes / kMebi, YETT_SET_SEGMENTS * kSegmentBytes / kMebi),
        "delete entries first"};
}

/// Without an answer to "is every packet out of it?" the memory stays until the next start.
void SetTables::release(const SegmentRun& run) {
    if (run.count() == 0 || !plane_->wait_for_packets()) return;
    if (!remove_segments(plane_->map(MapId::yett_set_segments), run.first(), run.count())) return;
    for (std::uint32_t i = 0; i < run.count(); ++i)
        used_[run.first() + i] = false;
}

template <typename Layout>
Result<void> SetTables::try_to_grow(std::size_t entries) {
    constexpr auto family = kFamily<Layout>;
    auto& mine = half<Layout>();
    const auto shape = shape_for<Layout>(entries);
    if (auto good = check_budget(shape.segments, entries); !good) return good;
    const auto first = find_run(shape.segments);
    if (!first) return first.error();
    auto run = SegmentRun::create(plane_->map(MapId::yett_set_segments), *first, shape.segments);
    if (!run) return run.error();
    const auto next = (control().active[family] + 1) & 1;
    auto& place = control().tables[family][next];
    place = {.first_segment = *first, .lines = shape.lines, .blocks = shape.blocks};
    SetTable<Layout> table(run->data(), &place, directory<Layout>(), seed_);
    bool fits = true;
    mine.table.for_each(
        [&](const SetEntry& e) { fits = fits && table.put(e) != PutResult::no_room; });
    if (!fits) {
        (void)remove_segments(plane_->map(MapId::yett_set_segments), *first, shape.segments).ok();
        return Error{ErrorKind::conflict, "", ""};
    }
    for (std::uint32_t i = 0; i < shape.segments; ++i)
        used_[*first + i] = true;
    std::atomic_ref<__u32>(control().active[family]).store(next, std::memory_order_release);
    std::swap(mine.run, *run);
    mine.table = std::move(table);
    release(*run);
    return {};
}

/// Places are a matter of chance: now and then a table of the right size will not take them all.
template <typename Layout>
Result<void> SetTables::grow(std::size_t entries) {
    constexpr int attempts = 4;
    for (int i = 0; i < attempts; ++i) {
        auto grown = try_to_grow<Layout>(entries);
        if (grown || grown.error().kind != ErrorKind::conflict) return grown;
        entries += entries / 4 + 1;
    }
    return Error{ErrorKind::internal, "entries of sets find no place in a table of their size",
                 "please report this"};
}

Result<void> SetTables::reserve(std::size_t more4, std::size_t more6) {
    const auto make_room = [&]<typename Layout>(Half<Layout>& half, std::size_t more) {
        const auto needed = half.table.size() + more;
        if (more == 0 || needed <= half.table.capacity()) return Result<void>();
        // With a margin for what comes next, where the budget has one.
        const auto generous = std::min(needed * kGrowth, needed + needed / 8 + (1u << 14));
        if (auto grown = grow<Layout>(generous); grown) return grown;
        return grow<Layout>(needed);
    };
    if (usage().entries[0] + usage().entries[1] + more4 + more6 > YETT_MAX_SET_ENTRIES) {
        return Error{ErrorKind::kernel,
                     fmt::format("the sets would hold {} entries, and {} is the most",
                                 usage().entries[0] + usage().entries[1] + more4 + more6,
                                 YETT_MAX_SET_ENTRIES),
                     "delete entries first"};
    }
    if (auto done = make_room(four_, more4); !done) return done;
    return make_room(six_, more6);
}

template <typename Layout>
Result<void> SetTables::put_in(const SetEntry& entry) {
    auto& mine = half<Layout>();
    if (mine.table.put(entry) != PutResult::no_room) return {};
    const auto room =
        std::max(mine.table.capacity() + mine.table.capacity() / 4, mine.table.size() + 1);
    if (auto grown = grow<Layout>(room); !grown) return grown;
    return mine.table.put(entry) != PutResult::no_room ? Result<void>() : put_in<Layout>(entry);
}

Result<void> SetTables::put(const EntryValue& value, std::uint16_t slot, std::uint64_t expires) {
    const SetEntry entry{value.key(), slot, to_ticks(expires)};
    return value.is_ipv4() ? put_in<Layout4>(entry) : put_in<Layout6>(entry);
}

bool SetTables::erase(const EntryValue& value, std::uint16_t slot) {
    return value.is_ipv4() ? four_.table.erase(value.key(), slot)
                           : six_.table.erase(value.key(), slot);
}

void SetTables::clear(const std::map<std::string, std::uint16_t>& slots) {
    if (slots.empty()) return;
    std::vector<bool> gone(std::size_t{UINT16_MAX} + 1);
    for (const auto& [name, slot] : slots)
        gone[slot] = true;
    four_.table.clear(gone);
    six_.table.clear(gone);
}

void SetTables::clear_all() {
    const std::vector<bool> gone(std::size_t{UINT16_MAX} + 1, true);
    four_.table.clear(gone);
    six_.table.clear(gone);
}

std::optional<std::uint64_t> SetTables::find(const EntryValue& value, std::uint16_t slot) const {
    const auto ticks =
        value.is_ipv4() ? four_.table.find(value.key(), slot) : six_.table.find(value.key(), slot);
    if (!ticks) return std::nullopt;
    return from_ticks(*ticks);
}

void SetTables::maintain() {
    const auto look_after = [&]<typename Layout>(Half<Layout>& half) {
        auto& table = half.table;
        // Not ahead of a bulk: that says how much it needs.
        if (table.size() * 8 > table.capacity() * 7)
            (void)grow<Layout>(table.size() + table.size() / 2).ok();
        if (table.stale() > 64 + table.size() / 4) table.tidy();
    };
    look_after(four_);
    look_after(six_);
}

}  // namespace yett
