// SPDX-License-Identifier: GPL-2.0-or-later
// Rate limits: one bucket a key, in a table of cache lines that an attacker can fill but not make
// forget.
#pragma once

#include "abi/meter.h"
#include "hook.h"
#include "maps.h"
#include "parse/packet.h"
#include "record/hash.h"

/// Attempts at an exchange that other CPUs keep spoiling. After the last the packet counts as over:
/// the error is on the side of the limit.
#define YETT_METER_ATTEMPTS 4

static __always_inline const struct yett_limit* limit_of(const struct yett_packet* packet,
                                                         __u32 number) {
    __u32 index = packet_bank(packet) * YETT_MAX_LIMITS + number;
    if (number >= YETT_MAX_LIMITS) return NULL;
    return bpf_map_lookup_elem(&yett_limits, &index);
}

static __always_inline __u64 meter_now(const struct yett_limit* limit) {
    __u64 now =
        limit->flags & YETT_LIMIT_FINE_CLOCK ? bpf_ktime_get_ns() : bpf_ktime_get_coarse_ns();
    return now << YETT_METER_NS_SHIFT;
}

static __always_inline __u64 meter_cost(const struct yett_packet* packet,
                                        const struct yett_limit* limit) {
    __u64 amount = limit->unit == YETT_UNIT_OCTETS ? packet->octets : frames_of(packet);
    return amount * limit->cost >> (YETT_LIMIT_COST_BITS - YETT_METER_NS_SHIFT);
}

/// True: within the limit, and the packet's cost is on the bucket. A bucket that is charged further
/// ahead than this limit ever charges was filled under another limit of the rule: it is cut back to
/// "exhausted".
static __always_inline bool bucket_charge(__u64* charged, __u64 now, __u64 cost, __u64 burst) {
    for (int attempt = 0; attempt < YETT_METER_ATTEMPTS; attempt++) {
        __u64 old = *(volatile __u64*)charged;
        __u64 start = (__s64)(old - now) < 0 ? now : old;
        bool allowed = start + cost - now <= burst;
        if (!allowed && start - now <= burst) return false;
        if (__sync_val_compare_and_swap(charged, old, allowed ? start + cost : now + burst) == old)
            return allowed;
    }
    return false;
}

static __always_inline struct yett_address masked(const struct yett_packet* packet,
                                                  const struct yett_limit* limit,
                                                  const struct yett_address* address) {
    bool v4 = packet->family == YETT_FAMILY_IPV4;
    struct yett_address result = {.hi = address->hi & limit->mask6_hi,
                                  .lo = address->lo & (v4 ? limit->mask4 : limit->mask6_lo)};
    return result;
}

/// What is not known of the packet counts as one value: such packets share a bucket.
static __always_inline __u64 meter_key(const struct yett_packet* packet,
                                       const struct yett_limit* limit,
                                       const struct yett_seed* seed) {
    __u8 proto =
        limit->per == YETT_PER_TUPLE && packet->known & YETT_FIELD_BIT(PROTO) ? packet->proto : 0;
    __u64 sum = hash_pair(seed, 0, limit->counter, (__u32)packet->family << 8 | proto);
    if (limit->per != YETT_PER_DST && packet->known & YETT_FIELD_BIT(SRC)) {
        struct yett_address src = masked(packet, limit, &packet->src);
        sum += hash_address(seed, 2, &src);
    }
    if (limit->per != YETT_PER_SRC && packet->known & YETT_FIELD_BIT(DST)) {
        struct yett_address dst = masked(packet, limit, &packet->dst);
        sum += hash_address(seed, 6, &dst);
    }
    if (limit->per == YETT_PER_TUPLE && packet->known & YETT_FIELD_BIT(SPORT))
        sum += hash_pair(seed, 10, packet->sport, packet->dport);
    return (hash_mix(sum) & ~(2 * YETT_METER_USED - 1)) | YETT_METER_USED | limit->counter;
}

/// A bucket whose charge is in the past says no more than a new one, so its place is free. The
/// exchange decides between CPUs; whoever looks for the old key before the new one is written finds
/// it charged once more than it is. Two CPUs may give the same new key two places: it then has one
/// burst more, once.
static __always_inline bool meter_claim(struct yett_meter_set* set, __u64 key, __u64 now,
                                        __u64 cost) {
    for (int i = 0; i < YETT_METER_WAYS; i++) {
        struct yett_bucket* bucket = &set->way[i];
        __u64 old = *(volatile __u64*)&bucket->charged;
        if ((__s64)(old - now) > 0) continue;
        if (__sync_val_compare_and_swap(&bucket->charged, old, now + cost) != old) continue;
        *(volatile __u64*)&bucket->key = key;
        return true;
    }
    return false;
}

static __always_inline bool shared_charge(const struct yett_limit* limit, __u64 now, __u64 cost,
                                          bool untracked) {
    __u32 slot = limit->counter;
    struct yett_shared_bucket* bucket = bpf_map_lookup_elem(&yett_shared_buckets, &slot);
    if (!bucket) return false;
    if (untracked) __sync_fetch_and_add(&bucket->untracked, 1);
    return bucket_charge(&bucket->charged, now, cost, limit->burst);
}

/// True: within the limit. A key without a place in the table starts with nothing of its own: it
/// has what the rule's shared bucket still gives, so cycling through addresses never resets a
/// meter.
static __noinline int limit_allows(struct yett_packet* packet, const struct yett_limit* limit) {
    const struct yett_seed* seed = hash_seed();
    struct yett_meter_set* set;
    __u64 now, cost, key;
    __u32 index;
    if (!packet || !limit || !seed) return false;
    now = meter_now(limit);
    cost = meter_cost(packet, limit);
    if (limit->per == YETT_PER_GLOBAL) return shared_charge(limit, now, cost, false);
    key = meter_key(packet, limit, seed);
    index = key >> 32 & (YETT_METER_SETS - 1);
    set = bpf_map_lookup_elem(&yett_meters, &index);
    if (!set) return false;
    for (int i = 0; i < YETT_METER_WAYS; i++)
        if (set->way[i].key == key)
            return bucket_charge(&set->way[i].charged, now, cost, limit->burst);
    if (cost > limit->burst) return false;
    if (meter_claim(set, key, now, cost)) return true;
    return shared_charge(limit, now, cost, true);
}
