// SPDX-License-Identifier: GPL-2.0-or-later
// The records of a leaf, one after another, in the order of their rules.
#pragma once

#include "abi/engine.h"
#include "abi/limits.h"
#include "classify/box.h"
#include "classify/tree.h"
#include "record/record.h"

static __always_inline const struct yett_action* action_of(const struct yett_packet* packet,
                                                           __u32 rule) {
    __u32 index = packet_bank(packet) * YETT_MAX_RULES + rule;
    if (rule >= YETT_MAX_RULES) return NULL;
    return bpf_map_lookup_elem(&yett_actions, &index);
}

static __always_inline bool direction_fits(const struct yett_box* box,
                                           const struct yett_packet* packet) {
    __u16 other = packet->direction == YETT_INGRESS ? YETT_BOX_EGRESS_ONLY : YETT_BOX_INGRESS_ONLY;
    return !(box->flags & other);
}

/// Tests the whole box where its record does not say all. `where`: the tag's bits.
__noinline int whole_box_matches(struct yett_packet* packet, __u32 bank, __u32 where) {
    __u32 offset = (where & ((1u << YETT_TAG_BOX_NUMBER_BITS) - 1)) * sizeof(struct yett_box);
    __u64 page = where >> YETT_TAG_BOX_NUMBER_BITS;
    const struct yett_box* box;
    if (!packet || offset > YETT_PAGE_OCTETS - sizeof(struct yett_box)) return 0;
    box = engine_at(bank, page * YETT_PAGE_OCTETS) + offset;
    if (!(box->flags & YETT_BOX_FLOW_ALONE)) packet->not_flow_alone = 1;
    return direction_fits(box, packet) && box_matches(box, packet);
}

static __always_inline void count_and_go_on(struct yett_packet* packet, __u32 rule) {
    const struct yett_action* action = action_of(packet, rule);
    if (action) count_rule(packet, action->counter);
    packet->lookup.counted = rule;
}

/// Called when addresses, ports and protocol fit as far as they are known. True: the leaf has no
/// more to say.
static __always_inline bool take_match(struct yett_packet* packet, __u64 low, __u64 high) {
    struct yett_lookup* lookup = &packet->lookup;
    __u32 names = low >> YETT_TAG_SHIFT, more = high >> YETT_TAG_SHIFT;
    __u32 rule = names & ((1u << YETT_RULE_BITS) - 1);
    __u32 box = more & ((1u << YETT_TAG_BOX_BITS) - 1);
    if (rule >= lookup->rule) return true;
    if (rule == lookup->counted || names & lookup->gone) return false;
    if (more & YETT_TAG_NEEDS_KNOWN && names & lookup->hidden) return false;
    if (more & YETT_TAG_DROPS) {
        lookup->rule = rule;
        lookup->drop_counter = box;
        return true;
    }
    if (box && !whole_box_matches(packet, lookup->bank, box)) return false;
    if (lookup->counting) {
        count_and_go_on(packet, rule);
        return false;
    }
    lookup->rule = rule;
    lookup->drop_counter = YETT_NO_COUNTER;
    return true;
}

/// 0: every known lane lies inside the record's.
static __always_inline __u64 lanes_outside(const struct yett_lookup* lookup, __u64 low,
                                           __u64 high) {
    __u64 inside = ((lookup->lanes | YETT_GUARDS) - low) & (high - lookup->lanes);
    return (inside & lookup->checked) ^ lookup->checked;
}

/// A difference below zero has its highest bit set: one branch for four comparisons.
static __always_inline bool record4_fits(const struct yett_record4* record,
                                         const struct yett_lookup* lookup) {
    __u64 src = lookup->field[YETT_CUT_SRC], dst = lookup->field[YETT_CUT_DST];
    __u64 outside = (src - record->src_first) | (record->src_last - src) |
                    (dst - record->dst_first) | (record->dst_last - dst);
    return !(outside >> 63 | lanes_outside(lookup, record->low, record->high));
}

