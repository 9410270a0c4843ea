// SPDX-License-Identifier: GPL-2.0-or-later
// The sender: each run of the kernel's test frame becomes the next frame of the trace and goes out.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "path.h"

char LICENSE[] SEC("license") = "GPL";

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct bench_frame);
    __uint(max_entries, BENCH_FRAMES);
} frames SEC(".maps");

__u32 next;     // only one CPU sends
__u32 target;   // ifindex
__u64 dropped;  // by the bare program

static __always_inline int copy_next(struct xdp_md* ctx) {
    void* data = (void*)(long)ctx->data;
    struct bench_frame* to = data;
    __u32 index = next++ % BENCH_FRAMES;
    const struct bench_frame* from = bpf_map_lookup_elem(&frames, &index);
    if (!from || data + sizeof(*to) > (void*)(long)ctx->data_end) return 0;
    for (int i = 0; i < BENCH_FRAME / 8; i++)
        to->words[i] = from->words[i];
    return 1;
}

SEC("xdp")
int send(struct xdp_md* ctx) {
    return copy_next(ctx) ? (int)bpf_redirect(target, 0) : XDP_ABORTED;
}

/// The sender alone.
SEC("xdp")
int nowhere(struct xdp_md* ctx) {
    return copy_next(ctx) ? XDP_DROP : XDP_ABORTED;
}

/// What nothing can beat.
SEC("xdp")
int bare_drop(struct xdp_md* ctx) {
    dropped++;
    return XDP_DROP;
}
