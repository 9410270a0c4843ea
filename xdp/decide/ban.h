// SPDX-License-Identifier: GPL-2.0-or-later
// Automatic bans: sources that the data plane shuts out by itself, for a time.
#pragma once

#include "abi/ruleset.h"
#include "classify/sets.h"
#include "maps.h"
#include "parse/packet.h"

/// Without a branch: the verifier would walk what follows twice.
static __always_inline struct yett_ban_key ban_key(const struct yett_packet* packet) {
    __u64 beyond_link = packet->src.hi >> 54 ^ 0xfe80 >> 6;  // 0: fe80::/10
    __u64 whole = (packet->family ^ YETT_FAMILY_IPV6) | (beyond_link - 1) >> 63;
    struct yett_ban_key key = {.source = packet->src, .family = packet->family};
    key.source.lo &= -whole;
    return key;
}

static __always_inline bool has_source(const struct yett_packet* packet) {
    return packet->known & YETT_FIELD_BIT(SRC);
}

/// The operator's list of sources that no ban holds for.
static __always_inline bool is_never_banned(struct yett_packet* packet,
                                            const struct yett_ruleset* ruleset) {
    return ruleset->never_ban && in_some_set(packet, 1u << YETT_PARTY_SRC) &&
           is_member(packet, ruleset->never_ban, YETT_PARTY_SRC);
}

/// An expired ban stays in the table until the LRU wants its place.
static __noinline int is_banned(struct yett_packet* packet, const struct yett_ruleset* ruleset) {
    struct yett_ban_key key;
    const struct yett_ban* ban;
    if (!packet || !ruleset || !has_source(packet)) return false;
    key = ban_key(packet);
    ban = bpf_map_lookup_elem(&yett_auto_bans, &key);
    return ban && bpf_ktime_get_boot_ns() < ban->expires && !is_never_banned(packet, ruleset);
}

static __always_inline struct yett_ban_counters* ban_counters(void) {
    __u32 zero = 0;
    return bpf_map_lookup_elem(&yett_ban_counters, &zero);
}

/// A ban in place is prolonged where it stands: an update of a key that is already in a full LRU
/// map may evict others (seen on 6.1, 6.12 and 6.18). Of two CPUs that add the same source one is
/// told that it is there.
static __always_inline void write_ban(const struct yett_packet* packet, __u32 counter,
                                      __u32 seconds, struct yett_ban_counters* counters) {
    struct yett_ban_key key = ban_key(packet);
    struct yett_ban fresh = {.counter = counter};
    struct yett_ban* ban = bpf_map_lookup_elem(&yett_auto_bans, &key);
    fresh.added = bpf_ktime_get_boot_ns();
    fresh.expires = fresh.added + seconds * 1000000000ull;
    if (ban)
        ban->expires = fresh.expires;
    else if (bpf_map_update_elem(&yett_auto_bans, &key, &fresh, BPF_NOEXIST) == 0)
        __sync_fetch_and_add(&counters->made, 1);
}

/// Bans the source of a packet. What anyone can write into a header bans nobody: the packet must
/// belong to a TCP connection whose handshake its sender completed (state/machine.h), or the
/// operator must have said that forged sources may be banned, too. A frame to a group is nobody's
/// knock at this host.
static __noinline int ban_source(struct yett_packet* packet, const struct yett_ruleset* ruleset,
                                 __u32 counter, __u32 seconds, bool spoofable) {
    struct yett_ban_counters* counters = ban_counters();
    if (!packet || !ruleset || !counters || packet->trace_id || !has_source(packet)) return 0;
    if (packet->dmac >> 40 & 1) return 0;
    if (!spoofable && !packet->proven)
        __sync_fetch_and_add(&counters->unproven, 1);
    else if (is_never_banned(packet, ruleset))
        __sync_fetch_and_add(&counters->spared, 1);
    else
        write_ban(packet, counter, seconds, counters);
    return 0;
}
