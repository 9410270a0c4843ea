// SPDX-License-Identifier: GPL-2.0-or-later
// Gives each frame another source before the program under test sees it: floods without a system
// call a frame.
#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "spray.h"

char _license[] SEC("license") = "GPL";

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __type(key, __u32);
    __type(value, struct spray);
    __uint(max_entries, 1);
} spray_plan SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
    __type(key, __u32);
    __type(value, __u32);
    __uint(max_entries, 1);
} spray_target SEC(".maps");

static __always_inline int write_word(void* data, void* end, __u32 offset, __u32 word) {
    __be32 wire = bpf_htonl(word);
    if (offset > 256 || data + offset + sizeof(wire) > end) return 0;
    __builtin_memcpy(data + offset, &wire, sizeof(wire));
    return 1;
}

/// Returns what the target returns, or XDP_ABORTED.
SEC("xdp.frags")
int spray(struct xdp_md* ctx) {
    __u32 zero = 0;
    struct spray* plan = bpf_map_lookup_elem(&spray_plan, &zero);
    if (!plan) return XDP_ABORTED;
    if (plan->count) {
        __u32 step = plan->sent++ % plan->count;
        if (!write_word((void*)(long)ctx->data, (void*)(long)ctx->data_end, plan->offset,
                        plan->first + step * plan->stride))
            return XDP_ABORTED;
    }
    bpf_tail_call(ctx, &spray_target, 0);
    return XDP_ABORTED;
}
