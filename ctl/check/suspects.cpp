// SPDX-License-Identifier: GPL-2.0-or-later
// The reference for suspicious packets; shares no code with xdp/parse.
#include "check/suspects.hpp"

#include <algorithm>

#include "abi/fields.h"
#include "model/protocol.hpp"

namespace yett {
namespace {

bool in(const char* prefix, const Address& address) {
    const auto parsed = parse_prefix(prefix);
    return parsed && contains(*parsed, address);
}

bool in_any(std::initializer_list<const char*> prefixes, const Address& address) {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](const char* prefix) { return in(prefix, address); });
}

bool is_group(const Address& address) {
    return in_any({"224.0.0.0/4", "255.255.255.255", "ff00::/8"}, address);
}

bool is_martian(const PacketSpec& packet) {
    if (in_any({"127.0.0.0/8", "224.0.0.0/4", "255.255.255.255", "::1", "ff00::/8"}, packet.src))
        return true;
    if (in_any({"127.0.0.0/8", "::/127"}, packet.dst)) return true;
    if (in_any({"0.0.0.0", "::"}, packet.src)) return !is_group(packet.dst);
    return in("0.0.0.0/8", packet.src);
}

bool is_mapped(const PacketSpec& packet) {
    return in("::ffff:0:0/96", packet.src) || in("::ffff:0:0/96", packet.dst);
}

bool has_bad_flags(const PacketSpec& packet) {
    const std::uint8_t kept = YETT_TCP_SYN | YETT_TCP_RST | YETT_TCP_FIN | YETT_TCP_ACK;
    const std::uint8_t sane[] = {YETT_TCP_SYN, YETT_TCP_SYN | YETT_TCP_ACK,
                                 YETT_TCP_RST, YETT_TCP_RST | YETT_TCP_ACK,
                                 YETT_TCP_ACK, YETT_TCP_FIN | YETT_TCP_ACK};
    const bool urgent_alone = packet.tcp_flags & YETT_TCP_URG && !(packet.tcp_flags & YETT_TCP_ACK);
    return urgent_alone ||
           std::find(std::begin(sane), std::end(sane), packet.tcp_flags & kept) == std::end(sane);
}

bool is_bad_nd(const PacketSpec& packet) {
    return packet.icmp_type >= 133 && packet.icmp_type <= 137 &&
           (packet.ttl != 255 || packet.fragment != FragmentKind::none);
}

bool is_tunnel(std::uint8_t proto) {
    constexpr std::uint8_t kTunnels[] = {4,  41, 47,  53,  55,  57,  94,
                                         97, 98, 108, 115, 137, 143, 144};
    return std::find(std::begin(kTunnels), std::end(kTunnels), proto) != std::end(kTunnels);
}

bool is_carrier(std::uint16_t ethertype) {
    constexpr std::uint16_t kCarriers[] = {0x08ff, 0x22eb, 0x22f3, 0x4305, 0x6558, 0x809b, 0x8847,
                                           0x8848, 0x8899, 0x88be, 0x88e7, 0x88fb, 0x8926, 0x892f,
                                           0x894f, 0xdada, 0xdadb, 0xe001, 0xed3e};
    return std::find(std::begin(kCarriers), std::end(kCarriers), ethertype) != std::end(kCarriers);
}

void transport_suspects(const PacketSpec& packet, Direction direction,
                        std::vector<yett_reason>& found) {
    const bool v6 = packet.family == Family::ipv6;
    const bool icmp = packet.proto == (v6 ? kProtocolIcmp6 : kProtocolIcmp);
    const bool ports = has_ports(packet.proto);
    if (packet.proto == kProtocolTcp && has_bad_flags(packet))
        found.push_back(YETT_REASON_TCP_FLAGS);
    if (ports && (packet.sport == 0 || packet.dport == 0)) found.push_back(YETT_REASON_ZERO_PORT);
    if (icmp && v6 && is_bad_nd(packet)) found.push_back(YETT_REASON_ND_BAD);
    if (icmp && packet.icmp_type == (v6 ? 128 : 8) && direction == Direction::ingress &&
        (is_group(packet.dst) || packet.dmac >> 40 & 1))
        found.push_back(YETT_REASON_ECHO_MULTICAST);
    if (is_tunnel(packet.proto)) found.push_back(YETT_REASON_TUNNEL);
}

}  // namespace

std::vector<yett_reason> suspects(const PacketSpec& packet, Direction direction) {
    std::vector<yett_reason> found;
    if (!packet.family && is_carrier(packet.ethertype)) found.push_back(YETT_REASON_TUNNEL);
    if (!packet.family) return found;
    if (direction == Direction::ingress && is_martian(packet)) found.push_back(YETT_REASON_MARTIAN);
    if (packet.family == Family::ipv6 && is_mapped(packet))
        found.push_back(YETT_REASON_MAPPED_ADDRESS);
    if (packet.fragment != FragmentKind::later)
        transport_suspects(packet, direction, found);
    else
        found.push_back(YETT_REASON_FRAG_LATER);
    if (direction == Direction::ingress && in("240.0.0.0/4", packet.src) &&
        !in("255.255.255.255", packet.src))
        found.push_back(YETT_REASON_RESERVED_SOURCE);
    std::sort(found.begin(), found.end());  // the first by number is the one that is told
    return found;
}

std::uint32_t tunnel_bit(std::uint8_t protocol) {
    constexpr std::uint8_t kIpv4 = 4, kIpv6 = 41, kGre = 47, kMpls = 137;
    if (protocol == kIpv4 || protocol == kIpv6) return 1u << YETT_TUNNEL_IPIP;
    if (protocol == kMpls) return 1u << YETT_TUNNEL_MPLS;
    return protocol == kGre ? 1u << YETT_TUNNEL_GRE : 0;
}

}  // namespace yett
