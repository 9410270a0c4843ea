// SPDX-License-Identifier: GPL-2.0-or-later
// From a root to the leaf of a packet. What the bits of a slot mean stands in abi/engine.h.
#pragma once

#include "abi/engine.h"
#include "classify/lookup.h"
#include "maps.h"

/// `place` octets into the image of a bank. Both are masked, for the verifier. It must see a sum:
/// Linux 6.1 knows no bound of numbers that were put together by "or" (tests/kernels).
static __always_inline const void* engine_at(__u32 bank, __u64 place) {
    __u64 start = (__u64)(bank % YETT_BANKS) * YETT_ENGINE_OCTETS;
    barrier_var(start);
    return YETT_MEMORY_OF(yett_engine) + start + place % YETT_ENGINE_OCTETS;
}

static __always_inline __u64 engine_slot(__u32 bank, __u32 number) {
    return *(const __u64*)engine_at(bank, (__u64)number % (YETT_ENGINE_OCTETS / 8) * 8);
}

static __always_inline __u64 window_of(const struct yett_lookup* lookup, __u64 where) {
    __u64 value = lookup->field[where & (YETT_CUT_FIELDS - 1)];
    return value << (where >> 3 & 63) >> (where >> 9 & 63) >> 1;
}

static __always_inline __u64 child_of(const struct yett_lookup* lookup, __u64 slot) {
    __u64 first = window_of(lookup, slot >> YETT_SLOT_WINDOW_A);
    __u64 second = window_of(lookup, slot >> YETT_SLOT_WINDOW_B);
    __u32 second_bits = 63 - (slot >> (YETT_SLOT_WINDOW_B + 9) & 63);
    __u32 number = (slot & ((1u << YETT_SLOT_PLACE_BITS) - 1)) + (first << second_bits | second);
    return engine_slot(lookup->bank, number);
}

/// A leaf, or a slot without YETT_SLOT_LEAF where the tree is deeper than the compiler makes any.
static __always_inline __u64 descend(const struct yett_lookup* lookup, __u64 slot) {
    for (int level = 0; level < YETT_TREE_DEPTH; level++) {
        if (slot & YETT_SLOT_LEAF) return slot;
        slot = child_of(lookup, slot);
    }
    return slot;
}
