// SPDX-License-Identifier: GPL-2.0-or-later
// The packets that a ruleset brings along, judged by the tables that are about to become active.
#pragma once

#include <cstdint>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/result.hpp"
#include "bpf/data_plane.hpp"
#include "compile/compile.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// Runs the embedded tests with these indices through the loaded programs, judged by `word`. One
/// diagnostic
/// ("test-failed", with its pointer) for each that comes out otherwise. Fails when the kernel does
/// not run a packet.
Result<std::vector<Diagnostic>> run_candidate_tests(DataPlane& plane, const Ruleset& ruleset,
                                                    const Slots& slots,
                                                    const std::vector<std::string>& rule_names,
                                                    std::uint64_t word,
                                                    const std::vector<std::size_t>& which);

/// The rule of a traced packet as people know it: its name, "(policy)", or empty when a reason
/// decided.
std::string rule_name_of(const yett_trace_result& result, const std::vector<std::string>& names);

}  // namespace yett
