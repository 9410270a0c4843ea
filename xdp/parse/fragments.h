// SPDX-License-Identifier: GPL-2.0-or-later
// Fragment tracking: a first fragment that passed lets its own later fragments follow, as far as
// whatever passed it would pass them.
#pragma once

#include "abi/fragment.h"
#include "maps.h"
#include "record/hash.h"
#include "record/record.h"

static __always_inline struct yett_fragment_set* fragment_set(const struct yett_packet* packet) {
    const struct yett_seed* seed = hash_seed();
    __u64 hash;
    __u32 index;
    if (!seed) return NULL;
    hash = hash_address(seed, 0, &packet->src) + hash_address(seed, 4, &packet->dst) +
           hash_pair(seed, 8, packet->fragment_id, packet->family);
    index = hash_mix(hash) % YETT_FRAGMENT_SETS;
    return bpf_map_lookup_elem(&yett_fragments, &index);
}

static __always_inline bool same_datagram(const struct yett_fragment_entry* entry,
                                          const struct yett_packet* packet) {
    return entry->id == packet->fragment_id && entry->src.lo == packet->src.lo &&
           entry->src.hi == packet->src.hi && entry->dst.lo == packet->dst.lo &&
           entry->dst.hi == packet->dst.hi && entry->family == packet->family &&
           entry->direction == packet->direction;
}

static __always_inline struct yett_fragment_entry* find_datagram(struct yett_fragment_set* set,
                                                                 const struct yett_packet* packet,
                                                                 __u64 now) {
    for (int i = 0; i < YETT_FRAGMENT_WAYS; i++)
        if (set->way[i].expires > now && same_datagram(&set->way[i], packet)) return &set->way[i];
    return NULL;
}

/// True: the first fragment of this datagram passed a moment ago, and packet->rule is what passed
/// it. After a switch to another ruleset nobody can say what the new one thinks of the first
/// fragment: the datagrams of that moment go by the policy, as far as bans and suspicions let them.
/// Behind the last fragment the entry is as good as over.
static __noinline int follow_datagram(struct yett_packet* packet) {
    struct yett_fragment_set* set;
    struct yett_fragment_entry* entry;
    __u64 now = bpf_ktime_get_boot_ns();
    if (!packet) return false;
    set = fragment_set(packet);
    entry = set ? find_datagram(set, packet, now) : NULL;
    if (!entry) return false;
    packet->rule = entry->word == packet->word ? entry->rule : YETT_NO_RULE;
    packet->in_fragment |= YETT_FRAGMENT_TRACKED;
    if (!(packet->in_fragment & YETT_MORE_FRAGMENTS) && !packet->trace_id)
        entry->expires = now + YETT_FRAGMENT_REST_NANOSECONDS;
    return true;
}

static __always_inline void write_datagram(struct yett_fragment_entry* entry,
                                           const struct yett_packet* packet) {
    entry->src = packet->src;
    entry->dst = packet->dst;
    entry->id = packet->fragment_id;
    entry->family = packet->family;
    entry->direction = packet->direction;
    entry->word = packet->word;
    entry->rule = packet->rule;
}

/// The one that is over, or will be first.
static __always_inline struct yett_fragment_entry* oldest_datagram(struct yett_fragment_set* set) {
    struct yett_fragment_entry* oldest = &set->way[0];
    for (int i = 1; i < YETT_FRAGMENT_WAYS; i++)
        if (set->way[i].expires < oldest->expires) oldest = &set->way[i];
    return oldest;
}

/// Called for a first fragment that passes. The winner of the exchange owns the place, and readers
/// see it once `expires` lies ahead. A datagram that had to make room is counted.
static __noinline int track_datagram(struct yett_packet* packet) {
    struct yett_fragment_set* set;
    struct yett_fragment_entry* entry;
    __u64 now = bpf_ktime_get_boot_ns(), old;
    if (!packet) return 0;
    set = packet->trace_id ? NULL : fragment_set(packet);
    if (!set) return 0;
    entry = find_datagram(set, packet, now);
    if (!entry) entry = oldest_datagram(set);
    old = entry->expires;
    if (!__sync_bool_compare_and_swap(&entry->expires, old, 1)) return 0;
    if (old > now && !same_datagram(entry, packet))
        count_reason(packet, YETT_REASON_FRAG_FULL, YETT_PASS);
    write_datagram(entry, packet);
    *(volatile __u64*)&entry->expires = now + YETT_FRAGMENT_NANOSECONDS;
    return 0;
}
