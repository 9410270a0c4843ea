// SPDX-License-Identifier: GPL-2.0-or-later
// Sets in the kernel's maps: writing one slot, emptying it, and reading back what is there.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "abi/ruleset.h"
#include "apply/set_content.hpp"
#include "base/result.hpp"
#include "bpf/data_plane.hpp"

namespace yett {

yett_set_key4 to_key4(std::uint16_t slot, const Prefix& prefix);
yett_set_key6 to_key6(std::uint16_t slot, const Prefix& prefix);
yett_port_set to_port_set(const SetContent& content);

/// Writes the changes, in their order. Stops at the first that the kernel refuses.
Result<void> write_prefixes(const DataPlane& plane, std::uint16_t slot,
                            const std::vector<PrefixChange>& changes);
/// Removes what `content` says the slot holds. Keys that are not there do not matter.
Result<void> clear_prefixes(const DataPlane& plane, std::uint16_t slot, const SetContent& content);
Result<void> write_ports(const DataPlane& plane, std::uint16_t slot, const SetContent& content);

/// What every prefix slot holds now.
using PrefixSlots = std::map<std::uint16_t, std::vector<PrefixChange>>;
Result<PrefixSlots> read_prefixes(const DataPlane& plane);

}  // namespace yett
