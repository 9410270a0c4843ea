// SPDX-License-Identifier: GPL-2.0-or-later
// IPv4 (RFC 791): header, options, fragments.
#pragma once

#include <bpf/bpf_endian.h>

#include "parse/frame.h"
#include "parse/headers.h"
#include "parse/next.h"
#include "record/record.h"

#define IPV4_MORE_FRAGMENTS 0x2000
#define IPV4_OFFSET_MASK 0x1fff

static __always_inline void ipv4_fields(struct yett_packet* packet, const struct ipv4_header* ip) {
    packet->family = YETT_FAMILY_IPV4;
    packet->src.hi = 0;
    packet->src.lo = bpf_ntohl(ip->src);
    packet->dst.hi = 0;
    packet->dst.lo = bpf_ntohl(ip->dst);
    packet->proto = ip->protocol;
    packet->ttl = ip->ttl;
    packet->dscp = ip->tos >> 2;
    packet_knows(packet, YETT_NETWORK_FIELDS | YETT_FIELD_BIT(PROTO));
}

/// A GSO frame above 64 KiB has total length 0 (BIG TCP); its true length is the frame's.
static __always_inline enum yett_reason ipv4_lengths(struct yett_packet* packet,
                                                     const struct ipv4_header* ip, __u32 frame) {
    __u32 header = (ip->version_ihl & 0x0f) * 4;
    __u32 total = bpf_ntohs(ip->total_length);
    if (header < sizeof(*ip)) return YETT_REASON_BAD_HEADER;
    if (total == 0 && packet->segments > 1) total = frame - packet->next;
    if (total < header || packet->next + total > frame) return YETT_REASON_BAD_LENGTH;
    packet->network = packet->next;
    packet->end = packet->next + total;
    packet->next += header;
    packet->len = total > 0xffff ? 0xffff : total;
    return YETT_REASON_RULE;
}

/// RFC 791 3.2, RFC 1858, RFC 3128. An 8-octet step at offset 1 would overwrite the flags of a TCP
/// header.
static __always_inline enum yett_reason ipv4_fragment(struct yett_packet* packet,
                                                      const struct ipv4_header* ip) {
    __u16 field = bpf_ntohs(ip->fragment);
    __u32 offset = field & IPV4_OFFSET_MASK;
    __u32 payload = packet->end - packet->next;
    if (!(field & (IPV4_MORE_FRAGMENTS | IPV4_OFFSET_MASK))) return YETT_REASON_RULE;
    packet->fragment = offset ? YETT_FRAGMENT_LATER : YETT_FRAGMENT_FIRST;
    if ((field & IPV4_MORE_FRAGMENTS) && (payload & 7 || !payload)) return YETT_REASON_FRAG_BAD;
    if (offset * 8 + payload + (packet->next - packet->network) > 0xffff)
        return YETT_REASON_FRAG_BAD;
    if (offset == 1 && ip->protocol == PROTO_TCP) return YETT_REASON_FRAG_BAD;
    return YETT_REASON_RULE;
}

static __always_inline enum yett_reason parse_ipv4(yett_ctx* ctx, struct yett_packet* packet) {
    struct ipv4_header ip;
    enum yett_reason reason;
    if (!frame_read(ctx, packet->next, &ip, sizeof(ip))) return YETT_REASON_TRUNCATED;
    if (ip.version_ihl >> 4 != 4) return YETT_REASON_BAD_VERSION;
    reason = ipv4_lengths(packet, &ip, frame_length(ctx));
    if (reason != YETT_REASON_RULE) return reason;
    ipv4_fields(packet, &ip);
    return ipv4_fragment(packet, &ip);
}

static __always_inline int stage_ipv4(yett_ctx* ctx, struct yett_packet* packet) {
    enum yett_reason reason = parse_ipv4(ctx, packet);
    if (reason != YETT_REASON_RULE) return refuse(packet, reason);
    if (packet->fragment == YETT_FRAGMENT_LATER) return later_fragment(ctx, packet);
    return goto_transport(ctx, packet, PROTO_ICMP, YETT_STAGE_ICMP);
}
