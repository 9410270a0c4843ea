// SPDX-License-Identifier: GPL-2.0-or-later
// The ifindex -> slot table.
#include "apply/interfaces.hpp"

#include <fmt/format.h>

#include <cstring>

#include "bpf/interface.hpp"

namespace yett {
namespace {

bool is_probed_by(std::uint32_t bucket, std::uint32_t ifindex) {
    for (std::uint32_t probe = 0; probe < YETT_IFINDEX_PROBES; ++probe) {
        if ((ifindex + probe) % YETT_IFINDEX_BUCKETS == bucket) return true;
    }
    return false;
}

Result<void> place_one(std::vector<yett_interface>& table, std::uint32_t ifindex,
                       std::uint16_t slot) {
    for (std::uint32_t probe = 0; probe < YETT_IFINDEX_PROBES; ++probe) {
        auto& bucket = table[(ifindex + probe) % YETT_IFINDEX_BUCKETS];
        if (bucket.ifindex != 0) continue;
        bucket = {ifindex, slot, 0};
        return {};
    }
    return Error{ErrorKind::kernel,
                 fmt::format("the table of interfaces has no room for ifindex {}", ifindex),
                 "name fewer interfaces in the ruleset"};
}

Result<std::vector<yett_interface>> read_table(const Map& map) {
    std::vector<yett_interface> table(YETT_IFINDEX_BUCKETS);
    for (std::uint32_t bucket = 0; bucket < YETT_IFINDEX_BUCKETS; ++bucket) {
        if (auto read = map.lookup(&bucket, &table[bucket]); !read) return read.error();
    }
    return table;
}

}  // namespace

Result<std::vector<yett_interface>> place_interfaces(
    std::vector<yett_interface> table, const std::map<std::uint32_t, std::uint16_t>& slots) {
    std::map<std::uint32_t, std::uint16_t> missing = slots;
    for (std::uint32_t bucket = 0; bucket < table.size(); ++bucket) {
        auto& entry = table[bucket];
        const auto wanted = missing.find(entry.ifindex);
        if (wanted == missing.end() || !is_probed_by(bucket, entry.ifindex)) {
            entry = {};
            continue;
        }
        entry.slot = wanted->second;
        missing.erase(wanted);
    }
    for (const auto& [ifindex, slot] : missing) {
        if (auto placed = place_one(table, ifindex, slot); !placed) return placed.error();
    }
    return table;
}

Result<std::map<std::string, std::uint16_t>> registered_interfaces(const DataPlane& plane) {
    const auto table = read_table(plane.map(MapId::yett_interfaces));
    if (!table) return table.error();
    std::map<std::uint32_t, std::string> names;
    for (const auto& interface : all_interfaces())
        names[interface.index] = interface.name;
    std::map<std::string, std::uint16_t> slots;
    for (const auto& entry : *table) {
        const auto name = names.find(entry.ifindex);
        if (entry.ifindex != 0 && name != names.end()) slots[name->second] = entry.slot;
    }
    return slots;
}

Result<void> register_interfaces(const DataPlane& plane,
                                 const std::map<std::uint32_t, std::uint16_t>& slots,
                                 const std::set<std::uint32_t>& bare) {
    const auto& map = plane.map(MapId::yett_interfaces);
    const auto before = read_table(map);
    if (!before) return before.error();
    auto after = place_interfaces(*before, slots);
    if (!after) return after.error();
    for (std::uint32_t bucket = 0; bucket < YETT_IFINDEX_BUCKETS; ++bucket) {
        auto& now = (*after)[bucket];
        now.flags = bare.contains(now.ifindex) ? YETT_INTERFACE_BARE : 0;
        if (std::memcmp(&now, &(*before)[bucket], sizeof(now)) == 0) continue;
        if (auto written = map.update(&bucket, &now); !written) return written;
    }
    return {};
}

}  // namespace yett
