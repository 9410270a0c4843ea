// SPDX-License-Identifier: GPL-2.0-or-later
// TCP, UDP, ICMP, ICMPv6 and the other protocols with ports.
#pragma once

#include <bpf/bpf_endian.h>

#include "parse/frame.h"
#include "parse/headers.h"
#include "parse/ipv4.h"
#include "parse/local.h"
#include "parse/next.h"
#include "record/record.h"

/// A header that should be in this packet and is not.
static __always_inline enum yett_reason cut_short(struct yett_packet* packet) {
    packet_cannot_read(packet, transport_fields(packet));
    return packet->fragment == YETT_FRAGMENT_FIRST ? YETT_REASON_FRAG_TINY : YETT_REASON_TRUNCATED;
}

static __always_inline void know_ports(struct yett_packet* packet, __be16 sport, __be16 dport) {
    packet->sport = bpf_ntohs(sport);
    packet->dport = bpf_ntohs(dport);
    packet_knows(packet, YETT_PORT_FIELDS);
    if (!sport || !dport) packet_suspect(packet, YETT_REASON_ZERO_PORT);
}

/// Of the six flags without ECN: this kind of segment, pushed or not; urgent only with ACK.
#define TCP_FLAGS_OF(kind)                                                                   \
    (1ull << (kind) | 1ull << ((kind) | YETT_TCP_PSH) |                                      \
     ((kind)&YETT_TCP_ACK                                                                    \
          ? 1ull << ((kind) | YETT_TCP_URG) | 1ull << ((kind) | YETT_TCP_URG | YETT_TCP_PSH) \
          : 0))

/// RFC 9293 3.10: a segment opens (SYN), resets (RST), or acknowledges; FIN and URG come only with
/// ACK. Bit f: flags f are sane.
#define TCP_SANE_FLAGS                                                        \
    (TCP_FLAGS_OF(YETT_TCP_SYN) | TCP_FLAGS_OF(YETT_TCP_SYN | YETT_TCP_ACK) | \
     TCP_FLAGS_OF(YETT_TCP_RST) | TCP_FLAGS_OF(YETT_TCP_RST | YETT_TCP_ACK) | \
     TCP_FLAGS_OF(YETT_TCP_ACK) | TCP_FLAGS_OF(YETT_TCP_FIN | YETT_TCP_ACK))

static __always_inline bool tcp_flags_are_sane(__u8 flags) {
    return TCP_SANE_FLAGS >> (flags & 63) & 1;
}

/// Of a super-packet whose octets the beginning could not tell. Inside of a tunnel it is counted
/// anew, for then more of its headers are known.
static __always_inline void count_octets(yett_ctx* ctx, struct yett_packet* packet, __u32 headers) {
    __u32 payload = packet->end - headers, each;
    if (frames_of(packet) <= 1) set_frames(packet, (payload - 1) / packet->segment_size + 1);
    each = headers + packet->frame_octets - frame_length(ctx) - packet->stripped;
    packet->octets = packet->frame_octets + (frames_of(packet) - 1) * each - packet->stripped;
}

/// Packets, octets and LEN of a GSO frame are those of the frames that leave the wire: each repeats
/// the headers (and a tag that stands beside it). Guests and taps do not say how many they are.
static __always_inline void count_segments(yett_ctx* ctx, struct yett_packet* packet,
                                           __u32 transport_header) {
    __u32 headers = packet->segment_headers, octets = packet->octets, before = frames_of(packet);
    if (!headers) headers = packet->next + transport_header;
    if (!frame_is_super(packet) || packet->end - headers <= packet->segment_size) return;
    if (packet->segment_headers) {
        packet->octets -= before * packet->stripped;
    } else {
        count_octets(ctx, packet, headers);
    }
    if (packet->octets != octets)
        count_seen_more(packet, frames_of(packet) - before, packet->octets - octets);
    packet->len = headers - packet->stripped - packet->network + packet->segment_size;
}

