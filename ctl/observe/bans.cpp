// SPDX-License-Identifier: GPL-2.0-or-later
// The list of automatic bans.
#include <time.h>

#include <atomic>
#include <map>

#include "observe/snapshot.hpp"

namespace yett {
namespace {

void put_octets(std::uint64_t value, std::uint8_t* to, int count) {
    for (int i = 0; i < count; ++i)
        to[i] = static_cast<std::uint8_t>(value >> (8 * (count - 1 - i)));
}

std::uint64_t take_octets(const std::uint8_t* from, int count) {
    std::uint64_t value = 0;
    for (int i = 0; i < count; ++i)
        value = value << 8 | from[i];
    return value;
}

yett_ban_key to_key(const Address& source) {
    yett_ban_key key{};
    const auto* octets = source.octets.data();
    if (source.family == Family::ipv4) {
        key.source.lo = take_octets(octets, 4);
        key.family = YETT_FAMILY_IPV4;
    } else {
        key.source.hi = take_octets(octets, 8);
        key.source.lo = take_octets(octets + 8, 8);
        key.family = YETT_FAMILY_IPV6;
    }
    return key;
}

/// Calls `use` for each key. An LRU map that loses the key under our feet starts over, so the walk
/// is bounded.
template <typename Use>
Result<void> walk(const Map& map, Use use) {
    yett_ban_key key{}, next{};
    const void* at = nullptr;
    const std::uint64_t bound = std::uint64_t{map.max_entries()} * 4;
    for (std::uint64_t i = 0; i < bound; ++i) {
        auto more = map.next_key(at, &next);
        if (!more) return more.error();
        if (!*more) return {};
        key = next;
        at = &key;
        if (auto done = use(key); !done) return done;
    }
    return {};
}

/// The data plane counts into the same element.
Result<void> count_erased(const DataPlane& plane, std::uint64_t count) {
    auto memory = MappedArray::open(plane.map(MapId::yett_ban_counters));
    if (!memory) return memory.error();
    auto* counters = reinterpret_cast<yett_ban_counters*>(memory->data());
    std::atomic_ref<__u64>(counters->erased).fetch_add(count, std::memory_order_relaxed);
    return {};
}

}  // namespace

Address to_model(const yett_address& address, std::uint32_t family) {
    Address out;
    out.family = family == YETT_FAMILY_IPV6 ? Family::ipv6 : Family::ipv4;
    if (out.family == Family::ipv4) {
        put_octets(address.lo, out.octets.data(), 4);
    } else {
        put_octets(address.hi, out.octets.data(), 8);
        put_octets(address.lo, out.octets.data() + 8, 8);
    }
    return out;
}

std::uint64_t boot_time() {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u +
           static_cast<std::uint64_t>(now.tv_nsec);
}

Result<std::vector<Ban>> read_bans(const DataPlane& plane, std::uint64_t now) {
    const auto& map = plane.map(MapId::yett_auto_bans);
    std::map<Address, Ban> found;
    auto walked = walk(map, [&](const yett_ban_key& key) -> Result<void> {
        yett_ban value{};
        auto there = map.lookup(&key, &value);
        if (!there) return there.error();
        if (*there && value.expires > now) {
            const auto source = to_model(key.source, key.family);
            found[source] = {source, value.added, value.expires, value.counter};
        }
        return {};
    });
    if (!walked) return walked.error();
    std::vector<Ban> out;
    out.reserve(found.size());
    for (const auto& [source, ban] : found)
        out.push_back(ban);
    return out;
}

Result<bool> remove_ban(const DataPlane& plane, const Address& source) {
    const auto key = to_key(source);
    auto erased = plane.map(MapId::yett_auto_bans).erase(&key);
    if (!erased || !*erased) return erased;
    if (auto counted = count_erased(plane, 1); !counted) return counted.error();
    return true;
}

Result<BanCounters> read_ban_counters(const DataPlane& plane) {
    const std::uint32_t zero = 0;
    yett_ban_counters counters{};
    auto read = plane.map(MapId::yett_ban_counters).lookup(&zero, &counters);
    if (!read) return read.error();
    std::uint64_t present = 0;
    auto walked = walk(plane.map(MapId::yett_auto_bans), [&](const yett_ban_key&) -> Result<void> {
        ++present;
        return {};
    });
    if (!walked) return walked.error();
    BanCounters out{counters.made, 0, counters.unproven, counters.spared};
    const std::uint64_t accounted = counters.erased + present;
    if (counters.made > accounted) out.evicted = counters.made - accounted;
    return out;
}

Result<std::size_t> remove_all_bans(const DataPlane& plane) {
    const auto& map = plane.map(MapId::yett_auto_bans);
    std::vector<yett_ban_key> keys;
    auto walked = walk(map, [&](const yett_ban_key& key) -> Result<void> {
        keys.push_back(key);
        return {};
    });
    if (!walked) return walked.error();
    std::size_t removed = 0;
    for (const auto& key : keys) {
        auto erased = map.erase(&key);
        if (!erased) return erased.error();
        removed += *erased ? 1 : 0;
    }
    if (auto counted = count_erased(plane, removed); !counted) return counted.error();
    return removed;
}

}  // namespace yett
