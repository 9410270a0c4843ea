// SPDX-License-Identifier: GPL-2.0-or-later
// Tables into the maps of a data plane that nobody else writes: the tests' own short way.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.hpp"
#include "bpf/data_plane.hpp"
#include "compile/compile.hpp"
#include "model/ruleset.hpp"

namespace yett::corpus {

std::size_t possible_cpus();
/// Replaces the content of all sets.
Result<void> write_sets(DataPlane& plane, const Ruleset& ruleset, const Slots& slots);
/// Into the bank that is not in force, and then the switch.
Result<void> write_bank(DataPlane& plane, const Tables& tables, std::uint64_t generation);

}  // namespace yett::corpus
