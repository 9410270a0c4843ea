// SPDX-License-Identifier: GPL-2.0-or-later
// Tells when network interfaces and their addresses come or go (rtnetlink(7)).
#include "daemon/link_watch.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "base/posix.hpp"

namespace yett {
namespace {

Result<Fd> watch(std::uint32_t groups, const char* what) {
    Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = groups;
    if (!fd.valid() ||
        ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        return system_error(std::string("cannot watch ") + what, errno, ErrorKind::kernel);
    }
    return fd;
}

}  // namespace

Result<Fd> watch_links() {
    return watch(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR, "network interfaces");
}

Result<Fd> watch_hooks() {
    return watch(RTMGRP_TC, "filters");
}

bool drain_links(const Fd& socket) {
    char chunk[16384];
    bool any = false;
    for (;;) {
        const auto size = ::recv(socket.get(), chunk, sizeof(chunk), 0);
        if (size > 0 || (size < 0 && (errno == ENOBUFS || errno == EINTR))) {
            any = true;
            continue;
        }
        return any;
    }
}

}  // namespace yett
