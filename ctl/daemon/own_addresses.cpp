// SPDX-License-Identifier: GPL-2.0-or-later
// getifaddrs(3): netlink dumps, and no state to keep in step with events.
#include "daemon/own_addresses.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>

#include "base/posix.hpp"
#include "daemon/link_layers.hpp"

namespace yett {
namespace {

std::optional<Address> to_address(const sockaddr* from) {
    Address address;
    if (!from) return std::nullopt;
    if (from->sa_family == AF_INET) {
        const auto* octets = reinterpret_cast<const std::uint8_t*>(
            &reinterpret_cast<const sockaddr_in*>(from)->sin_addr);
        address.family = Family::ipv4;
        std::copy_n(octets, 4, address.octets.begin());
        return address;
    }
    if (from->sa_family != AF_INET6) return std::nullopt;
    const auto* octets = reinterpret_cast<const sockaddr_in6*>(from)->sin6_addr.s6_addr;
    address.family = Family::ipv6;
    std::copy_n(octets, 16, address.octets.begin());
    return address;
}

/// The interface of a link-local address; 0: the address is the host's on any link.
std::uint32_t link_of(const ifaddrs& one) {
    if (one.ifa_addr->sa_family != AF_INET6) return 0;
    const auto* address = reinterpret_cast<const sockaddr_in6*>(one.ifa_addr);
    if (!IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr)) return 0;
    return if_nametoindex(one.ifa_name);
}

/// Frames of a bridge, a bond or a VLAN come by the interfaces below it.
void add_own(LocalAddresses& addresses, const Address& own, std::uint32_t link,
             const LinkLayers& layers) {
    if (link == 0) {
        addresses[own] |= YETT_LOCAL_OWN;
        return;
    }
    for (const std::uint32_t ifindex : below(layers, link))
        addresses[{own, ifindex}] |= YETT_LOCAL_OWN;
}

}  // namespace

Result<LocalAddresses> read_own_addresses() {
    const auto layers = read_link_layers();
    if (!layers) return layers.error();
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0)
        return system_error("cannot read the addresses of interfaces", errno, ErrorKind::kernel);
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
    LocalAddresses addresses;
    for (const ifaddrs* one = list; one; one = one->ifa_next) {
        const auto own = to_address(one->ifa_addr);
        if (own) add_own(addresses, *own, link_of(*one), *layers);
        if (!own || !(one->ifa_flags & IFF_BROADCAST)) continue;
        // Where no broadcast address was set, glibc gives the address itself in its place.
        if (const auto all = to_address(one->ifa_broadaddr); all && *all != *own)
            addresses[*all] |= YETT_LOCAL_BROADCAST;
    }
    return addresses;
}

}  // namespace yett
