// SPDX-License-Identifier: GPL-2.0-or-later
// The table of buckets, read in place.
#include "observe/limits.hpp"

#include <time.h>

#include <atomic>
#include <unordered_map>

namespace yett {
namespace {

/// The least that a packet can cost where octets are counted: a frame without padding.
constexpr std::uint64_t kLeastOctets = 60;

/// The clock of buckets.
std::uint64_t bucket_clock() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return (static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u +
            static_cast<std::uint64_t>(now.tv_nsec))
           << YETT_METER_NS_SHIFT;
}

std::uint64_t load(__u64& value) {
    return std::atomic_ref<__u64>(value).load(std::memory_order_relaxed);
}

/// What the next packet adds, at least.
std::uint64_t least_cost(const yett_limit& limit) {
    const std::uint64_t amount = limit.unit == YETT_UNIT_OCTETS ? kLeastOctets : 1;
    return static_cast<std::uint64_t>(static_cast<unsigned __int128>(amount) * limit.cost >>
                                      (YETT_LIMIT_COST_BITS - YETT_METER_NS_SHIFT));
}

bool is_charged(std::uint64_t charged, std::uint64_t now) {
    return static_cast<std::int64_t>(charged - now) > 0;
}

bool is_exhausted(const yett_limit& limit, std::uint64_t charged, std::uint64_t now) {
    return is_charged(charged, now) && charged - now + least_cost(limit) > limit.burst;
}

Result<std::vector<LimitUse>> limits_in_force(const DataPlane& plane, std::size_t count) {
    const auto bank = static_cast<std::uint32_t>(plane.word() % YETT_BANKS);
    std::vector<LimitUse> limits(count);
    for (std::size_t number = 0; number < count; ++number) {
        const auto index = static_cast<std::uint32_t>(bank * YETT_MAX_LIMITS + number);
        auto read = plane.map(MapId::yett_limits).lookup(&index, &limits[number].limit);
        if (!read) return read.error();
    }
    return limits;
}

/// A limit over all packets of a rule has this one bucket; the others fall back to it.
Result<void> read_shared(const DataPlane& plane, LimitUse& use, std::uint64_t now) {
    const std::uint32_t slot = use.limit.counter;
    yett_shared_bucket bucket{};
    auto read = plane.map(MapId::yett_shared_buckets).lookup(&slot, &bucket);
    if (!read) return read.error();
    use.untracked = bucket.untracked;
    use.shared_exhausted = is_exhausted(use.limit, bucket.charged, now);
    if (use.limit.per != YETT_PER_GLOBAL) return {};
    use.charged = is_charged(bucket.charged, now) ? 1 : 0;
    use.exhausted = use.shared_exhausted ? 1 : 0;
    return {};
}

Result<void> read_table(const DataPlane& plane, LimitTable& table, std::uint64_t now) {
    auto memory = MappedArray::open(plane.map(MapId::yett_meters));
    if (!memory) return memory.error();
    std::unordered_map<std::uint32_t, LimitUse*> by_slot;
    for (LimitUse& use : table.limits)
        by_slot.emplace(use.limit.counter, &use);
    auto* lines = reinterpret_cast<yett_meter_set*>(memory->data());
    for (std::uint32_t line = 0; line < YETT_METER_SETS; ++line) {
        for (yett_bucket& bucket : lines[line].way) {
            const std::uint64_t key = load(bucket.key), charged = load(bucket.charged);
            if (key == 0 || !is_charged(charged, now)) continue;
            ++table.charged;
            const auto found = by_slot.find(YETT_METER_SLOT(key));
            if (found == by_slot.end()) continue;
            ++found->second->charged;
            if (is_exhausted(found->second->limit, charged, now)) ++found->second->exhausted;
        }
    }
    return {};
}

}  // namespace

Result<LimitTable> read_limits(const DataPlane& plane, std::size_t count) {
    auto limits = limits_in_force(plane, count);
    if (!limits) return limits.error();
    LimitTable table{0, std::uint64_t{YETT_METER_SETS} * YETT_METER_WAYS, *std::move(limits)};
    const std::uint64_t now = bucket_clock();
    for (LimitUse& use : table.limits)
        if (auto done = read_shared(plane, use, now); !done) return done.error();
    if (auto done = read_table(plane, table, now); !done) return done.error();
    return table;
}

}  // namespace yett
