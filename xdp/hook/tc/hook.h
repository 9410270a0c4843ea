// SPDX-License-Identifier: GPL-2.0-or-later
// What the shared stages need of the TC hook. hook/xdp/hook.h has the same functions for XDP.
#pragma once

#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi/ruleset.h"
#include "abi/stages.h"
#include "parse/packet.h"

typedef struct __sk_buff yett_ctx;

struct {
    __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
    __type(key, __u32);
    __type(value, __u32);
    __uint(max_entries, YETT_MAX_STAGES);
} yett_tc_stages SEC(".maps");

static __always_inline void goto_stage(yett_ctx* ctx, enum yett_stage stage) {
    bpf_tail_call_static(ctx, &yett_tc_stages, stage);
}

static __always_inline __u32 frame_length(yett_ctx* ctx) {
    return ctx->len;
}

/// Octets behind the linear part, and any offset that the quick path does not take. 0 or a negative
/// errno.
static __always_inline long frame_load(yett_ctx* ctx, __u32 offset, void* to, __u32 size) {
    return bpf_skb_load_bytes(ctx, offset, to, size);
}

static __always_inline __u32 frame_ifindex(yett_ctx* ctx) {
    return ctx->ifindex;
}

/// 0, or a negative errno.
static __always_inline long frame_store(yett_ctx* ctx, __u32 offset, void* from, __u32 size) {
    return bpf_skb_store_bytes(ctx, offset, from, size, 0);
}

/// 0, or a negative errno.
static __always_inline long frame_resize(yett_ctx* ctx, __u32 old_size, __u32 new_size) {
    (void)old_size;
    return bpf_skb_change_tail(ctx, new_size, 0);
}

/// The action that sends the frame out of the interface it came by; at egress, in again by the one
/// it was to leave by: the sender is this host, or behind it.
static __always_inline int frame_send_back(yett_ctx* ctx, const struct yett_packet* packet) {
    return bpf_redirect(ctx->ifindex, packet->direction == YETT_EGRESS ? BPF_F_INGRESS : 0);
}

#define PACKET_OTHERHOST 3  // include/uapi/linux/if_packet.h

/// By its MAC address it is another station's, as the kernel saw when it came in.
static __always_inline bool frame_is_for_others(yett_ctx* ctx, const struct yett_packet* packet) {
    (void)packet;
    return ctx->pkt_type == PACKET_OTHERHOST;
}

/// The outermost tag, when the kernel carries it beside the frame. 1: there is one.
static __always_inline int frame_metadata_tag(yett_ctx* ctx, __u16* tci) {
    if (!ctx->vlan_present) return 0;
    *tci = ctx->vlan_tci;
    return 1;
}

/// Of the tag beside the frame: it is in it on the wire.
static __always_inline __u32 frame_metadata_octets(yett_ctx* ctx) {
    return ctx->vlan_present ? 4 : 0;
}

static __always_inline bool frame_is_bare(const struct yett_packet* packet) {
    return packet->bare;
}

/// The kernel's own view of the frame, as far as it is read here.
struct sk_buff {
    unsigned char* head;
    unsigned char* data;
    __u16 network_header;
    __u16 csum_start, csum_offset;
} __attribute__((preserve_access_index));

/// Linux 6.2 and later; no call, the verifier replaces it.
extern void* bpf_cast_to_kern_ctx(void*) __ksym __weak;

/// Whether the kernel has it: the loader tries.
const volatile __u8 yett_can_see_skb;

/// Where the network header of a bare frame stands: at the beginning, but behind the outer headers
/// of a GRE device that has no fixed other end, and behind the Ethernet header that
/// BPF_PROG_TEST_RUN wants. Without a view of the skb it is at the beginning (the attach code
/// refuses such GRE devices there).
static __always_inline __u32 frame_network_offset(yett_ctx* ctx) {
    if (yett_can_see_skb) {
        const struct sk_buff* skb = bpf_cast_to_kern_ctx(ctx);
        return skb->network_header - (__u32)(skb->data - skb->head);
    }
    return 0;
}

/// The ethertype of what a bare frame begins with.
static __always_inline __u16 frame_protocol(yett_ctx* ctx) {
    return bpf_ntohs(ctx->protocol);
}

/// A GSO frame leaves the wire as several; counters and the field LEN speak of those. Frames of
/// guests and taps say how long a segment is, and not how many: count_segments() does.
static __always_inline void frame_segments(yett_ctx* ctx, struct yett_packet* packet) {
    __u32 segments = ctx->gso_segs;
    packet->segments = segments > 1 ? segments : 1;
    packet->segment_size = ctx->gso_size;
    packet->segment_headers = 0;
    packet->stripped = 0;
}

#define TCP_CHECKSUM 16     // where it stands in the header,
#define TCP_DATA_OFFSET 12  // and where the header says how long it is
#define UDP_CHECKSUM 6
#define UDP_OCTETS 8

/// How many octets each segment of a super-packet repeats, also inside of tunnels that nobody looks
/// into: up to the end of the transport header whose sum each of them gets anew. 0: not known.
static __always_inline __u32 frame_segment_headers(yett_ctx* ctx) {
    const struct sk_buff* skb;
    __u32 transport;
    __u8 octet;
    if (!yett_can_see_skb) return 0;
    skb = bpf_cast_to_kern_ctx(ctx);
    transport = skb->csum_start - (__u32)(skb->data - skb->head);
    if (skb->csum_offset == UDP_CHECKSUM) return transport + UDP_OCTETS;
    if (skb->csum_offset != TCP_CHECKSUM) return 0;
    if (frame_load(ctx, transport + TCP_DATA_OFFSET, &octet, sizeof(octet))) return 0;
    return transport + (octet >> 4) * 4;
}

/// Stands for several frames, or for one that is not cut yet.
static __always_inline bool frame_is_super(const struct yett_packet* packet) {
    return packet->segment_size;
}

static __always_inline void set_frames(struct yett_packet* packet, __u32 frames) {
    packet->segments = frames < 0xffff ? frames : 0xffff;
}

/// Frames on the wire.
static __always_inline __u32 frames_of(const struct yett_packet* packet) {
    return packet->segments;
}

/// Made by this host: what it forwards has come in by an interface.
static __always_inline bool frame_is_own(yett_ctx* ctx) {
    return ctx->ingress_ifindex == 0;
}

/// UNSPEC, not OK: filters of other programs behind ours still get their say.
static __always_inline int hook_action(enum yett_verdict verdict) {
    return verdict == YETT_PASS ? TC_ACT_UNSPEC : TC_ACT_SHOT;
}
