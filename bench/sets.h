// SPDX-License-Identifier: GPL-2.0-or-later
// Entries and addresses by number, the same on both sides: nothing is kept that would take caches
// from what is measured. Seven random 32-bit numbers tell an address.
#pragma once

#include <linux/types.h>

enum bench_entries { BENCH_HOSTS, BENCH_PREFIXES };

/// Frame n has the source of number first + (n mixed) % count.
struct bench_members {
    __u64 sent;
    __u32 first;
    __u32 count;
    __u32 ipv6;
    __u32 entries;  ///< enum bench_entries: what the numbers stand for
};

#define BENCH_SOURCE4 26  // of the source in an Ethernet frame
#define BENCH_SOURCE6 22

/// One to one: different numbers stay different.
static inline __u32 bench_mix32(__u32 n) {
    n ^= n >> 16;
    n *= 0x85ebca6bu;
    n ^= n >> 13;
    n *= 0xc2b2ae35u;
    return n ^ n >> 16;
}

static inline __u64 bench_mix64(__u64 n) {
    n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9ull;
    n = (n ^ n >> 27) * 0x94d049bb133111ebull;
    return n ^ n >> 31;
}

/// Somewhere in 2000::/3.
static inline __u64 bench_upper6(__u32 n) {
    return bench_mix64(n + 0x9e3779b97f4a7c15ull) >> 3 | 1ull << 61;
}

/// Prefixes of 20 to 32 bits, and of 40 to 64: each length as often as the others.
static inline __u32 bench_host_bits4(__u32 n) {
    return bench_mix32(n ^ 0x5bd1e995u) % 13;
}

static inline __u32 bench_host_bits6(__u32 n) {
    return 64 + bench_mix32(n ^ 0x5bd1e995u) % 25;
}
