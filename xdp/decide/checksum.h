// SPDX-License-Identifier: GPL-2.0-or-later
// The Internet checksum (RFC 1071) over small structs.
#pragma once

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "abi/types.h"

static __always_inline __u16 checksum_fold(__u64 sum) {
    for (int i = 0; i < 4; i++)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum;
}

/// `size` is a multiple of 4; sums of several structs are chained through `sum`.
static __always_inline __u64 checksum_add(__u64 sum, void* octets, __u32 size) {
    return bpf_csum_diff(NULL, 0, octets, size, sum);
}
