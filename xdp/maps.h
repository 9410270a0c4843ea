// SPDX-License-Identifier: GPL-2.0-or-later
// Every map of the data plane. The shared ones come from abi/maps.h, where each has its line.
#pragma once

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "abi/maps.h"
#include "abi/stages.h"
#include "parse/packet.h"

#define YETT_DECLARE_MAP(name, map_type, key_type, value_type, entries, flags) \
    struct {                                                                   \
        __uint(type, map_type);                                                \
        __type(key, key_type);                                                 \
        __type(value, value_type);                                             \
        __uint(max_entries, entries);                                          \
        __uint(map_flags, flags);                                              \
    } name SEC(".maps");
YETT_MAPS(YETT_DECLARE_MAP)
#undef YETT_DECLARE_MAP

/// The address of the only element of a mapped array, without a look-up. It is the map's own
/// address until the loader asks the kernel for the memory instead (ctl/bpf/memory.hpp).
#ifndef YETT_MEMORY_OF
#define YETT_MEMORY_OF(map)           \
    ({                                \
        const void* memory_ = &(map); \
        barrier_var(memory_);         \
        memory_;                      \
    })
#endif

/// What stands in yett_set_segments.
struct yett_set_segment {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __type(key, __u32);
    __type(value, struct yett_set_line);
    __uint(max_entries, YETT_SET_SEGMENT_LINES);
    __uint(map_flags, BPF_F_MMAPABLE);
};

/// The packet that is being judged on this CPU. Private to each of the two objects, so that XDP and
/// TC never share one.
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __type(key, __u32);
    __type(value, struct yett_cpu);
    __uint(max_entries, 1);
} yett_scratch SEC(".maps");

/// CPU after CPU; the loader makes it that many times as long. Private as well.
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __type(key, __u32);
    __type(value, struct yett_flow);
    __uint(max_entries, YETT_FLOWS);
} yett_flows SEC(".maps");

static __always_inline struct yett_packet* packet_of_this_cpu(void) {
    __u32 zero = 0;
    struct yett_cpu* cpu = bpf_map_lookup_elem(&yett_scratch, &zero);
    return cpu ? &cpu->packet : NULL;
}

/// The ruleset that judges this packet; the entry program made sure of the bank's bound.
static __always_inline const struct yett_ruleset* ruleset_of(const struct yett_packet* packet) {
    __u32 bank = packet_bank(packet);
    return bpf_map_lookup_elem(&yett_rulesets, &bank);
}
