// SPDX-License-Identifier: GPL-2.0-or-later
// Sets of ports in the kernel: a bitmap a slot.
#pragma once

#include <cstdint>

#include "abi/ruleset.h"
#include "apply/set_content.hpp"
#include "base/result.hpp"
#include "bpf/data_plane.hpp"

namespace yett {

yett_port_set to_port_set(const SetContent& content);
/// Writes the whole slot, and reads it back.
Result<void> write_ports(const DataPlane& plane, std::uint16_t slot, const SetContent& content);

}  // namespace yett
