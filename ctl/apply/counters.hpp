// SPDX-License-Identifier: GPL-2.0-or-later
// A slot whose old owner is gone starts at zero.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "bpf/data_plane.hpp"

namespace yett {

/// And the buckets of limits, which have the slots of their rules.
Result<void> zero_rule_counters(const DataPlane& plane, const std::vector<std::uint32_t>& slots);
/// Both directions.
Result<void> zero_interface_counters(const DataPlane& plane, std::uint32_t slot);

}  // namespace yett
