// SPDX-License-Identifier: GPL-2.0-or-later
// Sets in the kernel's maps.
#include "apply/set_tables.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace yett {
namespace {

template <typename Key>
Key to_key(std::uint16_t slot, const Prefix& prefix) {
    Key key{};
    key.prefixlen = YETT_SET_SLOT_BITS + prefix.length;
    key.slot = htons(slot);
    std::copy_n(prefix.address.octets.begin(), sizeof(key.address), key.address);
    return key;
}

template <typename Key>
PrefixChange from_key(const Key& key, Family family, std::uint64_t expires) {
    Prefix prefix;
    prefix.address.family = family;
    std::copy_n(key.address, sizeof(key.address), prefix.address.octets.begin());
    prefix.length = static_cast<std::uint8_t>(key.prefixlen - YETT_SET_SLOT_BITS);
    return {prefix, expires};
}

const Map& map_of(const DataPlane& plane, const Prefix& prefix) {
    return plane.map(prefix.address.family == Family::ipv4 ? MapId::yett_prefixes4
                                                           : MapId::yett_prefixes6);
}

/// Calls `use` with the key in the layout of the prefix's family.
template <typename Use>
auto with_key(std::uint16_t slot, const Prefix& prefix, Use use) {
    if (prefix.address.family == Family::ipv4) {
        const auto key = to_key4(slot, prefix);
        return use(static_cast<const void*>(&key));
    }
    const auto key = to_key6(slot, prefix);
    return use(static_cast<const void*>(&key));
}

Result<void> write_one(const DataPlane& plane, std::uint16_t slot, const PrefixChange& change) {
    const auto& map = map_of(plane, change.prefix);
    return with_key(slot, change.prefix, [&](const void* key) -> Result<void> {
        if (change.expires) {
            const yett_set_value value{*change.expires};
            return map.update(key, &value);
        }
        if (auto erased = map.erase(key); !erased) return erased.error();
        return {};
    });
}

template <typename Key>
Result<void> read_map(const Map& map, Family family, PrefixSlots& out) {
    Key key{}, next{};
    const void* at = nullptr;
    // Nobody else writes these maps, so the walk neither restarts nor misses anything.
    for (std::uint32_t i = 0; i <= map.max_entries(); ++i) {
        auto more = map.next_key(at, &next);
        if (!more) return more.error();
        if (!*more) return {};
        key = next;
        at = &key;
        yett_set_value value{};
        auto found = map.lookup(&key, &value);
        if (!found) return found.error();
        if (*found) out[ntohs(key.slot)].push_back(from_key(key, family, value.expires));
    }
    return Error{ErrorKind::internal, map.name() + " does not end", ""};
}

}  // namespace

yett_set_key4 to_key4(std::uint16_t slot, const Prefix& prefix) {
    return to_key<yett_set_key4>(slot, prefix);
}

yett_set_key6 to_key6(std::uint16_t slot, const Prefix& prefix) {
    return to_key<yett_set_key6>(slot, prefix);
}

yett_port_set to_port_set(const SetContent& content) {
    yett_port_set out{};
    for (const auto& [value, entry] : content.entries()) {
        const auto& range = std::get<NumberRange>(value);
        for (std::uint32_t port = range.first; port <= range.last; ++port) {
            out.bits[port / 64] |= std::uint64_t{1} << (port % 64);
        }
    }
    return out;
}

Result<void> write_prefixes(const DataPlane& plane, std::uint16_t slot,
                            const std::vector<PrefixChange>& changes) {
    for (const auto& change : changes) {
        if (auto written = write_one(plane, slot, change); !written) return written;
    }
    return {};
}

Result<void> clear_prefixes(const DataPlane& plane, std::uint16_t slot, const SetContent& content) {
    for (const auto& [value, entry] : content.entries()) {
        const PrefixChange change{std::get<Prefix>(value), std::nullopt};
        if (auto cleared = write_one(plane, slot, change); !cleared) return cleared;
    }
    return {};
}

Result<void> write_ports(const DataPlane& plane, std::uint16_t slot, const SetContent& content) {
    const std::uint32_t key = slot;
    const auto value = to_port_set(content);
    const auto& map = plane.map(MapId::yett_port_sets);
    if (auto written = map.update(&key, &value); !written) return written;
    yett_port_set back{};
    if (auto read = map.lookup(&key, &back); !read) return read.error();
    if (std::memcmp(&back, &value, sizeof(value)) != 0) {
        return Error{ErrorKind::kernel, "a port set reads back other than it was written", ""};
    }
    return {};
}

Result<PrefixSlots> read_prefixes(const DataPlane& plane) {
    PrefixSlots out;
    auto four = read_map<yett_set_key4>(plane.map(MapId::yett_prefixes4), Family::ipv4, out);
    if (!four) return four.error();
    auto six = read_map<yett_set_key6>(plane.map(MapId::yett_prefixes6), Family::ipv6, out);
    if (!six) return six.error();
    return out;
}

}  // namespace yett
