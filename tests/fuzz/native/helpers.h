// SPDX-License-Identifier: GPL-2.0-or-later
// Included before everything else when the headers of xdp/ are compiled for this machine: libbpf's
// declarations as they are, and plain functions in place of the helpers that the headers call. A
// helper without a line here compiles, and ends the process when it is called.
#pragma once

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_helpers.h>

/// Several sources of one program may declare all maps: they are the same ones.
#undef SEC
#define SEC(name_) __attribute__((weak))

/// What a map declaration says of itself (its members are pointers to arrays of that size).
struct native_kind {
    __u32 type;
    __u32 key;    ///< octets
    __u32 value;  ///< octets
    __u32 entries;
};

#define NATIVE_KIND(map)                                                           \
    ((struct native_kind){sizeof(*(map)->type) / sizeof(int), sizeof(*(map)->key), \
                          sizeof(*(map)->value), sizeof(*(map)->max_entries) / sizeof(int)})

void* native_lookup(void* map, struct native_kind kind, const void* key);
/// 0, or a negative errno.
long native_update(void* map, struct native_kind kind, const void* key, const void* value);
/// Every map as it was before the first lookup.
void native_forget_maps(void);
/// Nanoseconds: one more with each call, so that a run repeats exactly.
__u64 native_clock(void);
__s64 native_checksum(const void* from, __u32 from_size, const void* to, __u32 to_size, __u32 seed);

#define bpf_map_lookup_elem(map_, key_) native_lookup(map_, NATIVE_KIND(map_), key_)
#define YETT_MEMORY_OF(map_) \
    ((const void*)native_lookup(&(map_), NATIVE_KIND(&(map_)), &(const __u32){0}))
#define bpf_map_update_elem(map_, key_, value_, flags_) \
    ((void)(flags_), native_update(map_, NATIVE_KIND(map_), key_, value_))
#define bpf_ktime_get_ns() native_clock()
#define bpf_ktime_get_boot_ns() native_clock()
#define bpf_ktime_get_coarse_ns() native_clock()
/// One CPU, number 0.
#define bpf_get_smp_processor_id() 0u
#define bpf_csum_diff(from_, from_size_, to_, to_size_, seed_) \
    native_checksum(from_, from_size_, to_, to_size_, seed_)
/// The host has no socket.
#define bpf_skc_lookup_tcp(ctx_, tuple_, size_, netns_, flags_) \
    ((void)(tuple_), (struct bpf_sock*)NULL)
#define bpf_sk_release(socket_) ((void)(socket_))
/// No route leads anywhere.
#define bpf_fib_lookup(ctx_, params_, size_, flags_) ((void)(params_), BPF_FIB_LKUP_RET_UNREACHABLE)
#define bpf_loop(count_, step_, context_, flags_)       \
    ({                                                  \
        __u32 loop_count_ = (count_), loop_at_ = 0;     \
        while (loop_at_ < loop_count_)                  \
            if ((step_)(loop_at_++, (context_))) break; \
        (long)loop_at_;                                 \
    })

/// The verifier's word about alignment holds for BPF's loads, and memcpy needs none here.
#define __builtin_assume_aligned(pointer_, octets_) (pointer_)
