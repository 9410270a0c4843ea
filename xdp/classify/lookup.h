// SPDX-License-Identifier: GPL-2.0-or-later
// What the trees ask of a packet, made once: its numbers, and which of them it has.
#pragma once

#include "abi/fields.h"
#include "abi/ruleset.h"
#include "parse/packet.h"

#define YETT_LANE_FIELDS (YETT_FIELD_BIT(SPORT) | YETT_FIELD_BIT(DPORT) | YETT_FIELD_BIT(PROTO))

static __always_inline enum yett_packet_class class_of(const struct yett_packet* packet) {
    __u32 known = packet->known & YETT_LANE_FIELDS;
    if (packet->family == YETT_FAMILY_OTHER || packet->unknown & YETT_LANE_FIELDS)
        return YETT_CLASS_UNKNOWN;
    if (known == YETT_LANE_FIELDS) return YETT_CLASS_PORTS;
    return known == YETT_FIELD_BIT(PROTO) ? YETT_CLASS_NO_PORTS : YETT_CLASS_UNKNOWN;
}

static __always_inline __u64 lanes_of(__u64 sport, __u64 dport, __u64 proto) {
    return sport << YETT_LANE_SPORT | dport << YETT_LANE_DPORT | proto << YETT_LANE_PROTO;
}

static __always_inline __u32 lane_tags(__u32 fields) {
    return (fields & YETT_FIELD_BIT(SPORT) ? YETT_TAG_NAMES_SPORT : 0) |
           (fields & YETT_FIELD_BIT(DPORT) ? YETT_TAG_NAMES_DPORT : 0) |
           (fields & YETT_FIELD_BIT(PROTO) ? YETT_TAG_NAMES_PROTO : 0);
}

static __always_inline __u64 lane_guards(__u32 fields) {
    return (fields & YETT_FIELD_BIT(SPORT) ? YETT_GUARD_SPORT : 0) |
           (fields & YETT_FIELD_BIT(DPORT) ? YETT_GUARD_DPORT : 0) |
           (fields & YETT_FIELD_BIT(PROTO) ? YETT_GUARD_PROTO : 0);
}

/// Frames that are not IP have no addresses; what stood in the packet before must not be seen.
static __always_inline void look_at_addresses(struct yett_lookup* lookup,
                                              const struct yett_packet* packet,
                                              enum yett_packet_class class) {
    if (class == YETT_CLASS_UNKNOWN && packet->family == YETT_FAMILY_OTHER) {
        lookup->field[YETT_CUT_SRC] = 0;
        lookup->field[YETT_CUT_DST] = 0;
    } else if (packet->family == YETT_FAMILY_IPV6) {
        lookup->field[YETT_CUT_SRC] = packet->src.hi;
        lookup->field[YETT_CUT_DST] = packet->dst.hi;
        lookup->field[YETT_CUT_SRC_LOW] = packet->src.lo;
        lookup->field[YETT_CUT_DST_LOW] = packet->dst.lo;
    } else {
        lookup->field[YETT_CUT_SRC] = packet->src.lo;
        lookup->field[YETT_CUT_DST] = packet->dst.lo;
    }
}

/// The usual packet has its ports and no unknown field: no lane needs a closer look.
static __always_inline void look_at_lanes(struct yett_lookup* lookup,
                                          const struct yett_packet* packet,
                                          enum yett_packet_class class) {
    __u32 known = class == YETT_CLASS_PORTS ? YETT_LANE_FIELDS : packet->known;
    __u64 sport = known & YETT_FIELD_BIT(SPORT) ? packet->sport : 0;
    __u64 dport = known & YETT_FIELD_BIT(DPORT) ? packet->dport : 0;
    __u64 proto = known & YETT_FIELD_BIT(PROTO) ? packet->proto : 0;
    lookup->field[YETT_CUT_SPORT] = sport;
    lookup->field[YETT_CUT_DPORT] = dport;
    lookup->field[YETT_CUT_PROTO] = proto;
    lookup->lanes = lanes_of(sport, dport, proto);
    lookup->checked = YETT_GUARDS;
    lookup->gone = 0;
    lookup->hidden = 0;
    if (class == YETT_CLASS_PORTS) return;
    lookup->checked = lane_guards(known);
    lookup->gone = lane_tags(~(known | packet->unknown));
    lookup->hidden = lane_tags(packet->unknown);
}
