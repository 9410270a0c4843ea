// SPDX-License-Identifier: GPL-2.0-or-later
// The plan of spray.bpf.c: which word of each frame takes which values.
#pragma once

#include <linux/types.h>

/// Frame n has first + (n % count) * stride at `offset`, in network byte order. count 0: frames
/// stay as they are.
struct spray {
    __u64 sent;
    __u32 first;
    __u32 count;
    __u32 stride;
    __u32 offset;
};
