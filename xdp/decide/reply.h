// SPDX-License-Identifier: GPL-2.0-or-later
// The replies of "reject": a TCP reset, or ICMP unreachable, in place of the frame that came. Never
// longer than that frame, never more than the budget, never to a group, and never in answer to an
// error.
#pragma once

#include <bpf/bpf_endian.h>

#include "abi/reply.h"
#include "decide/checksum.h"
#include "hook.h"
#include "maps.h"
#include "parse/begin.h"
#include "parse/frame.h"
#include "parse/headers.h"
#include "parse/ipv4.h"
#include "parse/local.h"
#include "record/hash.h"
#include "record/record.h"

static __always_inline bool spend(__u32 index, __u64 rate) {
    struct yett_reply_budget* budget = bpf_map_lookup_elem(&yett_replies, &index);
    __u64 now = bpf_ktime_get_boot_ns();
    __u64 earned;
    if (!budget) return false;
    earned = (now - budget->refilled) * rate / 1000000000ull;
    if (earned) {
        __u64 tokens = budget->tokens + earned;
        budget->tokens = tokens < rate ? tokens : rate;
        budget->refilled = now;
    }
    if (!budget->tokens) return false;
    budget->tokens--;
    return true;
}

static __always_inline bool reply_is_affordable(const struct yett_packet* packet) {
    const struct yett_seed* seed = hash_seed();
    struct yett_address source = packet->src;
    __u32 index;
    if (!seed) return false;
    if (packet->family == YETT_FAMILY_IPV6) source.lo = 0;
    index = 1 + hash_mix(hash_address(seed, 0, &source)) % (YETT_REPLY_BUDGETS - 1);
    return spend(index, YETT_REPLIES_A_SECOND_TO_A_SOURCE) && spend(0, YETT_REPLIES_A_SECOND);
}

/// A group or broadcast address on either side: an answer would be multiplied, or go to many.
static __always_inline bool is_among_many(const struct yett_packet* packet) {
    if (packet->family == YETT_FAMILY_IPV6)
        return packet->dst.hi >> 56 == 0xff || packet->src.hi >> 56 == 0xff;
    return ipv4_is_group(packet->dst.lo) || ipv4_is_group(packet->src.lo) ||
           is_local(packet, &packet->dst, YETT_LOCAL_BROADCAST) ||
           is_local(packet, &packet->src, YETT_LOCAL_BROADCAST);
}

/// RFC 1122 3.2.2, RFC 4443 2.4 (e): no answer to groups, fragments, resets or ICMP; and none in
/// the name of another station of the link, whose frame came along because a switch flooded it, or
/// because somebody listens.
static __always_inline bool may_reply(yett_ctx* ctx, const struct yett_packet* packet) {
    bool group = packet->dmac >> 40 & 1 || packet->smac >> 40 & 1 || packet->suspects;
    __u8 icmp = packet->family == YETT_FAMILY_IPV4 ? PROTO_ICMP : PROTO_ICMPV6;
    if (packet->trace_id || group || is_among_many(packet)) return false;
    // A macvlan, a bridge or a VLAN above may have a MAC address of its own.
    if (packet->direction == YETT_INGRESS && frame_is_for_others(ctx, packet) &&
        !is_local(packet, &packet->dst, YETT_LOCAL_OWN))
        return false;
    if (packet->depth || frames_of(packet) > 1 || packet->fragment != YETT_FRAGMENT_NONE)
        return false;
    if (!(packet->known & YETT_FIELD_BIT(PROTO)) || packet->unknown) return false;
    return packet->proto != icmp &&
           !(packet->proto == PROTO_TCP && packet->tcp_flags & YETT_TCP_RST);
}

/// RFC 9293 3.10.7.1: a segment to a closed port. False: the header cannot be read.
static __always_inline bool make_reset(yett_ctx* ctx, const struct yett_packet* packet,
                                       struct tcp_header* reset) {
    struct tcp_header tcp;
    __u32 length;
    if (!packet_read(ctx, packet, &tcp, sizeof(tcp))) return false;
    length = packet->end - packet->next - (tcp.offset_reserved >> 4) * 4;
    length += !!(tcp.flags & YETT_TCP_SYN) + !!(tcp.flags & YETT_TCP_FIN);
    __builtin_memset(reset, 0, sizeof(*reset));
    reset->sport = tcp.dport;
    reset->dport = tcp.sport;
    reset->offset_reserved = sizeof(*reset) / 4 << 4;
    if (tcp.flags & YETT_TCP_ACK) {
        reset->seq = tcp.ack;
        reset->flags = YETT_TCP_RST;
    } else {
        reset->ack = bpf_htonl(bpf_ntohl(tcp.seq) + length);
        reset->flags = YETT_TCP_RST | YETT_TCP_ACK;
    }
    return true;
}

/// The PPPoE header of a reply that is `size` octets long counts the PPP protocol number, too.
static __always_inline bool fit_pppoe(yett_ctx* ctx, const struct yett_packet* packet, __u32 size) {
    __be16 length = bpf_htons(packet->in_pppoe + size);
    __u32 at = packet->network - packet->in_pppoe - sizeof(length);
    return !packet->in_pppoe || frame_store(ctx, at, &length, sizeof(length)) == 0;
}

/// The link header goes back as it came, MAC addresses exchanged; tags stay.
static __always_inline bool turn_link_around(yett_ctx* ctx, const struct yett_packet* packet) {
    struct eth_header eth;
    __u8 mac[12];
    if (frame_is_bare(packet)) return true;
    if (!frame_read(ctx, 0, &eth, sizeof(eth))) return false;
    __builtin_memcpy(mac, eth.smac, 6);
    __builtin_memcpy(mac + 6, eth.dmac, 6);
    return frame_store(ctx, 0, mac, sizeof(mac)) == 0;
}

static __always_inline int send_back(yett_ctx* ctx, struct yett_packet* packet, __u32 size) {
    __u32 frame = packet->network + size;
    if (!turn_link_around(ctx, packet) || !fit_pppoe(ctx, packet, size) ||
        frame_resize(ctx, frame_length(ctx), frame) != 0)
        return hook_action(YETT_DROP);
    packet->end = frame;
    measure_frame(ctx, packet);
    count_reason(packet, YETT_REASON_REPLIED, YETT_PASS);
    return frame_send_back(ctx, packet);
}
