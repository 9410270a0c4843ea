// SPDX-License-Identifier: GPL-2.0-or-later
// The packet that an ICMP error quotes: whose fate the error reports.
#pragma once

#include <bpf/bpf_endian.h>

#include "parse/frame.h"
#include "parse/headers.h"
#include "parse/ipv6.h"
#include "parse/next.h"
#include "state/key.h"

/// What of the quoted transport header is needed: RFC 792 promises 8 octets.
struct quoted_packet {
    __u32 seq;  ///< TCP's; of others the second four octets
};

static __always_inline bool same_address(const struct yett_address* a,
                                         const struct yett_address* b) {
    return a->hi == b->hi && a->lo == b->lo;
}

static __always_inline bool read_transport(yett_ctx* ctx, const struct yett_packet* packet,
                                           __u32 offset, struct connection_key* key,
                                           struct quoted_packet* quoted,
                                           const struct yett_address* src,
                                           const struct yett_address* dst) {
    struct {
        __be16 first, second;
        __be32 third;
    } wire;
    __u16 sport = 0, dport = 0;
    if (offset + sizeof(wire) > packet->end) return false;
    if (!frame_read(ctx, offset, &wire, sizeof(wire))) return false;
    quoted->seq = bpf_ntohl(wire.third);
    if (has_ports(key->proto)) {
        sport = bpf_ntohs(wire.first);
        dport = bpf_ntohs(wire.second);
    } else if (is_icmp_of(key->family, key->proto)) {
        __u8 type = bpf_ntohs(wire.first) >> 8;
        if (is_echo_request(key->family, type))
            sport = quoted->seq >> 16;
        else if (is_echo_reply(key->family, type))
            dport = quoted->seq >> 16;
        else
            return false;
    }
    fill_key(key, src, sport, dst, dport);
    return true;
}

/// The quoted packet's source must be whom the error goes to. A later fragment has no ports to
/// compare.
static __always_inline bool read_quoted4(yett_ctx* ctx, const struct yett_packet* packet,
                                         struct connection_key* key, struct quoted_packet* quoted) {
    struct ipv4_header ip;
    struct yett_address src = {}, dst = {};
    __u32 at = packet->next + sizeof(struct icmp_header);
    if (at + sizeof(ip) > packet->end || !frame_read(ctx, at, &ip, sizeof(ip))) return false;
    if (ip.version_ihl >> 4 != 4 || (ip.version_ihl & 0x0f) < 5) return false;
    if (bpf_ntohs(ip.fragment) & 0x1fff) return false;
    src.lo = bpf_ntohl(ip.src);
    dst.lo = bpf_ntohl(ip.dst);
    if (!same_address(&src, &packet->dst)) return false;
    key->proto = ip.protocol;
    return read_transport(ctx, packet, at + (ip.version_ihl & 0x0f) * 4, key, quoted, &src, &dst);
}

/// Extension headers in the quoted packet are not walked: such an error is about nobody.
static __always_inline bool read_quoted6(yett_ctx* ctx, const struct yett_packet* packet,
                                         struct connection_key* key, struct quoted_packet* quoted) {
    struct ipv6_header ip;
    struct yett_address src, dst;
    __u32 at = packet->next + sizeof(struct icmp_header);
    if (at + sizeof(ip) > packet->end || !frame_read(ctx, at, &ip, sizeof(ip))) return false;
    if (bpf_ntohl(ip.version_class_label) >> 28 != 6) return false;
    src.hi = ipv6_half(&ip.src[0]);
    src.lo = ipv6_half(&ip.src[2]);
    dst.hi = ipv6_half(&ip.dst[0]);
    dst.lo = ipv6_half(&ip.dst[2]);
    if (!same_address(&src, &packet->dst)) return false;
    key->proto = ip.next_header;
    return read_transport(ctx, packet, at + sizeof(ip), key, quoted, &src, &dst);
}

static __always_inline bool read_quoted(yett_ctx* ctx, const struct yett_packet* packet,
                                        struct connection_key* key, struct quoted_packet* quoted) {
    key->family = packet->family;
    key->inner = packet->depth ? YETT_CONNECTION_INNER : 0;
    if (packet->family == YETT_FAMILY_IPV4) return read_quoted4(ctx, packet, key, quoted);
    return read_quoted6(ctx, packet, key, quoted);
}
