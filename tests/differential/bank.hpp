// SPDX-License-Identifier: GPL-2.0-or-later
// Writes compiled tables and sets into one bank of a data plane that nothing else uses.
#pragma once

#include <cstdint>

#include "apply/set_tables.hpp"
#include "bpf/data_plane.hpp"
#include "bpf/map.hpp"
#include "compile/compile.hpp"
#include "model/ruleset.hpp"

namespace yett::testing {

class BankWriter {
  public:
    static Result<BankWriter> open(const DataPlane& plane);

    /// Fills the other bank than last time, and empties the sets of last time. Gives the generation
    /// word that judges by it.
    Result<std::uint64_t> write(const Ruleset& ruleset, const Slots& slots, Tables tables);

  private:
    BankWriter(const DataPlane& plane, MappedArray engine, MappedArray actions, SetTables sets)
        : plane_(&plane),
          engine_(std::move(engine)),
          actions_(std::move(actions)),
          sets_(std::move(sets)) {}
    Result<void> write_addresses(const Set& set, std::uint16_t slot);
    Result<void> write_set(const Set& set, const std::string& name, const Slots& slots);
    Result<void> write_ports(const Set& set, std::uint32_t slot);

    const DataPlane* plane_;
    MappedArray engine_, actions_;
    SetTables sets_;
    std::uint64_t generation_ = 0;
};

}  // namespace yett::testing
