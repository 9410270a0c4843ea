// SPDX-License-Identifier: GPL-2.0-or-later
// Slot allocation: lowest free first, nothing moves.
#include "apply/slots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "abi/limits.h"

namespace yett {
namespace {

/// Bounds of one table: slots [first, end).
struct Space {
    const char* what;
    std::uint32_t first;
    std::uint32_t end;
};

constexpr Space kCounters{"rule names", 0, YETT_MAX_COUNTERS};
constexpr Space kInterfaces{"interfaces", 1, YETT_MAX_INTERFACES};
constexpr Space kAddressSets{"sets of addresses", 1, YETT_MAX_SET_SLOTS};
constexpr Space kPortSets{"port sets", 1, YETT_MAX_PORT_SET_SLOTS};
constexpr Space kInterfaceSets{"sets of interfaces", 1, YETT_MAX_INTERFACE_SET_SLOTS};

template <typename Table>
class Allocator {
  public:
    Allocator(const Table& previous, const Space& space)
        : previous_(previous), space_(space), taken_(space.end + 1), next_(space.first) {
        for (const auto& [name, slot] : previous)
            taken_[std::min<std::size_t>(slot, space.end)] = true;
    }

    /// The slot that `name` had, or a new one.
    Result<void> keep(const std::string& name) {
        const auto found = previous_.find(name);
        if (found == previous_.end()) return add(name);
        table_[name] = found->second;
        return {};
    }

    Result<void> add(const std::string& name) {
        if (table_.count(name) != 0) return {};
        while (next_ < space_.end && taken_[next_])
            ++next_;
        if (next_ >= space_.end) {
            return Error{ErrorKind::kernel,
                         fmt::format("there is no room for more than {} {}, old and new ones "
                                     "together",
                                     space_.end - space_.first, space_.what),
                         "use fewer, or change fewer at a time"};
        }
        table_[name] = static_cast<typename Table::mapped_type>(next_++);
        return {};
    }

    Table take() { return std::move(table_); }

  private:
    const Table& previous_;
    Space space_;
    std::vector<bool> taken_;  ///< by slot
    std::uint32_t next_;
    Table table_;
};

template <typename Table, typename Names>
Result<void> keep_all(Allocator<Table>& allocator, const Names& names) {
    for (const auto& name : names) {
        if (auto kept = allocator.keep(name); !kept) return kept;
    }
    return {};
}

}  // namespace

Result<Slots> allocate_slots(const Slots& previous, const Ruleset& ruleset, const Kept& kept) {
    Allocator counters(previous.counters, kCounters);
    Allocator interfaces(previous.interfaces, kInterfaces);
    Allocator address_sets(previous.address_sets, kAddressSets);
    Allocator port_sets(previous.port_sets, kPortSets);
    Allocator interface_sets(previous.interface_sets, kInterfaceSets);
    if (auto done = keep_all(counters, counter_names(ruleset)); !done) return done.error();
    if (auto done = keep_all(interfaces, interface_names(ruleset)); !done) return done.error();
    if (auto done = keep_all(interfaces, kept.interfaces); !done) return done.error();
    for (const auto& [name, set] : ruleset.sets) {
        auto& allocator = set.type == SetType::port    ? port_sets
                          : set.type == SetType::iface ? interface_sets
                                                       : address_sets;
        const bool keeps = kept.sets.count(name) != 0;
        if (auto done = keeps ? allocator.keep(name) : allocator.add(name); !done) {
            return done.error();
        }
    }
    return Slots{counters.take(), interfaces.take(), address_sets.take(), port_sets.take(),
                 interface_sets.take()};
}

Result<std::uint16_t> allocate_interface(Slots& slots, const std::string& name) {
    Allocator allocator(slots.interfaces, kInterfaces);
    if (auto done = allocator.keep(name); !done) return done.error();
    const auto slot = allocator.take().at(name);
    slots.interfaces[name] = slot;
    return slot;
}

}  // namespace yett
