// SPDX-License-Identifier: GPL-2.0-or-later
// What a packet is where no connection is known.
#include "abi/fields.h"
#include "model/packet.hpp"
#include "model/protocol.hpp"

namespace yett {
namespace {

bool is_icmp_error(Family family, std::uint8_t type) {
    if (family == Family::ipv6) return type < 128;
    return type == 3 || type == 4 || type == 11 || type == 12;
}

/// Of an echo, a timestamp, information, an address mask; IPv6: an echo, node information.
bool is_query_reply(Family family, std::uint8_t type) {
    if (family == Family::ipv6) return type == 129 || type == 140;
    return type == 0 || type == 14 || type == 16 || type == 18;
}

}  // namespace

ConnectionState state_of(const PacketSpec& packet, Direction direction) {
    if (packet.state || !packet.family) return packet.state.value_or(ConnectionState::fresh);
    const Family family = *packet.family;
    const bool ipv4 = family == Family::ipv4;
    bool fresh = true;
    if (packet.proto == kProtocolTcp) {
        const unsigned ends = packet.tcp_flags & (YETT_TCP_SYN | YETT_TCP_FIN | YETT_TCP_RST);
        const bool ack = (packet.tcp_flags & YETT_TCP_ACK) != 0;
        const bool leaves = direction == Direction::egress && ack && ends != YETT_TCP_RST;
        fresh = (ends & (ends - 1)) == 0 && ((ends == YETT_TCP_SYN && !ack) || leaves);
    } else if (packet.proto == (ipv4 ? kProtocolIcmp : kProtocolIcmp6)) {
        fresh =
            !is_query_reply(family, packet.icmp_type) && !is_icmp_error(family, packet.icmp_type);
    }
    return fresh ? ConnectionState::fresh : ConnectionState::invalid;
}

}  // namespace yett
