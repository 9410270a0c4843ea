// SPDX-License-Identifier: GPL-2.0-or-later
// The packet that an ICMP error quotes: whose fate the error reports.
#pragma once

#include <bpf/bpf_endian.h>

#include "parse/frame.h"
#include "parse/headers.h"
#include "parse/ipv6.h"
#include "parse/next.h"
#include "state/key.h"

/// Extension headers of a quoted packet that are walked. More is as if cut off: the walk costs the
/// verifier of Linux 6.12 twelve thousand instructions a header (tests/kernels).
#define YETT_QUOTED_EXTENSIONS 6

enum quoted_kind {
    QUOTED_NOTHING,  ///< no packet of whom the error goes to
    QUOTED_IN_PART,  ///< one of his, but not as far as its ports: a later fragment, cut off
    QUOTED_WHOLE,    ///< the key is filled in
};

/// What of the quoted transport header is needed: RFC 792 promises 8 octets.
struct quoted_packet {
    struct yett_address src, dst;
    __u32 offset;  ///< of its next header
    __u32 seq;     ///< TCP's; of others the second four octets
    __u8 proto;
    __u8 later;  ///< a later fragment: it has no ports to compare
};

static __always_inline bool same_address(const struct yett_address* a,
                                         const struct yett_address* b) {
    return a->hi == b->hi && a->lo == b->lo;
}

/// RFC 792, RFC 1191: fragmentation needed. RFC 4443 3.2: packet too big.
static __always_inline bool is_too_big(const struct yett_packet* packet) {
    if (packet->family != YETT_FAMILY_IPV4) return packet->icmp_type == 2;
    return packet->icmp_type == 3 && packet->icmp_code == 4;
}

static __always_inline enum quoted_kind read_transport(yett_ctx* ctx,
                                                       const struct yett_packet* packet,
                                                       struct connection_key* key,
                                                       struct quoted_packet* quoted) {
    struct {
        __be16 first, second;
        __be32 third;
    } wire;
    struct connection_ports ports = {};
    if (quoted->offset + sizeof(wire) > packet->end) return QUOTED_IN_PART;
    if (!frame_read(ctx, quoted->offset, &wire, sizeof(wire))) return QUOTED_IN_PART;
    quoted->seq = bpf_ntohl(wire.third);
    if (has_ports(quoted->proto)) {
        ports.sport = bpf_ntohs(wire.first);
        ports.dport = bpf_ntohs(wire.second);
    } else if (is_icmp_of(packet->family, quoted->proto)) {
        __u8 type = bpf_ntohs(wire.first) >> 8;
        if (!is_query(packet->family, type) && !is_query_reply(packet->family, type))
            return QUOTED_NOTHING;
        ports = query_ports(packet->family, type, quoted->seq >> 16);
    }
    key->proto = quoted->proto;
    key->family = packet->family;
    key->inner = packet->depth ? YETT_CONNECTION_INNER : 0;
    fill_key(key, &quoted->src, ports.sport, &quoted->dst, ports.dport);
    return QUOTED_WHOLE;
}

/// False: no header.
static __always_inline bool read_quoted4(yett_ctx* ctx, const struct yett_packet* packet,
                                         struct quoted_packet* quoted) {
    struct ipv4_header ip;
    if (quoted->offset + sizeof(ip) > packet->end ||
        !frame_read(ctx, quoted->offset, &ip, sizeof(ip)))
        return false;
    if (ip.version_ihl >> 4 != 4 || (ip.version_ihl & 0x0f) < 5) return false;
    quoted->src.lo = bpf_ntohl(ip.src);
    quoted->dst.lo = bpf_ntohl(ip.dst);
    quoted->later = !!(bpf_ntohs(ip.fragment) & 0x1fff);
    quoted->proto = ip.protocol;
    quoted->offset += (ip.version_ihl & 0x0f) * 4;
    return true;
}

static __always_inline bool read_quoted6(yett_ctx* ctx, const struct yett_packet* packet,
                                         struct quoted_packet* quoted) {
    struct ipv6_header ip;
    if (quoted->offset + sizeof(ip) > packet->end ||
        !frame_read(ctx, quoted->offset, &ip, sizeof(ip)))
        return false;
    if (bpf_ntohl(ip.version_class_label) >> 28 != 6) return false;
    quoted->src.hi = ipv6_half(&ip.src[0]);
    quoted->src.lo = ipv6_half(&ip.src[2]);
    quoted->dst.hi = ipv6_half(&ip.dst[0]);
    quoted->dst.lo = ipv6_half(&ip.dst[2]);
    quoted->proto = ip.next_header;
    quoted->offset += sizeof(ip);
    return true;
}

/// Behind the extension headers, that of a first fragment too. False: the transport header is not
/// there.
static __always_inline bool walk_quoted6(yett_ctx* ctx, const struct yett_packet* packet,
                                         struct quoted_packet* quoted) {
    for (int i = 0; i < YETT_QUOTED_EXTENSIONS; i++) {
        struct ipv6_extension ext;
        __u8 kind = quoted->proto;
        if (!is_extension(kind)) return true;
        if (quoted->offset + sizeof(ext) > packet->end ||
            !frame_read(ctx, quoted->offset, &ext, sizeof(ext)))
            return false;
        if (kind == PROTO_FRAGMENT && bpf_ntohs(ext.fragment) & IPV6_OFFSET_MASK) return false;
        quoted->offset += extension_octets(kind, &ext);
        quoted->proto = ext.next_header;
    }
    return !is_extension(quoted->proto);
}

/// The quoted packet's source must be whom the error goes to.
static __always_inline enum quoted_kind read_quoted(yett_ctx* ctx, const struct yett_packet* packet,
                                                    struct connection_key* key,
                                                    struct quoted_packet* quoted) {
    bool ipv4 = packet->family == YETT_FAMILY_IPV4;
    *quoted = (struct quoted_packet){.offset = packet->next + sizeof(struct icmp_header)};
    if (!(ipv4 ? read_quoted4(ctx, packet, quoted) : read_quoted6(ctx, packet, quoted)))
        return QUOTED_NOTHING;
    if (!same_address(&quoted->src, &packet->dst)) return QUOTED_NOTHING;
    if (quoted->later || (!ipv4 && !walk_quoted6(ctx, packet, quoted))) return QUOTED_IN_PART;
    return read_transport(ctx, packet, key, quoted);
}
