// SPDX-License-Identifier: GPL-2.0-or-later
// Which interface has which slot, as the data plane looks it up.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "abi/observe.h"
#include "base/result.hpp"
#include "bpf/data_plane.hpp"

namespace yett {

/// The ifindex -> slot table with every interface of `slots` in one of its buckets; buckets that
/// already hold the right pair stay where they are in `table`. Pure. Fails with kind kernel, naming
/// the ifindex that finds no bucket.
Result<std::vector<yett_interface>> place_interfaces(
    std::vector<yett_interface> table, const std::map<std::uint32_t, std::uint16_t>& slots);

/// Makes the kernel's table hold exactly `slots` (ifindex -> slot). `bare` are those whose packets
/// have no Ethernet header.
Result<void> register_interfaces(const DataPlane& plane,
                                 const std::map<std::uint32_t, std::uint16_t>& slots,
                                 const std::set<std::uint32_t>& bare);

/// The slots that the kernel's table gives to interfaces that are there now, by name.
Result<std::map<std::string, std::uint16_t>> registered_interfaces(const DataPlane& plane);

}  // namespace yett
