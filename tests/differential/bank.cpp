// SPDX-License-Identifier: GPL-2.0-or-later
// Tables and sets into maps.
#include "differential/bank.hpp"

#include <cstring>

#include "apply/interface_tables.hpp"

namespace yett::testing {
Result<BankWriter> BankWriter::open(const DataPlane& plane) {
    Result<MappedArray> engine = MappedArray::open(plane.map(MapId::yett_engine));
    if (!engine) return engine.error();
    Result<MappedArray> actions = MappedArray::open(plane.map(MapId::yett_actions));
    if (!actions) return actions.error();
    Result<SetTables> sets = SetTables::open(plane);
    if (!sets) return sets.error();
    return BankWriter(plane, *std::move(engine), *std::move(actions), *std::move(sets));
}

Result<void> BankWriter::write_addresses(const Set& set, std::uint16_t slot) {
    for (const Prefix& prefix : set.prefixes)
        if (Result<void> done = sets_.put(EntryValue(prefix), slot, 0); !done) return done;
    for (const MacRange& macs : set.macs)
        if (Result<void> done = sets_.put(EntryValue(macs), slot, 0); !done) return done;
    return {};
}

Result<void> BankWriter::write_set(const Set& set, const std::string& name, const Slots& slots) {
    const std::uint16_t slot = slots.of_sets(set.type).at(name);
    if (set.type == SetType::port) return write_ports(set, slot);
    if (set.type == SetType::iface)
        return write_interfaces(*plane_, slot, SetContent(set), slots.interfaces);
    return write_addresses(set, slot);
}

Result<void> BankWriter::write_ports(const Set& set, std::uint32_t slot) {
    yett_port_set bits{};
    for (const NumberRange& range : set.ports)
        for (std::uint32_t port = range.first; port <= range.last; ++port)
            bits.bits[port / 64] |= 1ull << (port % 64);
    return plane_->map(MapId::yett_port_sets).update(&slot, &bits);
}

Result<std::uint64_t> BankWriter::write(const Ruleset& ruleset, const Slots& slots, Tables tables) {
    sets_.clear_all();
    for (const auto& [name, set] : ruleset.sets) {
        if (const Result<void> done = write_set(set, name, slots); !done) return done.error();
    }
    ++generation_;
    const std::uint64_t word = generation_ * YETT_BANKS + generation_ % YETT_BANKS;
    const auto bank = static_cast<std::uint32_t>(word % YETT_BANKS);
    std::memcpy(engine_.data() + std::size_t{YETT_PAGE_OCTETS} * YETT_ENGINE_PAGES * bank,
                tables.engine.data(), sizeof(std::uint64_t) * tables.engine.size());
    std::memcpy(actions_.data() + sizeof(yett_action) * YETT_MAX_RULES * bank,
                tables.actions.data(), sizeof(yett_action) * tables.actions.size());
    for (std::uint32_t i = 0; i < tables.limits.size(); ++i) {
        const std::uint32_t index = bank * YETT_MAX_LIMITS + i;
        if (auto done = plane_->map(MapId::yett_limits).update(&index, &tables.limits[i]); !done)
            return done.error();
    }
    tables.ruleset.generation = generation_;
    if (auto done = plane_->map(MapId::yett_rulesets).update(&bank, &tables.ruleset); !done)
        return done.error();
    return word;
}

}  // namespace yett::testing
