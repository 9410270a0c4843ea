// SPDX-License-Identifier: GPL-2.0-or-later
// What the yardsticks' two halves share.
#pragma once

#include <linux/types.h>

#define BENCH_ENTRIES 131072
#define BENCH_STEPS 256  ///< in one run of a program

/// One cache line of a cycle through the whole table, 8 MB of it.
struct bench_line {
    __u32 next;
    __u32 padding[15];
};
