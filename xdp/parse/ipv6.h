// SPDX-License-Identifier: GPL-2.0-or-later
// IPv6 (RFC 8200): header and the walk along extension headers.
#pragma once

#include <bpf/bpf_endian.h>

#include "parse/frame.h"
#include "parse/headers.h"
#include "parse/next.h"
#include "record/record.h"

/// Extension headers that are walked; more is the exception ext_too_long (RFC 8504 5.3 lets hosts
/// limit them).
#define YETT_MAX_EXTENSIONS 16

#define IPV6_JUMBO_OCTETS 8  // the header with the option that Linux gives its own super-packets
#define IPV6_MORE_FRAGMENTS 0x0001
#define IPV6_OFFSET_MASK 0xfff8

/// Only these are extension headers; any other number ends the chain, whatever follows it looks
/// like.
static __always_inline bool is_extension(__u8 next_header) {
    return next_header == PROTO_HOP_BY_HOP || next_header == PROTO_ROUTING ||
           next_header == PROTO_FRAGMENT || next_header == PROTO_AH ||
           next_header == PROTO_DESTINATION || next_header == PROTO_MOBILITY ||
           next_header == PROTO_HIP || next_header == PROTO_SHIM6;
}

static __always_inline __u64 ipv6_half(const __be32* words) {
    return (__u64)bpf_ntohl(words[0]) << 32 | bpf_ntohl(words[1]);
}

static __always_inline void ipv6_fields(struct yett_packet* packet, const struct ipv6_header* ip) {
    packet->family = YETT_FAMILY_IPV6;
    packet->src.hi = ipv6_half(&ip->src[0]);
    packet->src.lo = ipv6_half(&ip->src[2]);
    packet->dst.hi = ipv6_half(&ip->dst[0]);
    packet->dst.lo = ipv6_half(&ip->dst[2]);
    packet->ttl = ip->hop_limit;
    packet->dscp = bpf_ntohl(ip->version_class_label) >> 22 & 0x3f;
    packet_knows(packet, YETT_NETWORK_FIELDS);
}

/// Payload length 0 is a jumbogram (RFC 2675), which no Ethernet carries, or a GSO frame above 64
/// KiB.
static __always_inline enum yett_reason ipv6_lengths(struct yett_packet* packet,
                                                     const struct ipv6_header* ip) {
    __u32 total = sizeof(*ip) + bpf_ntohs(ip->payload_length);
    if (!ip->payload_length && frame_is_super(packet)) {
        total = packet->end - packet->next;
        if (ip->next_header == PROTO_HOP_BY_HOP) packet->stripped = IPV6_JUMBO_OCTETS;
    }
    if (!ip->payload_length && !frame_is_super(packet) && ip->next_header == PROTO_HOP_BY_HOP)
        return YETT_REASON_BAD_LENGTH;
    if (packet->next + total > packet->end) return YETT_REASON_BAD_LENGTH;
    packet->network = packet->next;
    packet->end = packet->next + total;
    packet->next += sizeof(*ip);
    packet->len = total > 0xffff ? 0xffff : total;
    return YETT_REASON_RULE;
}

/// A first fragment holds the whole TCP header, so one at offset 8 would write over its flags (as
/// RFC 3128 has it for IPv4).
static __always_inline enum yett_reason ipv6_fragment(struct yett_packet* packet,
                                                      const struct ipv6_extension* ext) {
    __u16 field = bpf_ntohs(ext->fragment);
    __u32 offset = field & IPV6_OFFSET_MASK;
    __u32 payload = packet->end - packet->next - 8;
    if (!(field & (IPV6_OFFSET_MASK | IPV6_MORE_FRAGMENTS))) return YETT_REASON_RULE;
    packet->fragment_id = bpf_ntohl(ext->id);
    packet->fragment = offset ? YETT_FRAGMENT_LATER : YETT_FRAGMENT_FIRST;
    if (field & IPV6_MORE_FRAGMENTS) packet->in_fragment |= YETT_MORE_FRAGMENTS;
    if ((field & IPV6_MORE_FRAGMENTS) && (payload & 7 || !payload)) return YETT_REASON_FRAG_BAD;
    if (offset + payload > 0xffff) return YETT_REASON_FRAG_BAD;
    if (offset == 8 && ext->next_header == PROTO_TCP) return YETT_REASON_FRAG_BAD;
    return YETT_REASON_RULE;
}

/// RFC 4291 2.5, 2.7. The unspecified source asks for an address (RFC 4862), and then only a group.
static __always_inline bool ipv6_is_martian(const struct yett_packet* packet) {
    bool no_source = !packet->src.hi && !packet->src.lo;
    bool no_destination = !packet->dst.hi && packet->dst.lo <= 1;
    if (packet->src.hi >> 56 == 0xff || no_destination) return true;
    if (no_source) return packet->dst.hi >> 56 != 0xff;
    return !packet->src.hi && packet->src.lo == 1;
}

/// ::ffff:0:0/96 is a way to write IPv4 addresses inside a host (RFC 4291 2.5.5.2), never on a
/// wire.
static __always_inline bool ipv6_is_mapped(const struct yett_address* address) {
    return !address->hi && address->lo >> 32 == 0xffff;
}

