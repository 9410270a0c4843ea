// SPDX-License-Identifier: GPL-2.0-or-later
// Fragment tracking: a first fragment that passed lets its own later fragments follow.
#pragma once

#include "abi/fragment.h"
#include "maps.h"
#include "record/hash.h"
#include "record/record.h"

static __always_inline struct yett_fragment_set* fragment_set(const struct yett_packet* packet) {
    const struct yett_seed* seed = hash_seed();
    struct yett_address source = packet->src;
    __u32 index;
    if (!seed) return NULL;
    if (packet->family == YETT_FAMILY_IPV6) source.lo = 0;
    index = hash_mix(hash_address(seed, 0, &source)) % YETT_FRAGMENT_SETS;
    return bpf_map_lookup_elem(&yett_fragments, &index);
}

static __always_inline bool same_datagram(const struct yett_fragment_entry* entry,
                                          const struct yett_packet* packet) {
    return entry->id == packet->fragment_id && entry->src.lo == packet->src.lo &&
           entry->src.hi == packet->src.hi && entry->dst.lo == packet->dst.lo &&
           entry->dst.hi == packet->dst.hi && entry->family == packet->family &&
           entry->direction == packet->direction;
}

/// True: the first fragment of this datagram passed a moment ago.
static __always_inline bool fragment_is_tracked(const struct yett_packet* packet) {
    const struct yett_fragment_set* set = fragment_set(packet);
    __u64 now = bpf_ktime_get_boot_ns();
    if (!set) return false;
    for (int i = 0; i < YETT_FRAGMENT_WAYS; i++)
        if (set->way[i].expires > now && same_datagram(&set->way[i], packet)) return true;
    return false;
}

static __always_inline void write_fragment(struct yett_fragment_entry* entry,
                                           const struct yett_packet* packet) {
    entry->src = packet->src;
    entry->dst = packet->dst;
    entry->id = packet->fragment_id;
    entry->family = packet->family;
    entry->direction = packet->direction;
}

/// Takes a free place: the winner of the exchange owns it, and readers see it once `expires` lies
/// ahead.
static __always_inline bool claim_fragment(struct yett_fragment_entry* entry, __u64 now,
                                           const struct yett_packet* packet) {
    __u64 old = entry->expires;
    if (old > now || !__sync_bool_compare_and_swap(&entry->expires, old, 1)) return false;
    write_fragment(entry, packet);
    *(volatile __u64*)&entry->expires = now + YETT_FRAGMENT_NANOSECONDS;
    return true;
}

/// Called for a first fragment that passes. Nobody's entry is pushed out: a full line refuses.
static __always_inline void track_fragment(struct yett_packet* packet) {
    struct yett_fragment_set* set = fragment_set(packet);
    __u64 now = bpf_ktime_get_boot_ns();
    if (packet->trace_id || !set || fragment_is_tracked(packet)) return;
    for (int i = 0; i < YETT_FRAGMENT_WAYS; i++)
        if (claim_fragment(&set->way[i], now, packet)) return;
    count_reason(packet, YETT_REASON_FRAG_FULL, YETT_PASS);
}
