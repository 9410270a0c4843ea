// SPDX-License-Identifier: GPL-2.0-or-later
// What is wrong with a packet whose fields can all be read: it falls for these reasons when no rule
// drops it.
#pragma once

#include <cstdint>
#include <vector>

#include "abi/reasons.h"
#include "model/packet.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// In the order of enum yett_reason, which is the order in which they are asked.
std::vector<yett_reason> suspects(const PacketSpec& packet, Direction direction);

/// Bit enum yett_tunnel of what an IP protocol carries; 0: nothing that the data plane looks into.
std::uint32_t tunnel_bit(std::uint8_t protocol);

}  // namespace yett
