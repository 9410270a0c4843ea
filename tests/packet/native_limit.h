// SPDX-License-Identifier: GPL-2.0-or-later
// The rate limits of xdp/, from the very same header, by a clock that the test sets.
#pragma once

#include "abi/meter.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Nanoseconds of the exact clock, and how long a tick of the coarse one is.
struct native_time {
    __u64 now;
    __u64 tick;
};

/// Every bucket full of tokens.
void native_limit_forget(void);
/// Whether an IPv4 packet of that source and length is within the limit.
bool native_limit_allows(const struct yett_limit* limit, __u32 source, __u32 octets,
                         struct native_time time);

#ifdef __cplusplus
}
#endif
