// SPDX-License-Identifier: GPL-2.0-or-later
// What the entry programs parse themselves: the usual packet, without a tail call and without a
// copy. Ethernet without tags, IPv4 without options or IPv6 without extension headers, whole, with
// TCP or UDP, in the linear part. Everything else begins with the stage "link"; both are made of
// the same functions.
#pragma once

#include "parse/ipv4.h"
#include "parse/ipv6.h"
#include "parse/link.h"
#include "parse/transport.h"

static __always_inline bool is_usual_transport(__u8 proto) {
    return proto == PROTO_TCP || proto == PROTO_UDP;
}

static __always_inline void enter_ethernet(struct yett_packet* packet, const void* head,
                                           __u16 ethertype) {
    const struct eth_header* eth = head;
    take_macs(packet, mac_in_head(eth->dmac), mac_in_head(eth->smac));
    packet->ethertype = ethertype;
    packet_knows(packet, YETT_FIELD_BIT(VLAN) | YETT_FIELD_BIT(ETHERTYPE));
}

static __always_inline enum yett_reason enter_transport(yett_ctx* ctx, struct yett_packet* packet,
                                                        const void* head) {
    struct tcp_header tcp;
    struct udp_header udp;
    if (packet->proto == PROTO_TCP) {
        head_read(head, &tcp, sizeof(tcp));
        return packet_holds(packet, sizeof(tcp)) ? take_tcp(ctx, packet, &tcp) : cut_short(packet);
    }
    head_read(head, &udp, sizeof(udp));
    return packet_holds(packet, sizeof(udp)) ? take_udp(ctx, packet, &udp) : cut_short(packet);
}

// Each of these: YETT_REASON_RULE: parsed, class YETT_CLASS_PORTS, the rules are next.
// YETT_REASON_TAIL_CALL: nothing was done.

static __always_inline enum yett_reason enter_ipv4(yett_ctx* ctx, struct yett_packet* packet,
                                                   const void* head) {
    struct ipv4_header ip;
    enum yett_reason reason;
    head_read(head + sizeof(struct eth_header), &ip, sizeof(ip));
    if (!ipv4_is_plain(&ip) || !is_usual_transport(ip.protocol)) return YETT_REASON_TAIL_CALL;
    enter_ethernet(packet, head, ETHERTYPE_IPV4);
    reason = take_ipv4(packet, &ip);
    if (reason != YETT_REASON_RULE) return reason;
    return enter_transport(ctx, packet, head + sizeof(struct eth_header) + sizeof(ip));
}

static __always_inline enum yett_reason enter_ipv6(yett_ctx* ctx, struct yett_packet* packet,
                                                   const void* head) {
    struct ipv6_header ip;
    enum yett_reason reason;
    head_read(head + sizeof(struct eth_header), &ip, sizeof(ip));
    if (!is_usual_transport(ip.next_header)) return YETT_REASON_TAIL_CALL;
    enter_ethernet(packet, head, ETHERTYPE_IPV6);
    reason = take_ipv6(packet, &ip);
    if (reason != YETT_REASON_RULE) return reason;
    know_proto(packet, ip.next_header);
    return enter_transport(ctx, packet, head + sizeof(struct eth_header) + sizeof(ip));
}

#define YETT_HEAD_OCTETS(network) \
    (sizeof(struct eth_header) + sizeof(struct network) + sizeof(struct tcp_header))

static __always_inline enum yett_reason enter(yett_ctx* ctx, struct yett_packet* packet) {
    const struct eth_header* eth = frame_head(ctx, YETT_HEAD_OCTETS(ipv4_header));
    __u16 tci;
    if (!eth || frame_is_bare(packet) || frame_metadata_tag(ctx, &tci))
        return YETT_REASON_TAIL_CALL;
    if (eth->ethertype == bpf_htons(ETHERTYPE_IPV4)) return enter_ipv4(ctx, packet, eth);
    if (eth->ethertype != bpf_htons(ETHERTYPE_IPV6)) return YETT_REASON_TAIL_CALL;
    eth = frame_head(ctx, YETT_HEAD_OCTETS(ipv6_header));
    return eth ? enter_ipv6(ctx, packet, eth) : YETT_REASON_TAIL_CALL;
}

// The first stage of the other packets.

static __always_inline int link_ip(yett_ctx* ctx, struct yett_packet* packet) {
    if (packet->ethertype == ETHERTYPE_IPV4)
        goto_stage(ctx, YETT_STAGE_IPV4);
    else if (packet->ethertype == ETHERTYPE_IPV6)
        goto_stage(ctx, YETT_STAGE_IPV6);
    else if (packet->ethertype == ETHERTYPE_ARP)
        goto_stage(ctx, YETT_STAGE_ARP);
    else
        goto_stage(ctx, YETT_STAGE_CLASSIFY);
    return refuse(packet, YETT_REASON_TAIL_CALL);
}

static __always_inline int stage_link(yett_ctx* ctx, struct yett_packet* packet) {
    enum yett_reason reason = parse_link(ctx, packet);
    if (reason == YETT_REASON_VLAN_DEPTH || reason == YETT_REASON_LLC)
        reason = unreadable_inside(ctx, packet, reason);
    return reason == YETT_REASON_RULE ? link_ip(ctx, packet) : refuse(packet, reason);
}
