// SPDX-License-Identifier: GPL-2.0-or-later
// Sets of interfaces in the kernel: a bit for each interface that has a slot. Names without one
// come in by no interface that yett is attached to, so that no packet asks for them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "abi/ruleset.h"
#include "apply/set_content.hpp"
#include "base/result.hpp"
#include "bpf/data_plane.hpp"

namespace yett {

/// `interfaces`: name -> slot. Pure.
yett_interface_set to_interface_set(const SetContent& content,
                                    const std::map<std::string, std::uint16_t>& interfaces);
/// Writes the whole slot, and reads it back.
Result<void> write_interfaces(const DataPlane& plane, std::uint16_t slot, const SetContent& content,
                              const std::map<std::string, std::uint16_t>& interfaces);

}  // namespace yett