static __always_inline void ipv6_addresses(struct yett_packet* packet) {
    if (packet->direction == YETT_INGRESS && ipv6_is_martian(packet))
        packet_suspect(packet, YETT_REASON_MARTIAN);
    if (ipv6_is_mapped(&packet->src) || ipv6_is_mapped(&packet->dst))
        packet_suspect(packet, YETT_REASON_MAPPED_ADDRESS);
}

/// RFC 5095: type 0 is never obeyed. Another type counts only while segments are left.
static __always_inline enum yett_reason ipv6_routing(struct yett_packet* packet,
                                                     const struct ipv6_extension* ext) {
    __u8 type = bpf_ntohs(ext->fragment) >> 8;
    __u8 segments_left = bpf_ntohs(ext->fragment) & 0xff;
    if (type == 0) return YETT_REASON_SOURCE_ROUTE;
    if (segments_left) packet_suspect(packet, YETT_REASON_ROUTING_HEADER);
    return YETT_REASON_RULE;
}

static __always_inline void know_proto(struct yett_packet* packet, __u8 proto) {
    packet->proto = proto;
    packet_knows(packet, YETT_FIELD_BIT(PROTO));
}

/// What the walk knows between two headers.
struct ipv6_walk {
    __u8 next_header;
    __u8 fragments;
    __u8 count;
    bool done;
};

/// One extension header. YETT_REASON_RULE: go on.
static __always_inline enum yett_reason ipv6_step(yett_ctx* ctx, struct yett_packet* packet,
                                                  struct ipv6_walk* walk) {
    struct ipv6_extension ext;
    __u8 kind = walk->next_header;
    __u32 octets;
    if (kind == PROTO_HOP_BY_HOP && walk->count) return YETT_REASON_EXT_BAD;
    if (!packet_read(ctx, packet, &ext, sizeof(ext))) return cut_in_chain(packet);
    if (kind == PROTO_FRAGMENT) {
        enum yett_reason reason = ipv6_fragment(packet, &ext);
        if (walk->fragments++) return YETT_REASON_FRAG_BAD;
        if (reason != YETT_REASON_RULE) return reason;
        walk->done = packet->fragment == YETT_FRAGMENT_LATER;
    }
    if (kind == PROTO_ROUTING) {
        enum yett_reason reason = ipv6_routing(packet, &ext);
        if (reason != YETT_REASON_RULE) return reason;
    }
    octets = extension_octets(kind, &ext);
    if (packet->next + octets > packet->end) return cut_in_chain(packet);
    packet->next += octets;
    if (kind == PROTO_FRAGMENT) packet->in_fragment |= YETT_FRAGMENT_HEADER;
    walk->next_header = ext.next_header;
    walk->count++;
    return YETT_REASON_RULE;
}

/// Leaves packet->next at the transport header and packet->proto its number (unless a later
/// fragment ended the walk: there the number is the sender's claim about another packet, and stays
/// unknown).
static __always_inline enum yett_reason ipv6_extensions(yett_ctx* ctx, struct yett_packet* packet,
                                                        __u8 next_header) {
    struct ipv6_walk walk = {.next_header = next_header};
    for (int i = 0; i < YETT_MAX_EXTENSIONS; i++) {
        enum yett_reason reason;
        if (walk.done || !is_extension(walk.next_header)) break;
        reason = ipv6_step(ctx, packet, &walk);
        if (reason != YETT_REASON_RULE) return reason;
    }
    if (walk.done) return YETT_REASON_RULE;
    if (is_extension(walk.next_header)) return YETT_REASON_EXT_TOO_LONG;
    know_proto(packet, walk.next_header);
    return YETT_REASON_RULE;
}

/// The fixed header.
static __always_inline enum yett_reason take_ipv6(struct yett_packet* packet,
                                                  const struct ipv6_header* ip) {
    enum yett_reason reason;
    if (bpf_ntohl(ip->version_class_label) >> 28 != 6) return YETT_REASON_BAD_VERSION;
    reason = ipv6_lengths(packet, ip);
    if (reason != YETT_REASON_RULE) return reason;
    ipv6_fields(packet, ip);
    ipv6_addresses(packet);
    return YETT_REASON_RULE;
}

static __always_inline enum yett_reason parse_ipv6(yett_ctx* ctx, struct yett_packet* packet) {
    struct ipv6_header ip;
    enum yett_reason reason;
    if (!frame_read(ctx, packet->next, &ip, sizeof(ip))) return YETT_REASON_TRUNCATED;
    reason = take_ipv6(packet, &ip);
    if (reason != YETT_REASON_RULE) return reason;
    return ipv6_extensions(ctx, packet, ip.next_header);
}

static __always_inline int stage_ipv6(yett_ctx* ctx, struct yett_packet* packet) {
    enum yett_reason reason = parse_ipv6(ctx, packet);
    if (reason == YETT_REASON_EXT_TOO_LONG) return unreadable_transport(ctx, packet, reason);
    if (reason != YETT_REASON_RULE) return refuse(packet, reason);
    if (packet->fragment == YETT_FRAGMENT_LATER) return later_fragment(ctx, packet);
    return refuse(packet, goto_transport(ctx, packet, PROTO_ICMPV6, YETT_STAGE_ICMPV6));
}
