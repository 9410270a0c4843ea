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

#define IPV4_OPTIONS_MAX 40
#define IPV4_OPTION_END 0
#define IPV4_OPTION_NOP 1
#define IPV4_OPTION_LSRR 131
#define IPV4_OPTION_SSRR 137

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
                                                     const struct ipv4_header* ip) {
    __u32 header = (ip->version_ihl & 0x0f) * 4;
    __u32 total = bpf_ntohs(ip->total_length);
    if (header < sizeof(*ip)) return YETT_REASON_BAD_HEADER;
    if (total == 0 && frame_is_super(packet)) total = packet->end - packet->next;
    if (total < header || packet->next + total > packet->end) return YETT_REASON_BAD_LENGTH;
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
    packet->fragment_id = (__u32)ip->protocol << 16 | bpf_ntohs(ip->id);
    packet->fragment = offset ? YETT_FRAGMENT_LATER : YETT_FRAGMENT_FIRST;
    if (field & IPV4_MORE_FRAGMENTS) packet->in_fragment |= YETT_MORE_FRAGMENTS;
    if ((field & IPV4_MORE_FRAGMENTS) && (payload & 7 || !payload)) return YETT_REASON_FRAG_BAD;
    if (offset * 8 + payload + (packet->next - packet->network) > 0xffff)
        return YETT_REASON_FRAG_BAD;
    if (offset == 1 && ip->protocol == PROTO_TCP) return YETT_REASON_FRAG_BAD;
    return YETT_REASON_RULE;
}

/// Authentication headers in a row that are walked.
#define YETT_MAX_AUTHENTICATIONS 4

/// AH (RFC 4302) shows what is behind it, in the clear.
static __always_inline enum yett_reason ipv4_authentication(yett_ctx* ctx,
                                                            struct yett_packet* packet) {
    for (int i = 0; i < YETT_MAX_AUTHENTICATIONS; i++) {
        struct ipv6_extension ah;
        __u32 octets;
        if (packet->proto != PROTO_AH) return YETT_REASON_RULE;
        if (!packet_read(ctx, packet, &ah, sizeof(ah))) return cut_in_chain(packet);
        octets = extension_octets(PROTO_AH, &ah);
        if (!packet_holds(packet, octets)) return cut_in_chain(packet);
        packet->next += octets;
        packet->proto = ah.next_header;
    }
    return packet->proto == PROTO_AH ? YETT_REASON_EXT_TOO_LONG : YETT_REASON_RULE;
}

#define IPV4_LOOPBACK 127

static __always_inline bool ipv4_is_group(__u32 address) {
    return address >> 28 == 0xe || address == 0xffffffff;
}

/// RFC 1122 3.2.1.3, RFC 6890. 0.0.0.0 asks for an address (DHCP), and then only many hosts at
/// once.
static __always_inline bool ipv4_is_martian(__u32 src, __u32 dst) {
    __u8 net = src >> 24;
    if (ipv4_is_group(src) || net == IPV4_LOOPBACK || dst >> 24 == IPV4_LOOPBACK) return true;
    return net == 0 && !(src == 0 && ipv4_is_group(dst));
}

/// RFC 1112 4: for a use that never came; Linux takes it, and some networks are numbered from it.
static __always_inline bool ipv4_is_reserved(__u32 address) {
    return address >> 28 == 0xf && address != 0xffffffff;
}

/// The walk along the options. A plain loop would cost the verifier a million states (seen
/// on 6.18); options are rare, so bpf_loop it is. tests/packet: ip_options.
struct ipv4_option_walk {
    __u8 octets[IPV4_OPTIONS_MAX + 1];  ///< and a length of 0 behind the last
    __u32 size;
    __u32 at;
    enum yett_reason reason;
};

