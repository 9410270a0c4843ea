// SPDX-License-Identifier: GPL-2.0-or-later
// Gives each frame its source and hands it to the programs under test; or drops it, to show what
// that alone costs.
#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "state.h"

char LICENSE[] SEC("license") = "GPL";

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __type(key, __u32);
    __type(value, struct bench_sources);
    __uint(max_entries, 1);
} sources SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
    __type(key, __u32);
    __type(value, __u32);
    __uint(max_entries, 1);
} target SEC(".maps");

SEC("xdp.frags")
int feed(struct xdp_md* ctx) {
    void* data = (void*)(long)ctx->data;
    __u32 zero = 0;
    struct bench_sources* plan = bpf_map_lookup_elem(&sources, &zero);
    if (!plan || data + BENCH_SOURCE_OFFSET + 4 > (void*)(long)ctx->data_end) return XDP_ABORTED;
    if (plan->count)
        *(__be32*)(data + BENCH_SOURCE_OFFSET) =
            bpf_htonl(plan->first + plan->sent++ % plan->count);
    bpf_tail_call(ctx, &target, 0);
    return XDP_DROP;
}