static __always_inline bool record6_fits(const struct yett_record6* record,
                                         const struct yett_lookup* lookup) {
    __u64 outside = ((lookup->field[YETT_CUT_SRC] ^ record->value[0]) & record->mask[0]) |
                    ((lookup->field[YETT_CUT_SRC_LOW] ^ record->value[1]) & record->mask[1]) |
                    ((lookup->field[YETT_CUT_DST] ^ record->value[2]) & record->mask[2]) |
                    ((lookup->field[YETT_CUT_DST_LOW] ^ record->value[3]) & record->mask[3]);
    return !(outside | lanes_outside(lookup, record->low, record->high));
}

/// Records at `place`, at most one chunk. 1: the search in this leaf is over.
__noinline int scan_chunk4(struct yett_packet* packet, __u32 place, __u32 count) {
    const struct yett_record4* record;
    __u32 i = 0;
    int over = 0;
    if (!packet) return 1;
    record = engine_at(packet->lookup.bank, (__u64)place * YETT_PLACE_UNIT);
    while (i < count && i < YETT_CHUNK_RECORDS4) {
        i++;
        over =
            record4_fits(record, &packet->lookup) && take_match(packet, record->low, record->high);
        if (over) break;
        record++;
    }
    packet->compared += i;
    return over;
}

__noinline int scan_chunk6(struct yett_packet* packet, __u32 place, __u32 count) {
    const struct yett_record6* record;
    __u32 i = 0;
    int over = 0;
    if (!packet) return 1;
    record = engine_at(packet->lookup.bank, (__u64)place * YETT_PLACE_UNIT);
    while (i < count && i < YETT_CHUNK_RECORDS6) {
        i++;
        over =
            record6_fits(record, &packet->lookup) && take_match(packet, record->low, record->high);
        if (over) break;
        record++;
    }
    packet->compared += i;
    return over;
}

struct long_leaf {
    struct yett_packet* packet;
    __u32 place;
    __u32 count;
    __u32 records;  ///< in a chunk
};

/// Called by bpf_loop for each chunk of a leaf that has several. 1 ends the scan (the verifier
/// wants to see that it is nothing but 0 or 1).
static long scan_next_chunk(__u32 chunk, struct long_leaf* leaf) {
    __u32 place = leaf->place + chunk * (YETT_CHUNK_OCTETS / YETT_PLACE_UNIT);
    __u32 left = leaf->count - chunk * leaf->records;
    if (leaf->records == YETT_CHUNK_RECORDS4) return scan_chunk4(leaf->packet, place, left) & 1;
    return scan_chunk6(leaf->packet, place, left) & 1;
}

/// A leaf of several chunks. A function of its own: the usual leaf pays nothing for it.
__noinline int scan_long_leaf(struct yett_packet* packet, __u32 place, __u32 count, __u32 records) {
    struct long_leaf leaf = {packet, place, count, records};
    if (packet && records) bpf_loop((count + records - 1) / records, scan_next_chunk, &leaf, 0);
    return 0;
}

static __always_inline void scan_leaf(struct yett_packet* packet, __u64 slot) {
    bool short_records = packet->family != YETT_FAMILY_IPV6;
    __u32 records = short_records ? YETT_CHUNK_RECORDS4 : YETT_CHUNK_RECORDS6;
    __u32 place = slot & ((1u << YETT_SLOT_PLACE_BITS) - 1);
    __u32 count = slot >> YETT_SLOT_COUNT & ((1u << YETT_SLOT_COUNT_BITS) - 1);
    if (!(slot & YETT_SLOT_LEAF) || !count) return;
    if ((slot >> YETT_SLOT_RULE & ((1u << YETT_RULE_BITS) - 1)) >= packet->lookup.rule) return;
    if (count > records)
        scan_long_leaf(packet, place, count, records);
    else if (short_records)
        scan_chunk4(packet, place, count);
    else
        scan_chunk6(packet, place, count);
}
