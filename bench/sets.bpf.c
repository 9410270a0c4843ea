// SPDX-License-Identifier: GPL-2.0-or-later
// Gives each frame the source of its number and hands it to the programs under test; or drops it,
// to show what that alone costs.
#include "sets.h"

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __type(key, __u32);
    __type(value, struct bench_members);
    __uint(max_entries, 1);
} members SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
    __type(key, __u32);
    __type(value, __u32);
    __uint(max_entries, 1);
} target SEC(".maps");

/// Of a prefix: anywhere inside of it.
static __always_inline __u32 source4(const struct bench_members* plan, __u32 n, __u32 inside) {
    __u32 address = bench_mix32(n);
    __u32 host = 0;
    if (plan->entries == BENCH_PREFIXES) host = (1u << bench_host_bits4(n)) - 1;
    return (address & ~host) | (inside & host);
}

SEC("xdp.frags")
int feed(struct xdp_md* ctx) {
    void* data = (void*)(long)ctx->data;
    __u32 zero = 0, n, inside;
    struct bench_members* plan = bpf_map_lookup_elem(&members, &zero);
    if (!plan || data + BENCH_SOURCE6 + 16 > (void*)(long)ctx->data_end) return XDP_ABORTED;
    inside = bench_mix32(plan->sent++);
    n = plan->first + inside % plan->count;
    if (plan->ipv6) {
        __u64 host = plan->entries == BENCH_PREFIXES ? (1ull << (bench_host_bits6(n) - 64)) - 1 : 0;
        __u64 low = plan->entries == BENCH_PREFIXES ? bench_mix64(inside) : bench_mix64(n);
        *(__be64*)(data + BENCH_SOURCE6) =
            bpf_cpu_to_be64((bench_upper6(n) & ~host) | (inside & host));
        *(__be64*)(data + BENCH_SOURCE6 + 8) = bpf_cpu_to_be64(low);
    } else {
        *(__be32*)(data + BENCH_SOURCE4) = bpf_htonl(source4(plan, n, inside));
    }
    bpf_tail_call(ctx, &target, 0);
    return XDP_DROP;
}
