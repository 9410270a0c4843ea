// SPDX-License-Identifier: GPL-2.0-or-later
// Which interfaces stand on which: bridges on their ports, bonds on their members, VLANs and
// macvlans on the interface below.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "base/result.hpp"

namespace yett {

/// ifindex -> the interfaces right below it.
using LinkLayers = std::multimap<std::uint32_t, std::uint32_t>;

/// One netlink dump of this network namespace.
Result<LinkLayers> read_link_layers();

/// The interface itself and all that carry its frames.
std::set<std::uint32_t> below(const LinkLayers& layers, std::uint32_t ifindex);

}  // namespace yett
