// SPDX-License-Identifier: GPL-2.0-or-later
// Own addresses -> yett_locals and its filter.
#include "apply/locals.hpp"

#include <cstring>
#include <vector>

namespace yett {
namespace {

/// Big-endian octets as the number that they are.
__u64 number_of(const std::uint8_t* octets, std::size_t count) {
    __u64 number = 0;
    for (std::size_t i = 0; i < count; ++i)
        number = number << 8 | octets[i];
    return number;
}

yett_local_key key_of(const LocalAddress& own) {
    const Address& address = own.address;
    const bool v4 = address.family == Family::ipv4;
    const std::uint8_t* octets = address.octets.data();
    yett_local_key key{};
    key.ifindex = own.ifindex;
    key.family = v4 ? YETT_FAMILY_IPV4 : YETT_FAMILY_IPV6;
    key.address.hi = v4 ? 0 : number_of(octets, 8);
    key.address.lo = v4 ? number_of(octets, 4) : number_of(octets + 8, 8);
    return key;
}

bool same_key(const yett_local_key& a, const yett_local_key& b) {
    return std::memcmp(&a, &b, sizeof(a)) == 0;
}

Result<std::vector<yett_local_key>> keys_in(const Map& map) {
    std::vector<yett_local_key> keys;
    yett_local_key key{};
    const yett_local_key* before = nullptr;
    while (keys.size() < YETT_MAX_LOCALS) {
        auto more = map.next_key(before, &key);
        if (!more) return more.error();
        if (!*more) break;
        keys.push_back(key);
        before = &keys.back();
    }
    return keys;
}

bool wants(const LocalAddresses& addresses, const yett_local_key& key) {
    for (const auto& [address, kinds] : addresses)
        if (same_key(key_of(address), key)) return true;
    return false;
}

Result<void> write_filter(const DataPlane& plane, const yett_local_filter& filter) {
    const __u32 zero = 0;
    return plane.map(MapId::yett_local_filter).update(&zero, &filter);
}

}  // namespace

yett_local_filter filter_of(const LocalAddresses& addresses) {
    yett_local_filter filter{};
    for (const auto& [address, kinds] : addresses) {
        const __u64 lo = key_of(address).address.lo;
        const __u64 bit = (lo ^ lo >> 12) % YETT_LOCAL_BITS;
        filter.words[bit / 64] |= 1ull << (bit % 64);
    }
    return filter;
}

Result<std::size_t> write_locals(const DataPlane& plane, const LocalAddresses& addresses) {
    const Map& map = plane.map(MapId::yett_locals);
    auto before = keys_in(map);
    if (!before) return before.error();
    for (const yett_local_key& key : *before)
        if (!wants(addresses, key))
            if (auto gone = map.erase(&key); !gone) return gone.error();
    std::size_t left_out = 0;
    for (const auto& [address, kinds] : addresses) {
        const yett_local_key key = key_of(address);
        const yett_local value{kinds, 0};
        left_out += !map.update(&key, &value).ok();
    }
    if (auto done = write_filter(plane, filter_of(addresses)); !done) return done.error();
    return left_out;
}

}  // namespace yett
