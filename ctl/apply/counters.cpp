// SPDX-License-Identifier: GPL-2.0-or-later
// Zeroes on every CPU.
#include "apply/counters.hpp"

#include <algorithm>

#include "abi/fields.h"

namespace yett {
namespace {

Result<void> zero(const Map& map, const std::vector<std::uint32_t>& keys, std::size_t copies) {
    constexpr std::size_t kAtOnce = 4096;
    const std::size_t element = (map.value_size() + 7u) & ~std::size_t{7};
    const std::vector<std::byte> values(element * copies * std::min(kAtOnce, keys.size()));
    for (std::size_t i = 0; i < keys.size(); i += kAtOnce) {
        const std::size_t count = std::min(kAtOnce, keys.size() - i);
        if (auto done = map.update_batch(&keys[i], values.data(), count); !done) return done;
    }
    return {};
}

}  // namespace

Result<void> zero_rule_counters(const DataPlane& plane, const std::vector<std::uint32_t>& slots) {
    const auto all = plane.rule_counters();
    for (std::size_t cpu = 0; cpu < all.size(); cpu += YETT_MAX_COUNTERS)
        for (const std::uint32_t slot : slots)
            all[cpu + slot] = {};
    return zero(plane.map(MapId::yett_shared_buckets), slots, 1);
}

Result<void> zero_interface_counters(const DataPlane& plane, std::uint32_t slot) {
    std::vector<std::uint32_t> keys;
    for (std::uint32_t direction = 0; direction < YETT_DIRECTIONS; ++direction)
        keys.push_back(slot * YETT_DIRECTIONS + direction);
    return zero(plane.map(MapId::yett_interface_counters), keys, possible_cpus());
}

}  // namespace yett
