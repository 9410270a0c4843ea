// SPDX-License-Identifier: GPL-2.0-or-later
// A seeded hash over what senders choose: NH (RFC 4418 5.2), then a mixer. For any two different
// keys the chance of an equal sum is 2^-32 over the secret seed, so nobody can aim at another's
// place in a table.
#pragma once

#include "abi/meter.h"
#include "maps.h"
#include "parse/packet.h"

static __always_inline __u64 hash_pair(const struct yett_seed* seed, __u32 i, __u32 a, __u32 b) {
    return (__u64)(__u32)(a + seed->words[i]) * (__u32)(b + seed->words[i + 1]);
}

static __always_inline __u64 hash_address(const struct yett_seed* seed, __u32 i,
                                          const struct yett_address* address) {
    return hash_pair(seed, i, address->hi >> 32, address->hi) +
           hash_pair(seed, i + 2, address->lo >> 32, address->lo);
}

/// The low bits of a sum of products are poor; a table's index comes from them.
static __always_inline __u64 hash_mix(__u64 sum) {
    sum ^= sum >> 32;
    sum *= 0x9e3779b97f4a7c15ull;
    return sum ^ sum >> 32;
}

static __always_inline const struct yett_seed* hash_seed(void) {
    __u32 zero = 0;
    return bpf_map_lookup_elem(&yett_seed, &zero);
}
