// SPDX-License-Identifier: GPL-2.0-or-later
// Which name lives where in the maps, from one generation to the next.
#pragma once

#include <set>
#include <string>

#include "base/result.hpp"
#include "compile/compile.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// What a new generation keeps of the one before.
struct Kept {
    std::set<std::string> sets;        ///< sets whose content and type are unchanged
    std::set<std::string> interfaces;  ///< attached, though the new ruleset may not name them
};

/// Slots for every name of `ruleset`. A rule or an interface keeps its slot by name, a set when it
/// is in `kept`. All other names get the lowest slot that `previous` does not use, so that nothing
/// the running generation reads is touched. Pure. Fails with kind kernel when slots run out; the
/// message has the figures.
Result<Slots> allocate_slots(const Slots& previous, const Ruleset& ruleset, const Kept& kept);

/// Gives `name` a slot when it has none.
Result<std::uint16_t> allocate_interface(Slots& slots, const std::string& name);

}  // namespace yett
