// SPDX-License-Identifier: GPL-2.0-or-later
// The tables of connections, read in place.
#include "observe/connections.hpp"

#include <time.h>

#include <algorithm>
#include <atomic>

#include "observe/snapshot.hpp"

namespace yett {
namespace {

/// The clock that the data plane writes entries by.
std::uint32_t entry_clock() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    const auto nanoseconds = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u +
                             static_cast<std::uint64_t>(now.tv_nsec);
    return static_cast<std::uint32_t>(nanoseconds >> YETT_CONNECTION_TIME_SHIFT);
}

std::uint32_t seconds_of(std::uint32_t units) {
    return static_cast<std::uint32_t>((std::uint64_t{units} << YETT_CONNECTION_TIME_SHIFT) /
                                      1'000'000'000u);
}

std::uint64_t word_of(yett_connection& entry) {
    return std::atomic_ref<__u64>(entry.word).load(std::memory_order_acquire);
}

Address address_of(const yett_connection4& entry, int end) {
    return to_model(yett_address{0, entry.addresses >> (32 * end) & 0xffffffff}, YETT_FAMILY_IPV4);
}
Address address_of(const yett_connection6& entry, int end) {
    return to_model(entry.address[end], YETT_FAMILY_IPV6);
}

/// What the ruleset in force says about time.
struct Clock {
    std::uint32_t now = 0;
    yett_ruleset ruleset{};

    /// False: never was, is being written, or is over.
    [[nodiscard]] bool lives(std::uint64_t word) const {
        const auto phase = static_cast<std::uint8_t>(word);
        if (phase == YETT_PHASE_NONE || phase >= YETT_PHASE_COUNT) return false;
        const auto idle = static_cast<std::int32_t>(now - static_cast<std::uint32_t>(word >> 32));
        return idle <= static_cast<std::int32_t>(ruleset.timeout[phase]);
    }
    /// Units until the connection may be forgotten, if the time in its entry is exact.
    [[nodiscard]] std::uint32_t left(yett_connection_phase phase, std::uint32_t idle) const {
        const std::uint32_t whole = ruleset.timeout[phase] - YETT_CONNECTION_LAZY;
        return whole - std::min(idle, whole);
    }
};

template <typename Entry>
Connection connection_of(const Entry& entry, std::uint64_t word, const Clock& clock) {
    const auto flags = static_cast<std::uint8_t>(word >> 16);
    const int first = flags & YETT_CONNECTION_HIGH_BEGAN ? 1 : 0;
    Connection made;
    made.source = address_of(entry, first);
    made.destination = address_of(entry, 1 - first);
    made.source_port = static_cast<std::uint16_t>(entry.head.ports >> (16 * first));
    made.destination_port = static_cast<std::uint16_t>(entry.head.ports >> (16 * (1 - first)));
    made.proto = static_cast<std::uint8_t>(word >> 8);
    made.phase = static_cast<yett_connection_phase>(word & 0xff);
    made.proven = (flags & YETT_CONNECTION_PROVEN) != 0;
    made.inner = (flags & YETT_CONNECTION_INNER) != 0;
    const auto seen = static_cast<std::uint32_t>(word >> 32);
    const std::uint32_t idle = clock.now - std::min(seen, clock.now);
    made.idle = seconds_of(idle);
    made.expires = seconds_of(clock.left(made.phase, idle));
    return made;
}

bool wanted(const ConnectionFilter& filter, const Connection& one) {
    if (filter.proto && *filter.proto != one.proto) return false;
    if (filter.phase && *filter.phase != one.phase) return false;
    if (filter.source && !contains(*filter.source, one.source)) return false;
    if (filter.destination && !contains(*filter.destination, one.destination)) return false;
    return !filter.port || *filter.port == one.source_port || *filter.port == one.destination_port;
}

/// Keeps room for twice the answer, so that a table of a million costs no million copies.
void keep(ConnectionTable& table, const ConnectionFilter& filter, Connection one) {
    const auto younger = [](const Connection& a, const Connection& b) { return a.idle < b.idle; };
    ++table.matching;
    table.connections.push_back(std::move(one));
    if (table.connections.size() < 2 * filter.most + 1024) return;
    auto& list = table.connections;
    std::nth_element(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(filter.most),
                     list.end(), younger);
    list.resize(filter.most);
}

/// The word is read again behind the key: who changed in between is left out.
template <typename Place>
Result<void> read_table(const Map& map, Family family, const Clock& clock,
                        const ConnectionFilter& filter, ConnectionTable& table) {
    auto memory = MappedArray::open(map);
    if (!memory) return memory.error();
    auto* places = reinterpret_cast<Place*>(memory->data());
    const auto index = static_cast<int>(family);
    table.capacity[index] = std::uint64_t{map.max_entries()} * YETT_CONNECTION_WAYS;
    for (std::uint32_t place = 0; place < map.max_entries(); ++place) {
        for (auto& entry : places[place].way) {
            const std::uint64_t word = word_of(entry.head);
            if (!clock.lives(word)) continue;
            Connection one = connection_of(entry, word, clock);
            if (static_cast<std::uint32_t>(word_of(entry.head)) != static_cast<std::uint32_t>(word))
                continue;
            ++table.known[index];
            if (wanted(filter, one)) keep(table, filter, std::move(one));
        }
    }
    return {};
}

Result<Clock> clock_of(const DataPlane& plane) {
    Clock clock{entry_clock(), {}};
    const auto bank = static_cast<std::uint32_t>(plane.word() % YETT_BANKS);
    auto read = plane.map(MapId::yett_rulesets).lookup(&bank, &clock.ruleset);
    if (!read) return read.error();
    return clock;
}

Result<yett_connection_counters> read_sum(const DataPlane& plane) {
    std::vector<yett_connection_counters> values(possible_cpus());
    const std::uint32_t zero = 0;
    auto read = plane.map(MapId::yett_connection_counters).lookup(&zero, values.data());
    if (!read) return read.error();
    yett_connection_counters sum{};
    for (const auto& one : values) {
        sum.made += one.made;
        sum.evicted += one.evicted;
        sum.evicted_proven += one.evicted_proven;
        sum.lost += one.lost;
    }
    return sum;
}

template <typename Place>
Result<void> forget(const Map& map) {
    auto memory = MappedArray::open(map);
    if (!memory) return memory.error();
    auto* places = reinterpret_cast<Place*>(memory->data());
    for (std::uint32_t place = 0; place < map.max_entries(); ++place) {
        for (auto& entry : places[place].way) {
            std::uint64_t word = word_of(entry.head);
            const std::uint64_t owner = word & 0xff000000u;
            if ((word & 0xff) == 0 || (word & 0xff) == YETT_PHASE_BUSY) continue;
            std::atomic_ref<__u64> live(entry.head.word);
            __u64 expected = word;
            live.compare_exchange_strong(expected, owner);
        }
    }
    return {};
}

}  // namespace

Result<ConnectionTable> read_connections(const DataPlane& plane, const ConnectionFilter& filter) {
    const auto clock = clock_of(plane);
    if (!clock) return clock.error();
    ConnectionTable table;
    auto done = read_table<yett_connections4>(plane.map(MapId::yett_connections4), Family::ipv4,
                                              *clock, filter, table);
    if (done)
        done = read_table<yett_connections6>(plane.map(MapId::yett_connections6), Family::ipv6,
                                             *clock, filter, table);
    if (!done) return done.error();
    const auto counters = read_sum(plane);
    if (!counters) return counters.error();
    table.counters = *counters;
    auto& list = table.connections;
    std::stable_sort(list.begin(), list.end(),
                     [](const Connection& a, const Connection& b) { return a.idle < b.idle; });
    if (list.size() > filter.most) list.resize(filter.most);
    return table;
}

Result<std::uint64_t> forget_connections(const DataPlane& plane) {
    ConnectionFilter none;
    none.most = 0;
    const auto before = read_connections(plane, none);
    if (!before) return before.error();
    auto done = forget<yett_connections4>(plane.map(MapId::yett_connections4));
    if (done) done = forget<yett_connections6>(plane.map(MapId::yett_connections6));
    if (!done) return done.error();
    return before->known[0] + before->known[1];
}

}  // namespace yett
