// SPDX-License-Identifier: GPL-2.0-or-later
// The plan of state.bpf.c: which sources the frames come from.
#pragma once

#include <linux/types.h>

/// Frame n has the source first + n % count. count 0: frames stay as they are.
struct bench_sources {
    __u32 sent;
    __u32 first;
    __u32 count;
};

#define BENCH_SOURCE_OFFSET 26  // of the IPv4 source in an Ethernet frame
