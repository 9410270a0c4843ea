// SPDX-License-Identifier: GPL-2.0-or-later
// From a root to the leaf of a packet. What the bits of a slot mean stands in abi/engine.h.
#pragma once

#include "abi/engine.h"
#include "classify/lookup.h"
#include "maps.h"

static __always_inline const struct yett_page* engine_page(__u32 base, __u32 page) {
    __u32 index = base + page;
    return bpf_map_lookup_elem(&yett_engine, &index);
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
    const struct yett_page* page = engine_page(lookup->base, number / (YETT_PAGE_OCTETS / 8));
    return page ? page->word[number % (YETT_PAGE_OCTETS / 8)] : YETT_SLOT_LEAF;
}

/// A leaf, or a slot without YETT_SLOT_LEAF where the tree is deeper than the compiler makes any.
static __always_inline __u64 descend(const struct yett_lookup* lookup, __u64 slot) {
    for (int level = 0; level < YETT_TREE_DEPTH; level++) {
        if (slot & YETT_SLOT_LEAF) return slot;
        slot = child_of(lookup, slot);
    }
    return slot;
}