static __always_inline enum yett_reason take_tcp(yett_ctx* ctx, struct yett_packet* packet,
                                                 const struct tcp_header* tcp) {
    __u32 header = (tcp->offset_reserved >> 4) * 4;
    know_ports(packet, tcp->sport, tcp->dport);
    packet->tcp_flags = tcp->flags;
    packet->tcp_seq = bpf_ntohl(tcp->seq);
    packet->tcp_ack = bpf_ntohl(tcp->ack);
    packet_knows(packet, YETT_FIELD_BIT(TCP_FLAGS));
    if (!tcp_flags_are_sane(tcp->flags)) packet_suspect(packet, YETT_REASON_TCP_FLAGS);
    if (header < sizeof(*tcp)) return YETT_REASON_BAD_HEADER;
    if (!packet_holds(packet, header)) return cut_short(packet);
    packet->tcp_end = packet->tcp_seq + (packet->end - packet->next - header) +
                      !!(tcp->flags & YETT_TCP_SYN) + !!(tcp->flags & YETT_TCP_FIN);
    count_segments(ctx, packet, header);
    return YETT_REASON_RULE;
}

static __always_inline enum yett_reason parse_tcp(yett_ctx* ctx, struct yett_packet* packet) {
    struct tcp_header tcp;
    if (!packet_read(ctx, packet, &tcp, sizeof(tcp))) return cut_short(packet);
    return take_tcp(ctx, packet, &tcp);
}

/// A first fragment's UDP length speaks of the whole datagram, so only its minimum can be checked.
static __always_inline bool udp_length_fits(const struct yett_packet* packet, __u32 length) {
    if (length < sizeof(struct udp_header)) return false;
    return packet->fragment == YETT_FRAGMENT_FIRST || frame_is_super(packet) ||
           packet->next + length <= packet->end;
}

static __always_inline enum yett_reason take_udp(yett_ctx* ctx, struct yett_packet* packet,
                                                 const struct udp_header* udp) {
    know_ports(packet, udp->sport, udp->dport);
    if (!udp_length_fits(packet, bpf_ntohs(udp->length))) return YETT_REASON_BAD_LENGTH;
    count_segments(ctx, packet, sizeof(*udp));
    return YETT_REASON_RULE;
}

static __always_inline enum yett_reason parse_udp(yett_ctx* ctx, struct yett_packet* packet) {
    struct udp_header udp;
    if (!packet_read(ctx, packet, &udp, sizeof(udp))) return cut_short(packet);
    return take_udp(ctx, packet, &udp);
}

#define ICMP_ECHO_REQUEST 8
#define ICMPV6_ECHO_REQUEST 128
#define ICMPV6_ND_FIRST 133  // router solicitation
#define ICMPV6_ND_LAST 137   // redirect

static __always_inline bool read_icmp(yett_ctx* ctx, struct yett_packet* packet) {
    struct icmp_header icmp;
    if (!packet_read(ctx, packet, &icmp, sizeof(icmp))) return false;
    packet->icmp_type = icmp.type;
    packet->icmp_code = icmp.code;
    packet_knows(packet, YETT_ICMP_FIELDS);
    return true;
}

/// A frame to all, or to a group: whoever it names, many hosts get it.
static __always_inline bool is_to_many(const struct yett_packet* packet) {
    return packet->dmac >> 40 & 1;
}

/// A group, or all hosts of a connected network (RFC 2644).
static __always_inline bool ipv4_is_many(const struct yett_packet* packet) {
    return ipv4_is_group(packet->dst.lo) || is_local(packet, &packet->dst, YETT_LOCAL_BROADCAST);
}

/// RFC 1122 3.2.2.6 lets hosts ignore an echo request to a group; answered, it multiplies. A
/// directed broadcast to a network elsewhere shows by its frame alone.
static __always_inline enum yett_reason parse_icmp(yett_ctx* ctx, struct yett_packet* packet) {
    if (!read_icmp(ctx, packet)) return cut_short(packet);
    if (packet->icmp_type == ICMP_ECHO_REQUEST && packet->direction == YETT_INGRESS &&
        (ipv4_is_many(packet) || is_to_many(packet)))
        packet_suspect(packet, YETT_REASON_ECHO_MULTICAST);
    return YETT_REASON_RULE;
}

