// SPDX-License-Identifier: GPL-2.0-or-later
// getifaddrs(3): one netlink dump, and no state to keep in step with events.
#include "daemon/own_addresses.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>

#include "base/posix.hpp"

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

}  // namespace

Result<LocalAddresses> read_own_addresses() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0)
        return system_error("cannot read the addresses of interfaces", errno, ErrorKind::kernel);
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
    LocalAddresses addresses;
    for (const ifaddrs* one = list; one; one = one->ifa_next) {
        const auto own = to_address(one->ifa_addr);
        if (own) addresses[*own] |= YETT_LOCAL_OWN;
        if (!own || !(one->ifa_flags & IFF_BROADCAST)) continue;
        // Where no broadcast address was set, glibc gives the address itself in its place.
        if (const auto all = to_address(one->ifa_broadaddr); all && *all != *own)
            addresses[*all] |= YETT_LOCAL_BROADCAST;
    }
    return addresses;
}

}  // namespace yett
