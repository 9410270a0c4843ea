// SPDX-License-Identifier: GPL-2.0-or-later
// A slot whose old owner is gone starts at zero.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "bpf/data_plane.hpp"

namespace yett {

Result<void> zero_rule_counter(const DataPlane& plane, std::uint32_t slot);
/// Both directions.
Result<void> zero_interface_counters(const DataPlane& plane, std::uint32_t slot);

}  // namespace yett
