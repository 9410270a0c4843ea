// SPDX-License-Identifier: GPL-2.0-or-later
// Reading octets of a frame: one bounds check for each header. hook.h (the include path of the
// object chooses it) says what a frame is, yett_ctx, and how to reach octets behind the linear
// part.
#pragma once

#include <bpf/bpf_endian.h>

#include "abi/types.h"
#include "hook.h"
#include "parse/packet.h"

/// The verifier wants a bound on variable offsets into packet memory (MAX_PACKET_OFF is 0xffff in
/// kernel/bpf/verifier.c); headers behind this one are read by the helper.
#define YETT_DIRECT_OFFSET 0x3fff  // also a mask

/// Copies `size` octets (a constant) at `offset`. Wide loads: kernels with a BPF JIT for x86-64 and
/// arm64 allow unaligned access to packets. Linux 6.1 knows no bound of a copy that was made before
/// the comparison ("offset is outside of the packet"; tests/kernels): `near` is made behind it, and
/// bounded by itself.
static __always_inline bool frame_read(yett_ctx* ctx, __u32 offset, void* to, __u32 size) {
    void* data = (void*)(long)ctx->data;
    void* end = (void*)(long)ctx->data_end;
    if (offset <= YETT_DIRECT_OFFSET) {
        __u32 near = offset;
        barrier_var(near);
        near &= YETT_DIRECT_OFFSET;
        if (data + near + size <= end) {
            __builtin_memcpy(to, __builtin_assume_aligned(data + near, 4), size);
            return true;
        }
    }
    return frame_load(ctx, offset, to, size) == 0;
}

/// The first `size` octets (a constant) where they stand, if the linear part has them; else NULL.
static __always_inline const void* frame_head(yett_ctx* ctx, __u32 size) {
    const void* data = (const void*)(long)ctx->data;
    return data + size <= (const void*)(long)ctx->data_end ? data : NULL;
}

/// Copies of what frame_head() gave. Nobody else gets the address of `to`, so that it needs no
/// memory: the compiler loads what is used.
static __always_inline void head_read(const void* at, void* to, __u32 size) {
    __builtin_memcpy(to, __builtin_assume_aligned(at, 8), size);
}

/// Copies 1 to 40 octets, as many as an IPv4 header may have behind its fixed part. Linux 6.1
/// learns nothing of `size != 0` ("invalid zero-sized read"; tests/kernels): it must see a sum.
static __always_inline bool frame_read_some(yett_ctx* ctx, __u32 offset, void* to, __u32 size) {
    __u32 more = size - 1;
    if (more > 39) return false;
    barrier_var(more);
    return frame_load(ctx, offset, to, 1 + more) == 0;
}

static __always_inline __u64 mac_number(const __be16* mac) {
    return (__u64)bpf_ntohs(mac[0]) << 32 | (__u32)bpf_ntohs(mac[1]) << 16 | bpf_ntohs(mac[2]);
}

/// The same of eight octets that begin with it.
static __always_inline __u64 mac_in_head(const void* at) {
    __be64 octets;
    head_read(at, &octets, sizeof(octets));
    return bpf_be64_to_cpu(octets) >> 16;
}

/// Ethernet padding is never read as a header.
static __always_inline bool packet_holds(const struct yett_packet* packet, __u32 size) {
    return packet->next + size <= packet->end;
}

/// frame_read for a header inside the IP packet.
static __always_inline bool packet_read(yett_ctx* ctx, const struct yett_packet* packet, void* to,
                                        __u32 size) {
    return packet_holds(packet, size) && frame_read(ctx, packet->next, to, size);
}
