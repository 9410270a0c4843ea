// SPDX-License-Identifier: GPL-2.0-or-later
// The matching engine alone: the next header of the trace, and which rule it belongs to. `feed`
// does all but the search.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "maps.h"

#include "classify/classify.h"
#include "engine.h"

char LICENSE[] SEC("license") = "GPL";

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct bench_header);
    __uint(max_entries, BENCH_HEADERS);
} headers SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, __u64);  // elements of a mapped array stand 8 octets apart
    __uint(max_entries, BENCH_HEADERS);
} found SEC(".maps");

__u64 word;  // of the generation
__u32 next;
__u32 remember;  // flows; else each header is searched for
__u32 sum;       // so that nothing is optimised away

static __always_inline struct yett_packet* next_packet(void) {
    struct yett_packet* packet = packet_of_this_cpu();
    __u32 index = next++ % BENCH_HEADERS;
    const struct bench_header* header = bpf_map_lookup_elem(&headers, &index);
    if (!packet || !header) return NULL;
    packet->word = word;
    packet->trace_id = !remember;
    packet->iface = 0;
    packet->src = header->src;
    packet->dst = header->dst;
    packet->known = header->known;
    packet->unknown = 0;
    packet->sport = header->sport;
    packet->dport = header->dport;
    packet->proto = header->proto;
    packet->family = header->family;
    packet->direction = YETT_INGRESS;
    packet->rule = YETT_NO_RULE;
    return packet;
}

SEC("xdp")
int feed(struct xdp_md* ctx) {
    struct yett_packet* packet = next_packet();
    if (packet) sum += packet->sport;
    return XDP_DROP;
}

SEC("xdp")
int look_up(struct xdp_md* ctx) {
    struct yett_packet* packet = next_packet();
    if (packet && classify(packet)) sum += packet->rule;
    return XDP_DROP;
}

SEC("xdp")
int record(struct xdp_md* ctx) {
    __u32 index = next % BENCH_HEADERS;
    struct yett_packet* packet = next_packet();
    __u64* rule = bpf_map_lookup_elem(&found, &index);
    if (packet && rule && classify(packet)) *rule = packet->rule;
    return XDP_DROP;
}