/// Neighbour discovery comes from the link (hop limit 255, RFC 4861 6.1 and 7.1) and whole (RFC
/// 6980).
static __always_inline enum yett_reason parse_icmpv6(yett_ctx* ctx, struct yett_packet* packet) {
    if (!read_icmp(ctx, packet)) return cut_short(packet);
    if (packet->icmp_type >= ICMPV6_ND_FIRST && packet->icmp_type <= ICMPV6_ND_LAST &&
        (packet->ttl != 255 || packet->in_fragment & YETT_FRAGMENT_HEADER))
        packet_suspect(packet, YETT_REASON_ND_BAD);
    if (packet->icmp_type == ICMPV6_ECHO_REQUEST && packet->direction == YETT_INGRESS &&
        (packet->dst.hi >> 56 == 0xff || is_to_many(packet)))
        packet_suspect(packet, YETT_REASON_ECHO_MULTICAST);
    return YETT_REASON_RULE;
}

#define PIM_REGISTER 0x21  // version 2, type 1
#define PIM_NULL 0x40      // of the flags: nothing is inside
#define IGMP_PIM 0x14      // PIM version 1 (Linux still reads its registers)
#define IGMP_PIM_REGISTER 1

/// RFC 7761 4.9.3: a router hands a whole packet to another, which takes it out and forwards it.
static __always_inline bool is_register(yett_ctx* ctx, const struct yett_packet* packet) {
    __u8 octets[8];
    bool igmp = packet->family == YETT_FAMILY_IPV4 && packet->proto == PROTO_IGMP;
    if (!igmp && packet->proto != PROTO_PIM) return false;
    if (!packet_read(ctx, packet, octets, sizeof(octets))) return false;
    if (igmp) return octets[0] == IGMP_PIM && octets[1] == IGMP_PIM_REGISTER;
    return octets[0] == PIM_REGISTER && !(octets[4] & PIM_NULL);
}

static __always_inline __u8 tunnel_by_number(__u8 proto) {
    if (proto == PROTO_IPV4 || proto == PROTO_IPV6) return YETT_TUNNEL_IPIP;
    if (proto == PROTO_MPLS) return YETT_TUNNEL_MPLS;
    return proto == PROTO_GRE ? YETT_TUNNEL_GRE : YETT_NO_TUNNEL;
}

static __always_inline enum yett_reason parse_other(yett_ctx* ctx, struct yett_packet* packet) {
    struct ports_header ports;
    if (has_ports(packet->proto)) {
        __u32 least = packet->proto == PROTO_UDPLITE ? 8 : 12;
        if (packet->next + least > packet->end) return cut_short(packet);
        if (!packet_read(ctx, packet, &ports, sizeof(ports))) return cut_short(packet);
        know_ports(packet, ports.sport, ports.dport);
    }
    if (protocol_carries(packet->proto) || is_register(ctx, packet))
        packet_suspect(packet, YETT_REASON_TUNNEL);
    packet->tunnel = tunnel_by_number(packet->proto);
    if (frame_is_super(packet) && packet->segment_headers) count_segments(ctx, packet, 0);
    return YETT_REASON_RULE;
}

#define YETT_TRANSPORT_STAGE(name)                                                              \
    static __always_inline int stage_##name(yett_ctx* ctx, struct yett_packet* packet) {        \
        enum yett_reason reason = parse_##name(ctx, packet);                                    \
        return reason == YETT_REASON_RULE ? to_the_rules(ctx, packet) : refuse(packet, reason); \
    }
YETT_TRANSPORT_STAGE(tcp)
YETT_TRANSPORT_STAGE(udp)
YETT_TRANSPORT_STAGE(icmp)
YETT_TRANSPORT_STAGE(icmpv6)
YETT_TRANSPORT_STAGE(other)
#undef YETT_TRANSPORT_STAGE
