// SPDX-License-Identifier: GPL-2.0-or-later
// What the trees said of the flows that this CPU sees most: one line of memory in place of a
// search. Only what hangs on nothing but the flow is kept: a search that asked a box about
// anything else (sets, TTL, flags, ...) is not.
#pragma once

#include "abi/engine.h"
#include "classify/lookup.h"
#include "classify/sets.h"
#include "maps.h"
#include "parse/packet.h"

/// All that a kept verdict may hang on, besides the addresses: ports, protocol, direction, family,
/// interface, and the connection's state if it was looked up.
YETT_STATIC_ASSERT(YETT_MAX_INTERFACES <= 1 << 8, "the kind of a flow has eight bits for it");
static __always_inline __u64 flow_kind(const struct yett_packet* packet) {
    __u64 state = packet->known & YETT_FIELD_BIT(STATE) ? 1 + packet->state : 0;
    return lanes_of(packet->sport, packet->dport, packet->proto) |
           (state << 10 | packet->iface << 2 | packet->family << 1 | packet->direction)
               << YETT_TAG_SHIFT;
}

/// Nobody needs to keep this hash from being guessed: who fills the table with collisions is
/// searched for, as everybody else would be without it.
static __always_inline __u64 flow_hash(const struct yett_packet* packet, __u64 kind) {
    __u64 hash = (packet->src.hi ^ packet->src.lo) * 0x9e3779b97f4a7c15ull ^
                 (packet->dst.hi ^ packet->dst.lo) * 0xc2b2ae3d27d4eb4full ^
                 kind * 0x165667b19e3779f9ull;
    return hash ^ hash >> 32;
}

static __always_inline struct yett_flow* flow_at(__u64 hash) {
    __u32 index = bpf_get_smp_processor_id() * YETT_FLOWS + hash % YETT_FLOWS;
    return bpf_map_lookup_elem(&yett_flows, &index);
}

/// Beside the packet, which saves a look-up.
static __always_inline struct yett_flow_tag* flow_tag_at(struct yett_packet* packet, __u64 hash) {
    return &((struct yett_cpu*)packet)->flow_tags[hash % YETT_FLOWS];
}

/// True: the packet's flow is known, and so is its rule. Most flows that are not known have another
/// tag, and cost no line of yett_flows.
static __always_inline bool recall_flow(struct yett_packet* packet, __u64 kind, __u64 hash) {
    const struct yett_flow_tag* tag = flow_tag_at(packet, hash);
    const struct yett_flow* flow;
    __u64 differs;
    if (tag->kept != hash >> 32) return false;
    flow = flow_at(hash);
    if (!flow) return false;
    differs = (flow->src.hi ^ packet->src.hi) | (flow->src.lo ^ packet->src.lo) |
              (flow->dst.hi ^ packet->dst.hi) | (flow->dst.lo ^ packet->dst.lo) |
              (flow->kind ^ kind) | (flow->word ^ packet->word);
    if (differs) return false;
    if (flow->parties && in_some_set(packet, flow->parties)) return false;
    packet->rule = flow->rule;
    packet->drop_counter = flow->drop_counter;
    return true;
}

/// A flow is taken in when it comes twice without another between: a flood of single packets does
/// not drive out those that matter.
static __always_inline void keep_flow(struct yett_packet* packet, __u64 kind, __u64 hash,
                                      __u32 parties) {
    struct yett_flow_tag* tag = flow_tag_at(packet, hash);
    struct yett_flow* flow;
    if (tag->candidate != hash >> 32) {
        tag->candidate = hash >> 32;
        return;
    }
    flow = flow_at(hash);
    if (!flow) return;
    tag->kept = hash >> 32;
    flow->src = packet->src;
    flow->dst = packet->dst;
    flow->kind = kind;
    flow->word = packet->word;
    flow->rule = packet->rule;
    flow->drop_counter = packet->drop_counter;
    flow->parties = parties;
}
