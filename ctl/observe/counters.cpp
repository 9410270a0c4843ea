// SPDX-License-Identifier: GPL-2.0-or-later
// Counters, summed over all CPUs.
#include <cstring>

#include "observe/snapshot.hpp"

namespace yett {
namespace {

static_assert(sizeof(yett_counter) % 8 == 0 && sizeof(yett_interface_counters) % 8 == 0 &&
                  sizeof(yett_reason_counters) % 8 == 0,
              "values of per-CPU maps are rounded up to 8 octets");

void add(yett_counter& sum, const yett_counter& one) {
    sum.packets += one.packets;
    sum.bytes += one.bytes;
}

void add(yett_interface_counters& sum, const yett_interface_counters& one) {
    add(sum.seen, one.seen);
    add(sum.passed, one.passed);
    add(sum.dropped, one.dropped);
}

void add(yett_reason_counters& sum, const yett_reason_counters& one) {
    add(sum.passed, one.passed);
    add(sum.dropped, one.dropped);
}

template <typename Value>
Result<Value> read_sum(const Map& map, std::uint32_t key) {
    std::vector<Value> values(possible_cpus());
    auto found = map.lookup(&key, values.data());
    if (!found) return found.error();
    Value sum{};
    for (const auto& value : values)
        add(sum, value);
    return sum;
}

}  // namespace

yett_counter read_rule_counter(const DataPlane& plane, std::uint32_t slot) {
    const auto all = plane.rule_counters();
    yett_counter sum{};
    for (std::size_t i = slot; i < all.size(); i += YETT_MAX_COUNTERS) {
        // Another CPU may be writing: each number is read whole.
        sum.packets += __atomic_load_n(&all[i].packets, __ATOMIC_RELAXED);
        sum.bytes += __atomic_load_n(&all[i].bytes, __ATOMIC_RELAXED);
    }
    return sum;
}

Result<yett_interface_counters> read_interface_counters(const DataPlane& plane, std::uint32_t slot,
                                                        std::uint32_t direction) {
    return read_sum<yett_interface_counters>(plane.map(MapId::yett_interface_counters),
                                             slot * YETT_DIRECTIONS + direction);
}

Result<ReasonCounters> read_reason_counters(const DataPlane& plane, std::uint32_t direction) {
    ReasonCounters out{};
    for (std::uint32_t reason = 0; reason < YETT_REASON_COUNT; ++reason) {
        auto sum = read_sum<yett_reason_counters>(plane.map(MapId::yett_reason_counters),
                                                  direction * YETT_MAX_REASONS + reason);
        if (!sum) return sum.error();
        out[reason] = *sum;
    }
    return out;
}

}  // namespace yett
