// SPDX-License-Identifier: GPL-2.0-or-later
// Replies over IPv6.
#pragma once

#include "decide/reply.h"

/// RFC 8200 8.1
struct ipv6_pseudo_header {
    __be32 src[4];
    __be32 dst[4];
    __be32 length;
    __be32 next_header;
};

struct ipv6_reset {
    struct ipv6_header ip;
    struct tcp_header tcp;
};

/// RFC 4443 3.1, with no more of the original than its header and the ports: shorter than most that
/// it answers.
struct ipv6_unreachable {
    struct ipv6_header ip;
    struct icmp_header icmp;
    struct ipv6_header original;
    __u8 ports[8];
};

#define ICMPV6_UNREACHABLE 1
#define ICMPV6_PORT_UNREACHABLE 4
#define ICMPV6_PROHIBITED 1

static __always_inline void ipv6_words(__be32* words, const struct yett_address* address) {
    words[0] = bpf_htonl(address->hi >> 32);
    words[1] = bpf_htonl(address->hi);
    words[2] = bpf_htonl(address->lo >> 32);
    words[3] = bpf_htonl(address->lo);
}

/// Fills the header and gives the sum of the pseudo header.
static __always_inline __u64 ipv6_reply_header(struct ipv6_header* ip,
                                               const struct yett_packet* packet, __u8 next_header,
                                               __u16 payload) {
    struct ipv6_pseudo_header pseudo = {.length = bpf_htonl(payload),
                                        .next_header = bpf_htonl(next_header)};
    ip->version_class_label = bpf_htonl(6u << 28);
    ip->payload_length = bpf_htons(payload);
    ip->next_header = next_header;
    ip->hop_limit = 64;
    ipv6_words(ip->src, &packet->dst);
    ipv6_words(ip->dst, &packet->src);
    ipv6_words(pseudo.src, &packet->dst);
    ipv6_words(pseudo.dst, &packet->src);
    return checksum_add(0, &pseudo, sizeof(pseudo));
}

static __always_inline int reset_ipv6(yett_ctx* ctx, struct yett_packet* packet) {
    struct ipv6_reset reply = {};
    __u64 sum;
    if (!make_reset(ctx, packet, &reply.tcp)) return hook_action(YETT_DROP);
    sum = ipv6_reply_header(&reply.ip, packet, PROTO_TCP, sizeof(reply.tcp));
    reply.tcp.checksum = checksum_fold(checksum_add(sum, &reply.tcp, sizeof(reply.tcp)));
    if (frame_store(ctx, packet->network, &reply, sizeof(reply)) != 0)
        return hook_action(YETT_DROP);
    return send_back(ctx, packet, sizeof(reply));
}

static __always_inline int unreachable_ipv6(yett_ctx* ctx, struct yett_packet* packet) {
    struct ipv6_unreachable reply = {};
    __u64 sum;
    if (packet->end - packet->network < sizeof(reply) ||
        packet->next != packet->network + sizeof(reply.original))
        return hook_action(YETT_DROP);
    if (!frame_read(ctx, packet->network, &reply.original, sizeof(reply.original)) ||
        !frame_read(ctx, packet->next, reply.ports, sizeof(reply.ports)))
        return hook_action(YETT_DROP);
    sum = ipv6_reply_header(&reply.ip, packet, PROTO_ICMPV6, sizeof(reply) - sizeof(reply.ip));
    reply.icmp.type = ICMPV6_UNREACHABLE;
    reply.icmp.code = packet->proto == PROTO_UDP ? ICMPV6_PORT_UNREACHABLE : ICMPV6_PROHIBITED;
    sum = checksum_add(sum, &reply.icmp, sizeof(reply) - sizeof(reply.ip));
    reply.icmp.checksum = checksum_fold(sum);
    if (frame_store(ctx, packet->network, &reply, sizeof(reply)) != 0)
        return hook_action(YETT_DROP);
    return send_back(ctx, packet, sizeof(reply));
}
