// SPDX-License-Identifier: GPL-2.0-or-later
// The matching engine: packet in, packet->rule out.
#pragma once

#include "abi/limits.h"
#include "classify/flows.h"
#include "classify/leaf.h"
#include "classify/lookup.h"
#include "classify/tree.h"
#include "maps.h"
#include "record/record.h"

static __always_inline void ask_trees(struct yett_packet* packet, const struct yett_trees* trees) {
    for (__u32 i = 0; i < YETT_TREES; i++) {
        if (i >= trees->count) break;
        if (trees->first[i] < packet->lookup.rule)
            scan_leaf(packet, descend(&packet->lookup, trees->root[i]));
    }
}

/// Rules that only count are asked last: those before the rule that decided count.
static __always_inline void ask_counting_tree(struct yett_packet* packet,
                                              const struct yett_trees* trees) {
    if (!trees->counting) return;
    packet->lookup.counting = 1;
    scan_leaf(packet, descend(&packet->lookup, trees->counting));
}

/// A function of its own, so that the verifier walks it once.
static __always_inline int search(struct yett_packet* packet, __u32 class,
                                  const struct yett_trees* trees) {
    struct yett_lookup* lookup;
    if (!packet || !trees) return 0;
    lookup = &packet->lookup;
    lookup->base = packet_bank(packet) * YETT_ENGINE_PAGES;
    lookup->rule = YETT_NO_RULE;
    lookup->drop_counter = YETT_NO_COUNTER;
    lookup->counted = YETT_NO_RULE;
    lookup->counting = 0;
    look_at_addresses(lookup, packet);
    look_at_lanes(lookup, packet, class);
    ask_trees(packet, trees);
    ask_counting_tree(packet, trees);
    packet->rule = lookup->rule;
    packet->drop_counter = lookup->drop_counter;
    return 0;
}

/// Rules that count want to see every packet, and so does whoever traces.
static __always_inline bool may_recall(const struct yett_packet* packet,
                                       enum yett_packet_class class,
                                       const struct yett_trees* trees) {
    return class == YETT_CLASS_PORTS && !trees->counting && !packet->unknown && !packet->trace_id;
}

/// Sets packet->rule to the first rule that matches and decides, else leaves YETT_NO_RULE. False:
/// no ruleset, or one that was compiled for other packets.
static __always_inline bool classify(struct yett_packet* packet) {
    const struct yett_ruleset* ruleset = ruleset_of(packet);
    enum yett_packet_class class = class_of(packet);
    const struct yett_trees* trees;
    __u64 kind = 0, hash = 0;
    if (!ruleset || packet->family >= YETT_FAMILIES || packet->direction >= YETT_DIRECTIONS)
        return false;
    trees = &ruleset->trees[packet->direction][packet->family][class];
    if (trees->count == YETT_TREES_MISSING) return false;
    packet->not_flow_alone = !may_recall(packet, class, trees);
    if (!packet->not_flow_alone) {
        kind = flow_kind(packet);
        hash = flow_hash(packet, kind);
        if (recall_flow(packet, kind, hash)) return true;
    }
    search(packet, class, trees);
    if (!packet->not_flow_alone) keep_flow(packet, kind, hash);
    return true;
}
