// SPDX-License-Identifier: GPL-2.0-or-later
// Network interfaces by ioctl (netdevice(7)) and the ethtool interface.
#include "bpf/interface.hpp"

#include <fmt/format.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/fd.hpp"
#include "base/posix.hpp"

namespace yett {
namespace {

constexpr std::uint32_t kVlanOffloads = ETH_FLAG_RXVLAN | ETH_FLAG_TXVLAN;

ifreq request_for(const std::string& name) {
    ifreq request{};
    std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
    return request;
}

Fd any_socket() {
    return Fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

template <typename Command>
bool ethtool(const Fd& socket, const std::string& name, Command& command) {
    ifreq request = request_for(name);
    request.ifr_data = reinterpret_cast<char*>(&command);
    return ioctl(socket.get(), SIOCETHTOOL, &request) == 0;
}

std::uint32_t flags_of(const Fd& socket, const std::string& name) {
    ethtool_value flags{};
    flags.cmd = ETHTOOL_GFLAGS;
    return ethtool(socket, name, flags) ? flags.data : 0;
}

void set_flags(const Fd& socket, const std::string& name, std::uint32_t data) {
    ethtool_value flags{};
    flags.cmd = ETHTOOL_SFLAGS;
    flags.data = data;
    (void)ethtool(socket, name, flags);
}

// Of linux/if_arp.h, which net/if_arp.h lacks.
constexpr unsigned kRawIp = 519, kIp6Gre = 823;

/// Devices whose packets begin with the network header.
bool is_bare(unsigned type) {
    switch (type) {
        case ARPHRD_NONE:  // tun, WireGuard, xfrm, VXLAN-GPE, bareudp
        case ARPHRD_PPP:
        case ARPHRD_TUNNEL:
        case ARPHRD_TUNNEL6:
        case ARPHRD_SIT:
        case ARPHRD_IPGRE:
        case kIp6Gre:
        case kRawIp:
            return true;
        default:
            return false;
    }
}

}  // namespace

Result<Interface> find_interface(const std::string& name) {
    const Fd socket = any_socket();
    if (!socket.valid()) return system_error("cannot ask for interfaces", errno, ErrorKind::kernel);
    const std::uint32_t index = if_nametoindex(name.c_str());
    if (index == 0 && is_of_the_machine(errno))
        return system_error("cannot ask for the interface " + name, errno, ErrorKind::kernel);
    if (index == 0)
        return Error{ErrorKind::no, fmt::format("there is no interface {}", name),
                     "see `ip link`; yett sees the interfaces of the network namespace it runs in"};
    ifreq request = request_for(name);
    if (ioctl(socket.get(), SIOCGIFHWADDR, &request) != 0)
        return system_error("cannot ask what " + name + " carries", errno, ErrorKind::kernel);
    const unsigned type = request.ifr_hwaddr.sa_family;
    if (type != ARPHRD_ETHER && type != ARPHRD_LOOPBACK && !is_bare(type))
        return Error{ErrorKind::usage,
                     fmt::format("{} carries neither Ethernet frames nor IP packets "
                                 "(hardware type {})",
                                 name, type),
                     "yett cannot filter it: take it out of \"interfaces\""};
    return Interface{name, index, is_bare(type), type == ARPHRD_IPGRE || type == kIp6Gre};
}

std::vector<Interface> all_interfaces() {
    std::vector<Interface> found;
    struct if_nameindex* list = if_nameindex();
    for (struct if_nameindex* entry = list; entry && entry->if_index; ++entry)
        found.push_back({.name = entry->if_name, .index = entry->if_index});
    if (list) if_freenameindex(list);
    return found;
}

std::string driver_of(const std::string& name) {
    ethtool_drvinfo answer{};
    answer.cmd = ETHTOOL_GDRVINFO;
    return ethtool(any_socket(), name, answer) ? answer.driver : "";
}

Result<std::uint32_t> switch_off_vlan_offload(const std::string& name) {
    const Fd socket = any_socket();
    const std::uint32_t before = flags_of(socket, name);
    if ((before & ETH_FLAG_RXVLAN) == 0) return 0u;
    set_flags(socket, name, before & ~std::uint32_t{ETH_FLAG_RXVLAN});
    const std::uint32_t after = flags_of(socket, name);
    if ((after & ETH_FLAG_RXVLAN) == 0) return before & ~after & kVlanOffloads;
    return Error{ErrorKind::kernel,
                 fmt::format("{} takes VLAN tags out of frames and cannot be told not to", name),
                 "rules on VLANs do not see these tags on this interface"};
}

Result<void> switch_on_vlan_offload(const std::string& name, std::uint32_t flags) {
    const Fd socket = any_socket();
    flags &= kVlanOffloads;
    const std::uint32_t before = flags_of(socket, name);
    if ((before & flags) == flags) return {};
    set_flags(socket, name, before | flags);
    if ((flags_of(socket, name) & flags) == flags) return {};
    return Error{
        ErrorKind::kernel,
        fmt::format("the VLAN offload of {} was on, and cannot be switched on again", name),
        "look at it with: ethtool -k " + name};
}

}  // namespace yett
