// SPDX-License-Identifier: GPL-2.0-or-later
// What memory costs on this machine: each step needs the result of the one before.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "yardsticks.h"

char LICENSE[] SEC("license") = "GPL";

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __type(key, __u32);
    __type(value, struct bench_line);
    __uint(max_entries, BENCH_ENTRIES);
} lines SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __type(key, __u32);
    __type(value, __u32);
    __uint(max_entries, BENCH_ENTRIES);
} hash SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __type(key, __u32);
    __type(value, __u64);
    __uint(max_entries, BENCH_ENTRIES);
} lru SEC(".maps");

__u32 at;

SEC("xdp")
int load(struct xdp_md* ctx) {
    __u32 next = at;
    for (int i = 0; i < BENCH_STEPS; i++) {
        const struct bench_line* line = bpf_map_lookup_elem(&lines, &next);
        if (!line) break;
        next = line->next;
    }
    at = next;
    return XDP_DROP;
}

SEC("xdp")
int hit(struct xdp_md* ctx) {
    __u32 next = at;
    for (int i = 0; i < BENCH_STEPS; i++) {
        const __u32* value = bpf_map_lookup_elem(&hash, &next);
        if (!value) break;
        next = *value;
    }
    at = next;
    return XDP_DROP;
}

SEC("xdp")
int spoof(struct xdp_md* ctx) {
    __u64 one = 1;
    for (int i = 0; i < BENCH_STEPS; i++) {
        __u32 source = bpf_get_prandom_u32();
        __u64* count = bpf_map_lookup_elem(&lru, &source);
        if (count)
            *count += 1;
        else
            bpf_map_update_elem(&lru, &source, &one, BPF_ANY);
    }
    return XDP_DROP;
}