/// One option (RFC 791 3.1). 1 ends the walk. Source routes let the sender choose the way: never
/// obeyed.
static long ipv4_option_step(__u32 step, struct ipv4_option_walk* walk) {
    __u32 at = walk->at;
    __u8 length;
    (void)step;
    if (at >= walk->size || at >= IPV4_OPTIONS_MAX) return 1;
    if (walk->octets[at] == IPV4_OPTION_END) return 1;
    if (walk->octets[at] == IPV4_OPTION_NOP) {
        walk->at++;
        return 0;
    }
    walk->reason = YETT_REASON_SOURCE_ROUTE;
    if (walk->octets[at] == IPV4_OPTION_LSRR || walk->octets[at] == IPV4_OPTION_SSRR) return 1;
    walk->reason = YETT_REASON_BAD_HEADER;
    length = walk->octets[at + 1];
    if (length < 2 || at + length > walk->size) return 1;
    walk->reason = YETT_REASON_RULE;
    walk->at += length;
    return 0;
}

static __always_inline enum yett_reason ipv4_options(yett_ctx* ctx, struct yett_packet* packet,
                                                     __u32 offset) {
    struct ipv4_option_walk walk = {.size = packet->next - offset, .reason = YETT_REASON_RULE};
    if (!walk.size) return YETT_REASON_RULE;
    packet_suspect(packet, YETT_REASON_IP_OPTIONS);
    if (!frame_read_some(ctx, offset, walk.octets, walk.size)) return YETT_REASON_TRUNCATED;
    bpf_loop(IPV4_OPTIONS_MAX, ipv4_option_step, &walk, 0);
    return walk.reason;
}

/// The fixed part of the header.
static __always_inline enum yett_reason take_ipv4(struct yett_packet* packet,
                                                  const struct ipv4_header* ip) {
    enum yett_reason reason;
    if (ip->version_ihl >> 4 != 4) return YETT_REASON_BAD_VERSION;
    reason = ipv4_lengths(packet, ip);
    if (reason != YETT_REASON_RULE) return reason;
    ipv4_fields(packet, ip);
    if (packet->direction == YETT_INGRESS && ipv4_is_martian(packet->src.lo, packet->dst.lo))
        packet_suspect(packet, YETT_REASON_MARTIAN);
    if (packet->direction == YETT_INGRESS && ipv4_is_reserved(packet->src.lo))
        packet_suspect(packet, YETT_REASON_RESERVED_SOURCE);
    return YETT_REASON_RULE;
}

/// No options and no fragment: the fixed part says it all.
static __always_inline bool ipv4_is_plain(const struct ipv4_header* ip) {
    return ip->version_ihl == 0x45 &&
           !(ip->fragment & bpf_htons(IPV4_MORE_FRAGMENTS | IPV4_OFFSET_MASK));
}

static __always_inline enum yett_reason parse_ipv4(yett_ctx* ctx, struct yett_packet* packet) {
    struct ipv4_header ip;
    enum yett_reason reason;
    if (!frame_read(ctx, packet->next, &ip, sizeof(ip))) return YETT_REASON_TRUNCATED;
    reason = take_ipv4(packet, &ip);
    if (reason != YETT_REASON_RULE) return reason;
    reason = ipv4_options(ctx, packet, packet->network + sizeof(ip));
    if (reason != YETT_REASON_RULE) return reason;
    reason = ipv4_fragment(packet, &ip);
    if (reason != YETT_REASON_RULE || packet->fragment == YETT_FRAGMENT_LATER) return reason;
    return ipv4_authentication(ctx, packet);
}

/// Where AH is the last header that was read, nobody knows the protocol.
static __always_inline int stage_ipv4(yett_ctx* ctx, struct yett_packet* packet) {
    enum yett_reason reason = parse_ipv4(ctx, packet);
    if (packet->proto == PROTO_AH) packet->known &= ~YETT_FIELD_BIT(PROTO);
    if (reason == YETT_REASON_EXT_TOO_LONG) return unreadable_transport(ctx, packet, reason);
    if (reason != YETT_REASON_RULE) return refuse(packet, reason);
    if (packet->fragment == YETT_FRAGMENT_LATER) return later_fragment(ctx, packet);
    return refuse(packet, goto_transport(ctx, packet, PROTO_ICMP, YETT_STAGE_ICMP));
}
