// SPDX-License-Identifier: GPL-2.0-or-later
// A packet from outside whose source is this host: nobody but a forger sends it.
#pragma once

#include "parse/headers.h"
#include "parse/local.h"
#include "parse/transport.h"
#include "record/record.h"

#define LOOPBACK_IFINDEX 1  // in every namespace (include/net/net_namespace.h)

/// What a host says to itself comes back by the loopback interface. Whoever defends an address that
/// this host tries out speaks from that address (RFC 4862 5.4.4): it must be heard. Inside a tunnel
/// a link-local address is one of another link.
static __always_inline bool may_come_from_own(const struct yett_packet* packet) {
    if (packet->direction != YETT_INGRESS) return true;
    if (!(packet->known & YETT_FIELD_BIT(SRC))) return true;
    if (packet->depth && is_link_local(packet, &packet->src)) return true;
    if (packet->family == YETT_FAMILY_IPV6 && packet->known & YETT_FIELD_BIT(ICMP_TYPE) &&
        packet->icmp_type >= ICMPV6_ND_FIRST && packet->icmp_type <= ICMPV6_ND_LAST)
        return true;
    return packet->ifindex == LOOPBACK_IFINDEX;
}

/// Asked only of packets that would pass. An exception that lets one through is counted.
static __always_inline bool pretends_to_be_us(const struct yett_packet* packet,
                                              __u64 exceptions_pass) {
    if (may_come_from_own(packet)) return false;
    if (!is_local(packet, &packet->src, YETT_LOCAL_OWN)) return false;
    if (!(exceptions_pass >> YETT_REASON_OWN_ADDRESS & 1)) return true;
    count_reason(packet, YETT_REASON_OWN_ADDRESS, YETT_PASS);
    return false;
}
