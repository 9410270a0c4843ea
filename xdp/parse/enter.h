// SPDX-License-Identifier: GPL-2.0-or-later
// What the entry programs parse themselves: the usual packet, without a tail call. IPv4 without
// options, IPv6 without extension headers, whole, with TCP or UDP. Everything else goes to the
// stages, which are made of the same functions.
#pragma once

#include "parse/ipv4.h"
#include "parse/ipv6.h"
#include "parse/link.h"
#include "parse/transport.h"

// Each of these: YETT_REASON_RULE: parsed, the rules are next. A stage that was gone to does not
// come back.

static __always_inline enum yett_reason enter_transport(yett_ctx* ctx, struct yett_packet* packet,
                                                        __u8 icmp, enum yett_stage icmp_stage) {
    if (packet->proto == PROTO_TCP) return parse_tcp(ctx, packet);
    if (packet->proto == PROTO_UDP) return parse_udp(ctx, packet);
    return goto_transport(ctx, packet, icmp, icmp_stage);
}

static __always_inline enum yett_reason enter_ipv4(yett_ctx* ctx, struct yett_packet* packet) {
    struct ipv4_header ip;
    if (frame_read(ctx, packet->next, &ip, sizeof(ip)) && ipv4_is_plain(&ip)) {
        enum yett_reason reason = take_ipv4(packet, &ip);
        if (reason != YETT_REASON_RULE) return reason;
        return enter_transport(ctx, packet, PROTO_ICMP, YETT_STAGE_ICMP);
    }
    goto_stage(ctx, YETT_STAGE_IPV4);
    return YETT_REASON_TAIL_CALL;
}

static __always_inline enum yett_reason enter_ipv6(yett_ctx* ctx, struct yett_packet* packet) {
    struct ipv6_header ip;
    if (frame_read(ctx, packet->next, &ip, sizeof(ip)) && !is_extension(ip.next_header)) {
        enum yett_reason reason = take_ipv6(packet, &ip);
        if (reason != YETT_REASON_RULE) return reason;
        know_proto(packet, ip.next_header);
        return enter_transport(ctx, packet, PROTO_ICMPV6, YETT_STAGE_ICMPV6);
    }
    goto_stage(ctx, YETT_STAGE_IPV6);
    return YETT_REASON_TAIL_CALL;
}

static __always_inline enum yett_reason enter(yett_ctx* ctx, struct yett_packet* packet) {
    enum yett_reason reason = parse_link(ctx, packet);
    if (reason == YETT_REASON_VLAN_DEPTH || reason == YETT_REASON_LLC)
        return unreadable_inside(ctx, packet, reason);
    if (reason != YETT_REASON_RULE) return reason;
    if (packet->ethertype == ETHERTYPE_IPV4) return enter_ipv4(ctx, packet);
    if (packet->ethertype == ETHERTYPE_IPV6) return enter_ipv6(ctx, packet);
    if (packet->ethertype == ETHERTYPE_ARP)
        goto_stage(ctx, YETT_STAGE_ARP);
    else
        goto_stage(ctx, YETT_STAGE_CLASSIFY);
    return YETT_REASON_TAIL_CALL;
}
