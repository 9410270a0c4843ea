// SPDX-License-Identifier: GPL-2.0-or-later
// What the shared stages need of the XDP hook. hook/tc/hook.h has the same functions for TC.
#pragma once

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "abi/ruleset.h"
#include "abi/stages.h"
#include "parse/packet.h"

typedef struct xdp_md yett_ctx;

struct {
    __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
    __type(key, __u32);
    __type(value, __u32);
    __uint(max_entries, YETT_MAX_STAGES);
} yett_xdp_stages SEC(".maps");

static __always_inline void goto_stage(yett_ctx* ctx, enum yett_stage stage) {
    bpf_tail_call_static(ctx, &yett_xdp_stages, stage);
}

/// The kernel's own view of the frame, as far as it is read here.
/// The kernel's copy of the address in use, within the structure: to follow the pointer dev_addr
/// takes a helper that a locked-down kernel refuses.
struct net_device {
    unsigned char dev_addr_shadow[32];
} __attribute__((preserve_access_index));
struct xdp_rxq_info {
    struct net_device* dev;
} __attribute__((preserve_access_index));
struct xdp_buff {
    struct xdp_rxq_info* rxq;
    __u32 flags;
} __attribute__((preserve_access_index));
#define YETT_XDP_HAS_FRAGS 1  // XDP_FLAGS_HAS_FRAGS in include/net/xdp.h

/// Linux 6.2 and later; no call, the verifier replaces it.
extern void* bpf_cast_to_kern_ctx(void*) __ksym __weak;

/// Whether the kernel has it: the loader tries.
const volatile __u8 yett_can_see_buff;

/// The helper is called only for what has fragments. If a later kernel gave the flag another bit, a
/// frame would look too short for what it says, and be dropped.
static __always_inline __u32 frame_length(yett_ctx* ctx) {
    if (yett_can_see_buff) {
        const struct xdp_buff* buff = bpf_cast_to_kern_ctx(ctx);
        if (!(buff->flags & YETT_XDP_HAS_FRAGS)) return ctx->data_end - ctx->data;
    }
    return bpf_xdp_get_buff_len(ctx);
}

/// Octets behind the linear part, and any offset that the quick path does not take. 0 or a negative
/// errno.
static __always_inline long frame_load(yett_ctx* ctx, __u32 offset, void* to, __u32 size) {
    return bpf_xdp_load_bytes(ctx, offset, to, size);
}

static __always_inline __u32 frame_ifindex(yett_ctx* ctx) {
    return ctx->ingress_ifindex;
}

/// 0, or a negative errno.
static __always_inline long frame_store(yett_ctx* ctx, __u32 offset, void* from, __u32 size) {
    return bpf_xdp_store_bytes(ctx, offset, from, size);
}

/// 0, or a negative errno.
static __always_inline long frame_resize(yett_ctx* ctx, __u32 old_size, __u32 new_size) {
    return bpf_xdp_adjust_tail(ctx, (int)(new_size - old_size));
}

/// The action that sends the frame out of the interface it came by. On a veth it needs NAPI at the
/// other end.
static __always_inline int frame_send_back(yett_ctx* ctx, const struct yett_packet* packet) {
    (void)ctx;
    (void)packet;
    return XDP_TX;
}

/// By its MAC address it is another station's. Where the kernel does not say what the interface's
/// is (before 6.2), only a card that was told to listen to all hands over such frames.
static __always_inline bool frame_is_for_others(yett_ctx* ctx, const struct yett_packet* packet) {
    const struct net_device* device;
    const struct xdp_buff* buff;
    __u64 mac = 0;
    if (!yett_can_see_buff) return false;
    buff = bpf_cast_to_kern_ctx(ctx);
    device = buff->rxq->dev;
    if (!bpf_core_field_exists(device->dev_addr_shadow)) return false;
    for (int i = 0; i < 6; i++)
        mac = mac << 8 | device->dev_addr_shadow[i];
    return packet->dmac != mac;
}

/// XDP sees no tag that the driver moved into metadata (the attach code switches that off).
static __always_inline int frame_metadata_tag(yett_ctx* ctx, __u16* tci) {
    (void)ctx;
    (void)tci;
    return 0;
}

static __always_inline __u32 frame_metadata_octets(yett_ctx* ctx) {
    (void)ctx;
    return 0;
}

/// Interfaces without Ethernet headers are TC's.
static __always_inline bool frame_is_bare(const struct yett_packet* packet) {
    (void)packet;
    return false;
}

static __always_inline __u32 frame_network_offset(yett_ctx* ctx) {
    (void)ctx;
    return 0;
}

static __always_inline __u16 frame_protocol(yett_ctx* ctx) {
    (void)ctx;
    return 0;
}

/// XDP runs before GRO and after GSO: one frame is one frame.
static __always_inline void frame_segments(yett_ctx* ctx, struct yett_packet* packet) {
    (void)ctx;
    (void)packet;
}

static __always_inline __u32 frame_segment_headers(yett_ctx* ctx) {
    (void)ctx;
    return 0;
}

static __always_inline bool frame_is_super(const struct yett_packet* packet) {
    (void)packet;
    return false;
}

static __always_inline void set_frames(struct yett_packet* packet, __u32 frames) {
    (void)packet;
    (void)frames;
}

/// One frame is one frame.
static __always_inline __u32 frames_of(const struct yett_packet* packet) {
    (void)packet;
    return 1;
}

/// What comes in is never this host's own.
static __always_inline bool frame_is_own(yett_ctx* ctx) {
    (void)ctx;
    return false;
}

static __always_inline int hook_action(enum yett_verdict verdict) {
    return verdict == YETT_PASS ? XDP_PASS : XDP_DROP;
}
