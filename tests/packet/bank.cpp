// SPDX-License-Identifier: GPL-2.0-or-later
// The tests' short way from tables to maps.
#include "packet/bank.hpp"

#include <bpf/libbpf.h>

#include <algorithm>
#include <cstring>

#include "apply/interface_tables.hpp"
#include "apply/set_tables.hpp"

namespace yett::corpus {
namespace {

Result<void> write_ports(DataPlane& plane, std::uint32_t slot, const Set& set) {
    yett_port_set bits{};
    for (const NumberRange& range : set.ports)
        for (std::uint32_t port = range.first; port <= range.last; ++port)
            bits.bits[port / 64] |= 1ull << (port % 64);
    return plane.map(MapId::yett_port_sets).update(&slot, &bits);
}

template <typename Element>
Result<void> write_image(const Map& map, std::size_t first, const std::vector<Element>& image) {
    auto memory = MappedArray::open(map);
    if (!memory) return memory.error();
    std::memcpy(memory->data() + first * sizeof(Element), image.data(),
                image.size() * sizeof(Element));
    return {};
}

}  // namespace

std::size_t possible_cpus() {
    static const int count = libbpf_num_possible_cpus();
    return static_cast<std::size_t>(std::max(count, 1));
}

Result<void> write_sets(DataPlane& plane, const Ruleset& ruleset, const Slots& slots) {
    auto tables = SetTables::open(plane);
    if (!tables) return tables.error();
    tables->clear_all();
    for (const auto& [name, set] : ruleset.sets) {
        for (const Prefix& prefix : set.prefixes) {
            auto done = tables->put(EntryValue(prefix), slots.address_sets.at(name), 0);
            if (!done) return done;
        }
        for (const MacRange& macs : set.macs) {
            auto done = tables->put(EntryValue(macs), slots.address_sets.at(name), 0);
            if (!done) return done;
        }
        Result<void> done;
        if (set.type == SetType::port) done = write_ports(plane, slots.port_sets.at(name), set);
        if (set.type == SetType::iface)
            done = write_interfaces(plane, slots.interface_sets.at(name), SetContent(set),
                                    slots.interfaces);
        if (!done) return done;
    }
    return {};
}

Result<void> write_bank(DataPlane& plane, const Tables& tables, std::uint64_t generation) {
    const auto bank = static_cast<std::uint32_t>(generation % YETT_BANKS);
    auto done =
        write_image(plane.map(MapId::yett_engine),
                    std::size_t{bank} * YETT_ENGINE_PAGES * (YETT_PAGE_OCTETS / 8), tables.engine);
    if (done)
        done = write_image(plane.map(MapId::yett_actions), bank * YETT_MAX_RULES, tables.actions);
    if (done)
        done = write_image(plane.map(MapId::yett_limits), bank * YETT_MAX_LIMITS, tables.limits);
    yett_ruleset header = tables.ruleset;
    header.generation = generation;
    if (done) done = plane.map(MapId::yett_rulesets).update(&bank, &header);
    if (done) plane.set_word(generation * YETT_BANKS + bank);
    return done;
}

}  // namespace yett::corpus
