// SPDX-License-Identifier: GPL-2.0-or-later
// Replies over IPv4.
#pragma once

#include "decide/reply.h"

/// RFC 793 3.1: what the TCP checksum covers besides the segment.
struct ipv4_pseudo_header {
    __be32 src;
    __be32 dst;
    __u8 zero;
    __u8 protocol;
    __be16 length;
};

struct ipv4_reset {
    struct ipv4_header ip;
    struct tcp_header tcp;
};

/// RFC 792: the header and 64 bits of what could not be delivered.
struct ipv4_unreachable {
    struct ipv4_header ip;
    struct icmp_header icmp;
    struct ipv4_header original;
    __u8 ports[8];
};

#define ICMP_UNREACHABLE 3
#define ICMP_PORT_UNREACHABLE 3
#define ICMP_PROHIBITED 13  // RFC 1812 5.2.7.1

static __always_inline void ipv4_reply_header(struct ipv4_header* ip,
                                              const struct yett_packet* packet, __u8 protocol,
                                              __u16 length) {
    ip->version_ihl = 0x45;
    ip->total_length = bpf_htons(length);
    ip->fragment = bpf_htons(0x4000);  // do not fragment
    ip->ttl = 64;
    ip->protocol = protocol;
    ip->src = bpf_htonl(packet->dst.lo);
    ip->dst = bpf_htonl(packet->src.lo);
    ip->checksum = checksum_fold(checksum_add(0, ip, sizeof(*ip)));
}

static __always_inline int reset_ipv4(yett_ctx* ctx, struct yett_packet* packet) {
    struct ipv4_reset reply = {};
    struct ipv4_pseudo_header pseudo = {.protocol = PROTO_TCP,
                                        .length = bpf_htons(sizeof(reply.tcp))};
    __u64 sum;
    if (!make_reset(ctx, packet, &reply.tcp)) return hook_action(YETT_DROP);
    ipv4_reply_header(&reply.ip, packet, PROTO_TCP, sizeof(reply));
    pseudo.src = reply.ip.src;
    pseudo.dst = reply.ip.dst;
    sum = checksum_add(0, &pseudo, sizeof(pseudo));
    reply.tcp.checksum = checksum_fold(checksum_add(sum, &reply.tcp, sizeof(reply.tcp)));
    if (frame_store(ctx, packet->network, &reply, sizeof(reply)) != 0)
        return hook_action(YETT_DROP);
    return send_back(ctx, packet, sizeof(reply));
}

static __always_inline int unreachable_ipv4(yett_ctx* ctx, struct yett_packet* packet) {
    struct ipv4_unreachable reply = {};
    if (packet->end - packet->network < sizeof(reply) ||
        packet->next != packet->network + sizeof(reply.original))
        return hook_action(YETT_DROP);
    if (!frame_read(ctx, packet->network, &reply.original, sizeof(reply.original)) ||
        !frame_read(ctx, packet->next, reply.ports, sizeof(reply.ports)))
        return hook_action(YETT_DROP);
    ipv4_reply_header(&reply.ip, packet, PROTO_ICMP, sizeof(reply));
    reply.icmp.type = ICMP_UNREACHABLE;
    reply.icmp.code = packet->proto == PROTO_UDP ? ICMP_PORT_UNREACHABLE : ICMP_PROHIBITED;
    reply.icmp.checksum =
        checksum_fold(checksum_add(0, &reply.icmp, sizeof(reply) - sizeof(reply.ip)));
    if (frame_store(ctx, packet->network, &reply, sizeof(reply)) != 0)
        return hook_action(YETT_DROP);
    return send_back(ctx, packet, sizeof(reply));
}
