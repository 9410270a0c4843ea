// SPDX-License-Identifier: GPL-2.0-or-later
// The matching engine: packet in, packet->rule out.
#pragma once

#include "abi/limits.h"
#include "classify/leaf.h"
#include "classify/lookup.h"
#include "classify/tree.h"
#include "maps.h"
#include "record/record.h"

static __always_inline void ask_trees(struct yett_packet* packet, struct yett_lookup* lookup,
                                      const struct yett_trees* trees) {
    for (__u32 i = 0; i < YETT_TREES; i++) {
        if (i >= trees->count) break;
        if (trees->first[i] < lookup->rule)
            scan_leaf(packet, lookup, descend(lookup, trees->root[i]));
    }
}

/// Rules that only count are asked last: those before the rule that decided count.
static __always_inline void ask_counting_tree(struct yett_packet* packet,
                                              struct yett_lookup* lookup,
                                              const struct yett_trees* trees) {
    if (!trees->counting) return;
    lookup->counting = 1;
    scan_leaf(packet, lookup, descend(lookup, trees->counting));
}

/// Sets packet->rule to the first rule that matches and decides, else leaves YETT_NO_RULE. False:
/// no ruleset, or one that was compiled for other packets.
static __always_inline bool classify(struct yett_packet* packet) {
    const struct yett_ruleset* ruleset = ruleset_of(packet);
    enum yett_packet_class class = class_of(packet);
    struct yett_lookup lookup = {.rule = YETT_NO_RULE,
                                 .drop_counter = YETT_NO_COUNTER,
                                 .counted = YETT_NO_RULE};
    const struct yett_trees* trees;
    if (!ruleset || packet->family >= YETT_FAMILIES || packet->direction >= YETT_DIRECTIONS)
        return false;
    trees = &ruleset->trees[packet->direction][packet->family][class];
    if (trees->count == YETT_TREES_MISSING) return false;
    lookup.base = packet_bank(packet) * YETT_ENGINE_PAGES;
    look_at_addresses(&lookup, packet);
    look_at_lanes(&lookup, packet, class);
    ask_trees(packet, &lookup, trees);
    ask_counting_tree(packet, &lookup, trees);
    packet->rule = lookup.rule;
    packet->drop_counter = lookup.drop_counter;
    return true;
}
