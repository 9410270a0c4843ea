// SPDX-License-Identifier: GPL-2.0-or-later
// Places of the table of connections: finding, taking, changing. No locks: see README.md.
#pragma once

#include "abi/connection.h"
#include "maps.h"
#include "state/key.h"

/// An entry's word in parts.
static __always_inline __u8 word_phase(__u64 word) {
    return word;
}
static __always_inline __u8 word_proto(__u64 word) {
    return word >> 8;
}
static __always_inline __u8 word_flags(__u64 word) {
    return word >> 16;
}
static __always_inline __u32 word_seen(__u64 word) {
    return word >> 32;
}
static __always_inline __u8 word_owner(__u64 word) {
    return word >> 24;
}
static __always_inline __u64 word_of(__u8 phase, __u8 proto, __u8 flags, __u8 owner, __u32 seen) {
    return phase | (__u64)proto << 8 | (__u64)flags << 16 | (__u64)owner << 24 | (__u64)seen << 32;
}

static __always_inline __u32 connection_now(void) {
    return bpf_ktime_get_coarse_ns() >> YETT_CONNECTION_TIME_SHIFT;
}

static __always_inline const struct yett_connection_config* connection_config(void) {
    __u32 zero = 0;
    return bpf_map_lookup_elem(&yett_connection_config, &zero);
}

/// Forgotten, or never there. Another CPU's clock may be a step ahead of ours.
static __always_inline bool word_is_over(const struct yett_ruleset* ruleset, __u64 word,
                                         __u32 now) {
    __u32 phase = word_phase(word);
    if (phase >= YETT_PHASE_COUNT) return false;
    asm volatile("" : "+r"(phase));  // clang 14 else drops the bound that the verifier asks for
    phase &= YETT_CONNECTION_TIMEOUTS - 1;
    return !phase || (__s32)(now - word_seen(word)) > (__s32)ruleset->timeout[phase];
}

/// One way of a place. The empty assembly keeps clang 14 from adding to the pointer before it is
/// checked, which the verifier refuses (6.18; tests/packet: Programs).
static __always_inline struct yett_connection4* way4(__u32 place, __u32 way) {
    struct yett_connections4* found = bpf_map_lookup_elem(&yett_connections4, &place);
    if (!found) return NULL;
    asm volatile("" : "+r"(found));
    return &found->way[way & (YETT_CONNECTION_WAYS - 1)];
}

static __always_inline struct yett_connection6* way6(__u32 place, __u32 way) {
    struct yett_connections6* found = bpf_map_lookup_elem(&yett_connections6, &place);
    if (!found) return NULL;
    asm volatile("" : "+r"(found));
    return &found->way[way & (YETT_CONNECTION_WAYS - 1)];
}

static __always_inline struct yett_connection* way_of(__u8 family, __u32 place, __u32 way) {
    if (family == YETT_FAMILY_IPV4) {
        struct yett_connection4* entry = way4(place, way);
        return entry ? &entry->head : NULL;
    }
    struct yett_connection6* entry = way6(place, way);
    return entry ? &entry->head : NULL;
}

/// What an entry's word says of whose it is, and what it must say for this key.
#define WORD_KIND ((__u64)YETT_CONNECTION_INNER << 16 | 0xff00)
static __always_inline __u64 word_kind(const struct connection_key* key) {
    return (__u64)key->inner << 16 | (__u64)key->proto << 8;
}

static __always_inline bool same4(const struct yett_connection4* entry, __u32 ports,
                                  __u64 addresses) {
    return entry->head.ports == ports && entry->addresses == addresses;
}

static __always_inline bool same6(const struct yett_connection6* entry,
                                  const struct connection_key* key) {
    return entry->head.ports == key->ports && entry->address[0].lo == key->address[0].lo &&
           entry->address[0].hi == key->address[0].hi &&
           entry->address[1].lo == key->address[1].lo && entry->address[1].hi == key->address[1].hi;
}

/// A copy of an entry.
struct connection_found {
    __u64 word;
    __u32 seq[3];
};

/// Whether the entry is of that kind, and then a copy of it. The word is read before and after the
/// rest: an entry that changed hands in between has another one.
static __always_inline bool copy_entry(const struct yett_connection* entry, __u64 word, __u64 kind,
                                       struct connection_found* found) {
    if ((word & WORD_KIND) != kind || !word_phase(word)) return false;
    found->word = word;
    found->seq[0] = entry->seq[0];
    found->seq[1] = entry->seq[1];
    found->seq[2] = entry->seq[2];
    return (__u32) * (volatile __u64*)&entry->word == (__u32)word;
}

