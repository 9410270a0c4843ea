// SPDX-License-Identifier: GPL-2.0-or-later
// Datagrams whose first fragment the rules let pass: their later fragments may follow.
#pragma once

#include "abi/ruleset.h"
#include "abi/types.h"

/// How long later fragments may follow. Linux waits 30 s for a datagram (net.ipv4.ipfrag_time);
/// honest fragments come within milliseconds, and a short time keeps places free.
#define YETT_FRAGMENT_NANOSECONDS 5000000000ull

struct yett_fragment_entry {
    struct yett_address src, dst;
    __u32 id;        ///< IPv4 identification, or that of the IPv6 fragment header
    __u8 proto;      ///< IPv4 only; IPv6 keeps a datagram by addresses and id (RFC 8200 4.5)
    __u8 family;     ///< enum yett_family
    __u8 direction;  ///< enum yett_direction
    __u8 reserved;
    __u64 expires;  ///< CLOCK_BOOTTIME nanoseconds; 0 = never used. Written last by who takes the
                    ///< place
};
YETT_STATIC_ASSERT(sizeof(struct yett_fragment_entry) == 48, "yett_fragment_entry is ABI");

#define YETT_FRAGMENT_WAYS 8
#define YETT_FRAGMENT_SETS 4096

/// The place is chosen by the source alone (IPv6: its /64), so that one source fills no more than
/// one line. A full line refuses: nobody's datagram is pushed out by another's.
struct yett_fragment_set {
    struct yett_fragment_entry way[YETT_FRAGMENT_WAYS];
};
YETT_STATIC_ASSERT(sizeof(struct yett_fragment_set) == 384, "yett_fragment_set is ABI");
