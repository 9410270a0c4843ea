// SPDX-License-Identifier: GPL-2.0-or-later
// What the two halves of the engine's benchmark share.
#pragma once

#include <linux/types.h>

#include "abi/ruleset.h"

#define BENCH_HEADERS 65536

/// A parsed packet: what the parsers would leave, and no more.
struct bench_header {
    struct yett_address src, dst;
    __u32 known;  ///< YETT_FIELD_BIT
    __u16 sport, dport;
    __u8 proto, family;
    __u8 reserved[6];
};
