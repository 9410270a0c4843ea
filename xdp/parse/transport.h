// SPDX-License-Identifier: GPL-2.0-or-later
// TCP, UDP, ICMP, ICMPv6 and the other protocols with ports.
#pragma once

#include <bpf/bpf_endian.h>

#include "parse/frame.h"
#include "parse/headers.h"
#include "parse/next.h"
#include "record/record.h"

/// A header that should be in this packet and is not.
static __always_inline int cut_short(struct yett_packet* packet) {
    packet_cannot_read(packet, transport_fields(packet));
    return refuse(packet, packet->fragment == YETT_FRAGMENT_FIRST ? YETT_REASON_FRAG_TINY
                                                                  : YETT_REASON_TRUNCATED);
}

static __always_inline void know_ports(struct yett_packet* packet, __be16 sport, __be16 dport) {
    packet->sport = bpf_ntohs(sport);
    packet->dport = bpf_ntohs(dport);
    packet_knows(packet, YETT_PORT_FIELDS);
}

/// Octets and LEN of a GSO frame are those of the frames that leave the wire: each repeats the
/// headers.
static __always_inline void count_segments(struct yett_packet* packet, __u32 transport_header) {
    __u32 headers = packet->next + transport_header;
    if (packet->segments <= 1) return;
    packet->octets += (packet->segments - 1) * headers;
    packet->len = headers - packet->network + packet->segment_size;
}

static __always_inline int stage_tcp(yett_ctx* ctx, struct yett_packet* packet) {
    struct tcp_header tcp;
    __u32 header;
    if (!packet_read(ctx, packet, &tcp, sizeof(tcp))) return cut_short(packet);
    know_ports(packet, tcp.sport, tcp.dport);
    packet->tcp_flags = tcp.flags;
    packet_knows(packet, YETT_FIELD_BIT(TCP_FLAGS));
    header = (tcp.offset_reserved >> 4) * 4;
    if (header < sizeof(tcp)) return refuse(packet, YETT_REASON_BAD_HEADER);
    if (packet->next + header > packet->end) return cut_short(packet);
    count_segments(packet, header);
    return to_the_rules(ctx, packet);
}

/// A first fragment's UDP length speaks of the whole datagram, so only its minimum can be checked.
static __always_inline bool udp_length_fits(const struct yett_packet* packet, __u32 length) {
    if (length < sizeof(struct udp_header)) return false;
    return packet->fragment == YETT_FRAGMENT_FIRST || packet->segments > 1 ||
           packet->next + length <= packet->end;
}

static __always_inline int stage_udp(yett_ctx* ctx, struct yett_packet* packet) {
    struct udp_header udp;
    if (!packet_read(ctx, packet, &udp, sizeof(udp))) return cut_short(packet);
    know_ports(packet, udp.sport, udp.dport);
    if (!udp_length_fits(packet, bpf_ntohs(udp.length)))
        return refuse(packet, YETT_REASON_BAD_LENGTH);
    count_segments(packet, sizeof(udp));
    return to_the_rules(ctx, packet);
}

static __always_inline int stage_icmp(yett_ctx* ctx, struct yett_packet* packet) {
    struct icmp_header icmp;
    if (!packet_read(ctx, packet, &icmp, sizeof(icmp))) return cut_short(packet);
    packet->icmp_type = icmp.type;
    packet->icmp_code = icmp.code;
    packet_knows(packet, YETT_ICMP_FIELDS);
    return to_the_rules(ctx, packet);
}

static __always_inline int stage_other(yett_ctx* ctx, struct yett_packet* packet) {
    struct ports_header ports;
    if (has_ports(packet->proto)) {
        if (!packet_read(ctx, packet, &ports, sizeof(ports))) return cut_short(packet);
        know_ports(packet, ports.sport, ports.dport);
    }
    return to_the_rules(ctx, packet);
}
