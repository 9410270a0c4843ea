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

/// fe80::/10: its /64 is the whole link, so each address is banned alone.
bool is_link_local(const yett_address& address) {
    return address.hi >> 54 == 0xfe80 >> 6;
}

/// The key that the data plane would ask for (xdp/decide/ban.h).
yett_ban_key to_key(const Address& source) {
    yett_ban_key key{};
    const auto* octets = source.octets.data();
    if (source.family == Family::ipv4) {
        key.source.lo = take_octets(octets, 4);
        key.family = YETT_FAMILY_IPV4;
    } else {
        key.source.hi = take_octets(octets, 8);
        if (is_link_local(key.source)) key.source.lo = take_octets(octets + 8, 8);
        key.family = YETT_FAMILY_IPV6;
    }
    return key;
}

Prefix to_prefix(const yett_ban_key& key) {
    const Address address = to_model(key.source, key.family);
    constexpr std::uint8_t kSite = 64;
    const bool whole = address.family == Family::ipv4 || is_link_local(key.source);
    return {address, whole ? static_cast<std::uint8_t>(address.bits()) : kSite};
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

Prefix ban_of(const Address& source) {
    return to_prefix(to_key(source));
}

std::uint64_t boot_time() {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u +
           static_cast<std::uint64_t>(now.tv_nsec);
}

Result<std::vector<Ban>> read_bans(const DataPlane& plane, std::uint64_t now) {
    const auto& map = plane.map(MapId::yett_auto_bans);
    std::map<Prefix, Ban> found;
    auto walked = walk(map, [&](const yett_ban_key& key) -> Result<void> {
        yett_ban value{};
        auto there = map.lookup(&key, &value);
        if (!there) return there.error();
        if (*there && value.expires > now) {
            const auto source = to_prefix(key);
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

/// Walks first: what is erased under a walk would make it start over.
template <typename Wanted>
static Result<std::size_t> remove_those(const DataPlane& plane, Wanted wanted) {
    const auto& map = plane.map(MapId::yett_auto_bans);
    std::vector<yett_ban_key> keys;
    auto walked = walk(map, [&](const yett_ban_key& key) -> Result<void> {
        if (wanted(key)) keys.push_back(key);
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

Result<std::size_t> remove_bans(const DataPlane& plane, const Prefix& sources) {
    const Prefix ban = ban_of(sources.address);
    if (ban.length <= sources.length) {
        const auto key = to_key(sources.address);
        auto erased = plane.map(MapId::yett_auto_bans).erase(&key);
        if (!erased) return erased.error();
        if (!*erased) return std::size_t{0};
        if (auto counted = count_erased(plane, 1); !counted) return counted.error();
        return std::size_t{1};
    }
    return remove_those(
        plane, [&](const yett_ban_key& key) { return contains(sources, to_prefix(key).address); });
}

Result<std::size_t> remove_all_bans(const DataPlane& plane) {
    return remove_those(plane, [](const yett_ban_key&) { return true; });
}

}  // namespace yett
