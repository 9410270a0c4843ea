// SPDX-License-Identifier: GPL-2.0-or-later
// Datagrams whose first fragment the rules let pass: their later fragments may follow.
#pragma once

#include "abi/ruleset.h"
#include "abi/types.h"

/// How long later fragments may follow. Linux waits 30 s for a datagram (net.ipv4.ipfrag_time);
/// honest fragments come within milliseconds, and a short time keeps places free.
#define YETT_FRAGMENT_NANOSECONDS 5000000000ull
/// And once the last one has passed: those that were overtaken are still on their way.
#define YETT_FRAGMENT_REST_NANOSECONDS 100000000ull

struct yett_fragment_entry {
    struct yett_address src, dst;
    __u32 id;        ///< IPv4 identification, or that of the IPv6 fragment header
    __u8 proto;      ///< IPv4 only; IPv6 keeps a datagram by addresses and id (RFC 8200 4.5)
    __u8 family;     ///< enum yett_family
    __u8 direction;  ///< enum yett_direction
    __u8 reserved;
    __u64 expires;  ///< CLOCK_BOOTTIME nanoseconds; 0 = never used. Written last by who takes the
                    ///< place
    __u64 word;     ///< the generation word by which the first fragment was judged
    __u32 rule;     ///< index of the rule that passed it, or YETT_NO_RULE: the policy
    __u32 reserved2;
};
YETT_STATIC_ASSERT(sizeof(struct yett_fragment_entry) == 64, "yett_fragment_entry is ABI");

#define YETT_FRAGMENT_WAYS 8
#define YETT_FRAGMENT_SETS 4096

/// The place is chosen by source, destination and identification, by a seeded hash. Where all are
/// taken, the datagram that would be over first makes room: fragments of an honest one are there
/// within milliseconds, and a flood of first fragments must come faster than 32,768 in that time to
/// push it out.
struct yett_fragment_set {
    struct yett_fragment_entry way[YETT_FRAGMENT_WAYS];
};
YETT_STATIC_ASSERT(sizeof(struct yett_fragment_set) == 512, "yett_fragment_set is ABI");
