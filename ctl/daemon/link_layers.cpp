// SPDX-License-Identifier: GPL-2.0-or-later
// rtnetlink(7): RTM_GETLINK.
#include "daemon/link_layers.hpp"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hpp"

namespace yett {
namespace {

/// Attributes of one nesting level, by type.
template <std::size_t N>
std::array<const rtattr*, N> attributes(const rtattr* at, int size) {
    std::array<const rtattr*, N> found{};
    for (; RTA_OK(at, size); at = RTA_NEXT(at, size))
        if ((at->rta_type & NLA_TYPE_MASK) < N) found[at->rta_type & NLA_TYPE_MASK] = at;
    return found;
}

std::uint32_t number_in(const rtattr* attribute) {
    std::uint32_t number = 0;
    if (attribute && RTA_PAYLOAD(attribute) >= sizeof(number))
        std::memcpy(&number, RTA_DATA(attribute), sizeof(number));
    return number;
}

/// Of a veth or a tunnel IFLA_LINK says something else.
bool stands_on_its_link(const rtattr* info) {
    if (!info) return false;
    const auto inside = attributes<IFLA_INFO_KIND + 1>(static_cast<const rtattr*>(RTA_DATA(info)),
                                                       static_cast<int>(RTA_PAYLOAD(info)));
    if (!inside[IFLA_INFO_KIND]) return false;
    const std::string_view kind(static_cast<const char*>(RTA_DATA(inside[IFLA_INFO_KIND])),
                                strnlen(static_cast<const char*>(RTA_DATA(inside[IFLA_INFO_KIND])),
                                        RTA_PAYLOAD(inside[IFLA_INFO_KIND])));
    return kind == "vlan" || kind == "macvlan" || kind == "macvtap" || kind == "ipvlan";
}

void take_link(const nlmsghdr* message, LinkLayers& layers) {
    const auto* link = static_cast<const ifinfomsg*>(NLMSG_DATA(message));
    const auto found = attributes<IFLA_LINK_NETNSID + 1>(
        IFLA_RTA(link), static_cast<int>(message->nlmsg_len - NLMSG_LENGTH(sizeof(*link))));
    const auto index = static_cast<std::uint32_t>(link->ifi_index);
    if (const std::uint32_t master = number_in(found[IFLA_MASTER])) layers.emplace(master, index);
    const std::uint32_t lower = number_in(found[IFLA_LINK]);
    if (lower && !found[IFLA_LINK_NETNSID] && stands_on_its_link(found[IFLA_LINKINFO]))
        layers.emplace(index, lower);
}

Error failed() {
    return {ErrorKind::kernel,
            std::string("cannot read how interfaces stand on each other: ") + std::strerror(errno),
            ""};
}

Result<Fd> ask() {
    Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!fd.valid()) return failed();
    const timeval patience{2, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    struct {
        nlmsghdr header;
        ifinfomsg link;
    } request{};
    request.header = {sizeof(request), RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0};
    if (::send(fd.get(), &request, sizeof(request), 0) < 0) return failed();
    return fd;
}

/// True: that was the end of the dump.
Result<bool> take_some(const Fd& fd, LinkLayers& layers) {
    std::vector<char> chunk(65536);
    const auto size = ::recv(fd.get(), chunk.data(), chunk.size(), 0);
    if (size <= 0) return failed();
    int left = static_cast<int>(size);
    for (auto* at = reinterpret_cast<const nlmsghdr*>(chunk.data()); NLMSG_OK(at, left);
         at = NLMSG_NEXT(at, left)) {
        if (at->nlmsg_type == NLMSG_DONE) return true;
        if (at->nlmsg_type == NLMSG_ERROR) return failed();
        if (at->nlmsg_type == RTM_NEWLINK) take_link(at, layers);
    }
    return false;
}

}  // namespace

Result<LinkLayers> read_link_layers() {
    const auto fd = ask();
    if (!fd) return fd.error();
    LinkLayers layers;
    for (;;) {
        const auto done = take_some(*fd, layers);
        if (!done) return done.error();
        if (*done) return layers;
    }
}

std::set<std::uint32_t> below(const LinkLayers& layers, std::uint32_t ifindex) {
    std::set<std::uint32_t> found = {ifindex};
    std::vector<std::uint32_t> open = {ifindex};
    while (!open.empty()) {
        const std::uint32_t upper = open.back();
        open.pop_back();
        const auto [first, last] = layers.equal_range(upper);
        for (auto it = first; it != last; ++it)
            if (found.insert(it->second).second) open.push_back(it->second);
    }
    return found;
}

}  // namespace yett
