// SPDX-License-Identifier: GPL-2.0-or-later
// What the shared stages need of the XDP hook. hook/tc/hook.h has the same functions for TC.
#pragma once

#include <linux/bpf.h>

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

static __always_inline __u32 frame_length(yett_ctx* ctx) {
    return bpf_xdp_get_buff_len(ctx);
}

/// Octets behind the linear part, and any offset that the quick path does not take. 0 or a negative
/// errno.
static __always_inline long frame_load(yett_ctx* ctx, __u32 offset, void* to, __u32 size) {
    return bpf_xdp_load_bytes(ctx, offset, to, size);
}

/// XDP sees no tag that the driver moved into metadata (the attach code switches that off).
static __always_inline int frame_metadata_tag(yett_ctx* ctx, __u16* tci) {
    (void)ctx;
    (void)tci;
    return 0;
}

/// XDP runs before GRO and after GSO: one frame is one frame.
static __always_inline void frame_segments(yett_ctx* ctx, struct yett_packet* packet) {
    (void)ctx;
    packet->segments = 1;
}

static __always_inline int hook_action(enum yett_verdict verdict) {
    return verdict == YETT_PASS ? XDP_PASS : XDP_DROP;
}
