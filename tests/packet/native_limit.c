// SPDX-License-Identifier: GPL-2.0-or-later
// Compiled like tests/fuzz/native: maps are memory.
#include "packet/native_limit.h"

static struct native_time simulated;

#undef bpf_ktime_get_ns
#undef bpf_ktime_get_coarse_ns
#define bpf_ktime_get_ns() (simulated.now)
#define bpf_ktime_get_coarse_ns() (simulated.now - simulated.now % simulated.tick)

#include "decide/limit.h"

void native_limit_forget(void) {
    native_forget_maps();
    for (__u32 i = 0; i < YETT_SEED_WORDS; i++)
        ((struct yett_seed*)hash_seed())->words[i] = 0x9e3779b9 * (i + 1);
}

bool native_limit_allows(const struct yett_limit* limit, __u32 source, __u32 octets,
                         struct native_time time) {
    struct yett_packet packet = {
        .known = YETT_FIELD_BIT(SRC),
        .family = YETT_FAMILY_IPV4,
        .src = {.lo = source},
        .octets = octets,
        .segments = 1,
    };
    simulated = time;
    return limit_allows(&packet, limit);
}
