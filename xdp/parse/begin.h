// SPDX-License-Identifier: GPL-2.0-or-later
// The first step of every entry program: a fresh struct packet with its generation, interface and
// hook.
#pragma once

#include "abi/observe.h"
#include "maps.h"
#include "parse/frame.h"
#include "parse/headers.h"
#include "record/record.h"

/// Slot and flags of an interface; slot 0 when nobody registered it.
static __always_inline void enter_interface(struct yett_packet* packet, __u32 ifindex) {
    packet->ifindex = ifindex;
    packet->iface = 0;
    packet->bare = 0;
    for (__u32 probe = 0; probe < YETT_IFINDEX_PROBES; probe++) {
        __u32 bucket = (ifindex + probe) % YETT_IFINDEX_BUCKETS;
        const struct yett_interface* entry = bpf_map_lookup_elem(&yett_interfaces, &bucket);
        if (!entry || entry->ifindex != ifindex) continue;
        packet->iface = entry->slot;
        packet->bare = entry->flags & YETT_INTERFACE_BARE;
        return;
    }
}

static __always_inline void packet_reset(yett_ctx* ctx, struct yett_packet* packet,
                                         enum yett_direction direction) {
    packet->end = frame_length(ctx);
    packet->suspects = 0;
    packet->known = YETT_FIELD_BIT(IFACE) | YETT_FIELD_BIT(DIRECTION);
    packet->unknown = 0;
    packet->compared = 0;
    packet->next = 0;
    packet->vlan = 0;
    packet->fragment = YETT_FRAGMENT_NONE;
    packet->in_fragment = 0;
    packet->depth = 0;
    packet->pretended_state = 0;
    packet->proven = 0;
    packet->learn = 0;
    packet->in_pppoe = 0;
    packet->rule = YETT_NO_RULE;
    packet->family = YETT_FAMILY_OTHER;
    packet->tunnel = YETT_NO_TUNNEL;
    packet->direction = direction;
    packet->state = 0;
    frame_segments(ctx, packet);
}

/// IEEE 802.3 3.2.7: what is shorter is padded before it leaves, if it is not yet.
#define YETT_SHORTEST_FRAME 60

/// Of a super-packet: what its segments will be. What the kernel says of sums may be old, or a
/// guest's word; it is believed where it makes as many segments as the kernel counts.
static __always_inline void measure_segments(yett_ctx* ctx, struct yett_packet* packet) {
    __u32 headers = frame_segment_headers(ctx), count, each;
    if (headers <= packet->next || headers >= packet->end) return;
    count = (packet->end - headers - 1) / packet->segment_size + 1;
    if (frames_of(packet) != count) return;
    each = headers - packet->next + frame_metadata_octets(ctx);
    packet->octets += (count - 1) * each;
    packet->segment_headers = headers;
}

/// What the wire carries of this frame, and where its first header stands. A traced frame has an
/// Ethernet header on every interface.
static __always_inline void measure_frame(yett_ctx* ctx, struct yett_packet* packet) {
    if (frame_is_bare(packet)) {
        __u32 network = packet->trace_id ? sizeof(struct eth_header) : frame_network_offset(ctx);
        packet->next = network < packet->end ? network : packet->end;
        packet->octets = packet->end - packet->next;
    } else {
        packet->octets = packet->end + frame_metadata_octets(ctx);
        if (packet->octets < YETT_SHORTEST_FRAME) packet->octets = YETT_SHORTEST_FRAME;
    }
    packet->frame_octets = packet->octets;
    if (frame_is_super(packet)) measure_segments(ctx, packet);
}

/// NULL only when a map that must exist does not; the caller drops.
static __always_inline struct yett_packet* begin_packet(yett_ctx* ctx,
                                                        enum yett_direction direction,
                                                        __u32 ifindex) {
    __u32 zero = 0;
    const struct yett_control* control = bpf_map_lookup_elem(&yett_control, &zero);
    struct yett_packet* packet = packet_of_this_cpu();
    if (!control || !packet) return NULL;
    packet_reset(ctx, packet, direction);
    packet->word = *(const volatile __u64*)&control->word;
    packet->trace_id = 0;
    enter_interface(packet, ifindex);
    measure_frame(ctx, packet);
    return packet;
}

/// The same for a traced packet: what it pretends to be stands in yett_trace_request.
static __always_inline struct yett_packet* begin_trace(yett_ctx* ctx) {
    __u32 zero = 0;
    const struct yett_control* control = bpf_map_lookup_elem(&yett_control, &zero);
    const struct yett_trace_request* request = bpf_map_lookup_elem(&yett_trace_request, &zero);
    struct yett_packet* packet = packet_of_this_cpu();
    if (!control || !request || !packet) return NULL;
    packet_reset(ctx, packet, request->direction == YETT_EGRESS ? YETT_EGRESS : YETT_INGRESS);
    packet->word = request->word ? request->word : *(const volatile __u64*)&control->word;
    packet->trace_id = request->id;
    packet->iface = request->iface % YETT_MAX_INTERFACES;
    packet->ifindex = request->ifindex;
    packet->bare = request->flags & YETT_INTERFACE_BARE;
    packet->pretended_state = request->state;
    packet->overruled = YETT_NO_RULE;
    measure_frame(ctx, packet);
    return packet;
}
