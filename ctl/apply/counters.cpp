// SPDX-License-Identifier: GPL-2.0-or-later
// Zeroes on every CPU.
#include "apply/counters.hpp"

#include <vector>

#include "abi/fields.h"

namespace yett {
namespace {

Result<void> zero(const Map& map, std::uint32_t key) {
    const std::size_t element = (map.value_size() + 7u) & ~std::size_t{7};
    const std::vector<std::byte> values(element * possible_cpus());
    return map.update(&key, values.data());
}

}  // namespace

Result<void> zero_rule_counter(const DataPlane& plane, std::uint32_t slot) {
    if (auto done = zero(plane.map(MapId::yett_rule_counters), slot); !done) return done;
    const yett_shared_bucket full{};  // the bucket of a limit has the slot of its rule
    return plane.map(MapId::yett_shared_buckets).update(&slot, &full);
}

Result<void> zero_interface_counters(const DataPlane& plane, std::uint32_t slot) {
    for (std::uint32_t direction = 0; direction < YETT_DIRECTIONS; ++direction) {
        const auto& map = plane.map(MapId::yett_interface_counters);
        if (auto done = zero(map, slot * YETT_DIRECTIONS + direction); !done) return done;
    }
    return {};
}

}  // namespace yett
