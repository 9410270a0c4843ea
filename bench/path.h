// SPDX-License-Identifier: GPL-2.0-or-later
// What the two halves of the sender share.
#pragma once

#include <linux/types.h>

/// All frames have this length: the contenders read headers, not payload.
#define BENCH_FRAME 80
/// How many different ones there are at a time.
#define BENCH_FRAMES 65536

struct bench_frame {
    __u64 words[BENCH_FRAME / 8];
};
