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

struct set_walk {
    struct yett_packet* packet;
    __u64 bits;   ///< sets that are left of the word before `word`
    __u32 roots;  ///< number of the first root
    __u32 word;   ///< the next of the membership
    __u32 party;
};

/// True: walk->bits is not 0.
static __always_inline bool some_set_is_left(struct set_walk* walk) {
    __u32 party = opaque(walk->party) % YETT_PARTIES;
    for (int i = 0; i < YETT_MAX_SET_SLOTS / 64 && !walk->bits; i++) {
        __u32 word = opaque(walk->word);
        if (word >= YETT_MAX_SET_SLOTS / 64) return false;
        walk->bits = walk->packet->member[party].bits[word];
        walk->word = word + 1;
    }
    return walk->bits;
}

/// Called by bpf_loop for each set that an address is in. 1 ends the walk.
static long ask_next_set(__u32 number, struct set_walk* walk) {
    struct yett_packet* packet = walk->packet;
    __u32 place;
    (void)number;
    if (!some_set_is_left(walk)) return 1;
    place = walk->roots + (walk->word - 1) * 64 + number_of_bit(walk->bits & -walk->bits);
    walk->bits &= walk->bits - 1;
    scan_leaf(packet, descend(&packet->lookup, engine_slot(packet->lookup.bank, place)));
    return 0;
}

static __always_inline void ask_sets(struct yett_packet* packet, const struct yett_trees* trees,
                                     enum yett_party party) {
    struct set_walk walk = {.packet = packet, .roots = trees->sets[party], .party = party};
    if (walk.roots && packet->in_some_set & 1u << party)
        bpf_loop(YETT_MAX_SET_SLOTS, ask_next_set, &walk, 0);
}

/// Rules that ask for sets: most packets are in none. A function of its own, so that the verifier
/// walks it once.
__noinline int ask_about_sets(struct yett_packet* packet, const struct yett_trees* trees) {
    if (!packet || !trees) return 0;
    if (in_some_set(packet, trees->parties)) {
        ask_sets(packet, trees, YETT_PARTY_SRC);
        ask_sets(packet, trees, YETT_PARTY_DST);
    }
    if (trees->asking) scan_leaf(packet, descend(&packet->lookup, trees->asking));
    return 0;
}

/// Rules that only count are asked last: those before the rule that decided count.
__noinline int ask_counting_tree(struct yett_packet* packet, const struct yett_trees* trees) {
    if (!packet || !trees) return 0;
    in_some_set(packet, trees->parties);
    packet->lookup.counting = 1;
    scan_leaf(packet, descend(&packet->lookup, trees->counting));
    return 0;
}

/// Which parties' sets the outcome hangs on (bits of enum yett_party).
static __always_inline __u32 search(struct yett_packet* packet, enum yett_packet_class class,
                                    const struct yett_trees* trees) {
    struct yett_lookup* lookup = &packet->lookup;
    __u32 parties = 0;
    lookup->bank = packet_bank(packet);
    lookup->rule = YETT_NO_RULE;
    lookup->drop_counter = YETT_NO_COUNTER;
    lookup->counted = YETT_NO_RULE;
    lookup->counting = 0;
    look_at_addresses(lookup, packet, class);
    look_at_lanes(lookup, packet, class);
    ask_trees(packet, trees);
    if (trees->first_asking < lookup->rule) {
        ask_about_sets(packet, trees);
        parties = trees->parties;
    }
    if (trees->counting) ask_counting_tree(packet, trees);
    packet->rule = lookup->rule;
    packet->drop_counter = lookup->drop_counter;
    return parties;
}

/// Rules that count want to see every packet, and so does whoever traces.
static __always_inline bool may_recall(const struct yett_packet* packet,
                                       enum yett_packet_class class,
                                       const struct yett_trees* trees) {
    return class == YETT_CLASS_PORTS && !trees->counting && !packet->unknown && !packet->trace_id;
}

/// Sets packet->rule to the first rule that matches and decides, else leaves YETT_NO_RULE. False:
/// the ruleset was compiled for other packets.
static __always_inline bool classify_by(const struct yett_ruleset* ruleset,
                                        struct yett_packet* packet, enum yett_packet_class class) {
    const struct yett_trees* trees;
    __u64 kind = 0, hash = 0;
    __u32 parties, family = opaque(packet->family), direction = opaque(packet->direction);
    if (family >= YETT_FAMILIES || direction >= YETT_DIRECTIONS) return false;
    trees = &ruleset->trees[direction][family][class];
    if (trees->count == YETT_TREES_MISSING) return false;
    packet->not_flow_alone = !may_recall(packet, class, trees);
    if (!packet->not_flow_alone) {
        kind = flow_kind(packet);
        hash = flow_hash(packet, kind);
        if (recall_flow(packet, kind, hash)) return true;
    }
    parties = search(packet, class, trees);
    if (!packet->not_flow_alone && !(packet->in_some_set & parties))
        keep_flow(packet, kind, hash, parties);
    return true;
}

/// The same by the ruleset of the packet's generation. False also where there is none.
static __always_inline bool classify(struct yett_packet* packet) {
    const struct yett_ruleset* ruleset = ruleset_of(packet);
    return ruleset && classify_by(ruleset, packet, class_of(packet));
}
