// SPDX-License-Identifier: GPL-2.0-or-later
// Questions to the kernel about network interfaces of this network namespace.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace yett {

struct Interface {
    std::string name;
    std::uint32_t index = 0;
    bool bare = false;  ///< its packets have no Ethernet header: tun, ppp, WireGuard, IP tunnels
    bool gre = false;   ///< bare, and what stands before the IP header may be a GRE header
};

/// Fails with kind no when there is none of that name, with kind usage when what it carries begins
/// neither with an Ethernet nor with an IP header.
Result<Interface> find_interface(const std::string& name);
std::vector<Interface> all_interfaces();

/// As `ethtool -i` says it: "veth", "tun" (taps, too), "virtio_net". Empty: it does not say.
std::string driver_of(const std::string& name);

/// A VLAN offload takes a tag out of the frame before XDP sees it. What goes out is left alone,
/// where the driver can tell the two apart. Gives the flags that were on and are off now, for
/// switch_on_vlan_offload(). kind kernel: it is on and cannot be switched off.
Result<std::uint32_t> switch_off_vlan_offload(const std::string& name);
Result<void> switch_on_vlan_offload(const std::string& name, std::uint32_t flags);

}  // namespace yett
