// SPDX-License-Identifier: GPL-2.0-or-later
// Rate limits: what the compiler writes, and the buckets that the data plane keeps.
#pragma once

#include "abi/limits.h"
#include "abi/types.h"

/// What shares one bucket. Addresses are masked before they are compared.
enum yett_limit_per {
    YETT_PER_GLOBAL = 0,  ///< all packets of the rule
    YETT_PER_SRC = 1,
    YETT_PER_DST = 2,
    YETT_PER_TUPLE = 3,  ///< both addresses (masked), protocol and ports
};

enum yett_limit_unit { YETT_UNIT_PACKETS = 0, YETT_UNIT_OCTETS = 1 };

/// Time in buckets: nanoseconds of CLOCK_MONOTONIC, times 64.
#define YETT_METER_NS_SHIFT 6
/// Fraction bits of yett_limit.cost.
#define YETT_LIMIT_COST_BITS 16

/// yett_limit.flags. FINE_CLOCK: the burst is too short for the kernel's coarse clock (a tick of
/// 1-10 ms), read the exact one (about 40 ns dearer). OVER_BANS: a packet over the limit bans its
/// source. SPOOFABLE: also when that source may be forged.
#define YETT_LIMIT_FINE_CLOCK 0x01
#define YETT_LIMIT_OVER_BANS 0x02
#define YETT_LIMIT_SPOOFABLE 0x04

/// One rule's limit: index bank * YETT_MAX_LIMITS + number, where yett_action.limit is number + 1.
/// The bucket is a generic cell rate algorithm (ITU-T I.371): a packet adds its cost to the
/// bucket's time, and passes when that is no more than `burst` ahead of now.
struct yett_limit {
    __u64 cost;   ///< nanoseconds a packet, or an octet, in 1 / 2^YETT_LIMIT_COST_BITS
    __u64 burst;  ///< time units
    __u64 mask6_hi, mask6_lo;
    __u32 mask4;
    __u32 counter;       ///< slot of the rule's counter: the identity of its buckets over reloads
    __u32 over_counter;  ///< slot in yett_rule_counters for what was over the limit
    __u32 ban_seconds;   ///< for YETT_LIMIT_OVER_BANS
    __u8 per;            ///< enum yett_limit_per
    __u8 unit;           ///< enum yett_limit_unit
    __u8 flags;          ///< YETT_LIMIT_*
    __u8 reserved[13];
};
YETT_STATIC_ASSERT(sizeof(struct yett_limit) == 64, "yett_limit is ABI");

/// A bucket's key says whose it is: the rule's counter slot in its low bits, a bit that is always
/// set, and above them the seeded hash of slot and addresses. The addresses themselves stand
/// nowhere.
#define YETT_METER_USED ((__u64)YETT_MAX_COUNTERS)
#define YETT_METER_SLOT(key) ((__u32)((key) & (YETT_METER_USED - 1)))
YETT_STATIC_ASSERT((YETT_MAX_COUNTERS & (YETT_MAX_COUNTERS - 1)) == 0, "slots are bits of a key");

/// A bucket: the time up to which its key is charged. At or before now it is full of tokens, and
/// the same as none.
struct yett_bucket {
    __u64 key;  ///< 0 = never used
    __u64 charged;
};
YETT_STATIC_ASSERT(sizeof(struct yett_bucket) == 16, "yett_bucket is ABI");

#define YETT_METER_WAYS 4

/// One cache line of the table of buckets. Index: hash % YETT_METER_SETS.
struct yett_meter_set {
    struct yett_bucket way[YETT_METER_WAYS];
};
YETT_STATIC_ASSERT(sizeof(struct yett_meter_set) == 64, "yett_meter_set is ABI");

/// A rule's own bucket (index: counter slot): of YETT_PER_GLOBAL, and of all keys together that
/// find no place in the table because every bucket of their line is still charged.
struct yett_shared_bucket {
    __u64 charged;
    __u64 untracked;  ///< packets that found no place
};
YETT_STATIC_ASSERT(sizeof(struct yett_shared_bucket) == 16, "yett_shared_bucket is ABI");

/// Secret of this boot for hashes over what senders choose. Written once, before any program runs.
#define YETT_SEED_WORDS 16
struct yett_seed {
    __u32 words[YETT_SEED_WORDS];
};
YETT_STATIC_ASSERT(sizeof(struct yett_seed) == 64, "yett_seed is ABI");