/// Which way of a place holds the key; YETT_CONNECTION_WAYS: none.
static __always_inline __u32 find4(__u32 place, const struct connection_key* key,
                                   struct connection_found* found) {
    struct yett_connections4* ways = bpf_map_lookup_elem(&yett_connections4, &place);
    __u64 addresses = addresses4(key), kind = word_kind(key);
    for (__u32 i = 0; ways && i < YETT_CONNECTION_WAYS; i++) {
        __u64 word = *(volatile __u64*)&ways->way[i].head.word;
        if (same4(&ways->way[i], key->ports, addresses) &&
            copy_entry(&ways->way[i].head, word, kind, found))
            return i;
    }
    return YETT_CONNECTION_WAYS;
}

static __always_inline __u32 find6(__u32 place, const struct connection_key* key,
                                   struct connection_found* found) {
    struct yett_connections6* ways = bpf_map_lookup_elem(&yett_connections6, &place);
    __u64 kind = word_kind(key);
    for (__u32 i = 0; ways && i < YETT_CONNECTION_WAYS; i++) {
        __u64 word = *(volatile __u64*)&ways->way[i].head.word;
        if (same6(&ways->way[i], key) && copy_entry(&ways->way[i].head, word, kind, found))
            return i;
    }
    return YETT_CONNECTION_WAYS;
}

static __always_inline __u32 place_of(const struct yett_connection_config* config,
                                      const struct connection_key* key, __u64 hash) {
    return hash & (config->places[key->family == YETT_FAMILY_IPV6] - 1);
}

/// How dear a way is: what is over costs nothing, then what a reset ended, then by proof, and by
/// time.
static __always_inline __u64 way_cost(const struct yett_ruleset* ruleset, __u64 word, __u32 now) {
    if (word_is_over(ruleset, word, now)) return 0;
    if (word_phase(word) == YETT_PHASE_BUSY) return ~0ull;
    __u64 kind = word_flags(word) & YETT_CONNECTION_PROVEN ? 2 : 1;
    if (word_phase(word) == YETT_PHASE_TCP_CLOSED) kind = 0;
    return kind << 32 | (__u32)(word_seen(word) - now + 0x80000000u);
}

/// The cheapest way of a place, and its word.
static __always_inline __u32 cheapest_way(const struct yett_ruleset* ruleset, __u8 family,
                                          __u32 place, __u32 now, __u64* word) {
    __u64 least = ~0ull;
    __u32 best = YETT_CONNECTION_WAYS;
    for (__u32 i = 0; i < YETT_CONNECTION_WAYS; i++) {
        struct yett_connection* entry = way_of(family, place, i);
        if (!entry) return YETT_CONNECTION_WAYS;
        __u64 old = *(volatile __u64*)&entry->word;
        __u64 cost = way_cost(ruleset, old, now);
        if (cost >= least) continue;
        least = cost;
        best = i;
        *word = old;
    }
    return best;
}

static __always_inline void count_made(const struct yett_ruleset* ruleset, __u64 evicted, __u32 now,
                                       bool done) {
    __u32 zero = 0;
    struct yett_connection_counters* counters =
        bpf_map_lookup_elem(&yett_connection_counters, &zero);
    if (!counters) return;
    if (!done) {
        counters->lost++;
        return;
    }
    counters->made++;
    if (word_is_over(ruleset, evicted, now) || word_phase(evicted) == YETT_PHASE_TCP_CLOSED) return;
    if (word_flags(evicted) & YETT_CONNECTION_PROVEN)
        counters->evicted_proven++;
    else
        counters->evicted++;
}

/// Only by who made the entry busy.
static __always_inline void write_key4(__u32 place, __u32 way, const struct connection_key* key) {
    struct yett_connection4* entry = way4(place, way);
    if (!entry) return;
    entry->head.ports = key->ports;
    entry->addresses = addresses4(key);
}

static __always_inline void write_key6(__u32 place, __u32 way, const struct connection_key* key) {
    struct yett_connection6* entry = way6(place, way);
    if (!entry) return;
    entry->head.ports = key->ports;
    entry->address[0] = key->address[0];
    entry->address[1] = key->address[1];
}
