// SPDX-License-Identifier: GPL-2.0-or-later
// Link layer: Ethernet and VLAN tags.
#pragma once

#include <bpf/bpf_endian.h>

#include "parse/frame.h"
#include "parse/headers.h"
#include "record/record.h"

/// Tags with a VID that are read; one more is the exception vlan_depth. Priority tags (VID 0) carry
/// no VLAN and Linux strips any number of them, so they count only against the number of headers
/// walked.
#define YETT_MAX_VLANS 2
#define YETT_MAX_TAGS 8

static __always_inline bool is_vlan_tag(__u16 ethertype) {
    return ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_QINQ ||
           ethertype == ETHERTYPE_QINQ_91 || ethertype == ETHERTYPE_QINQ_92;
}

/// The first VID that is not 0 is the packet's VLAN.
static __always_inline void add_vlan(struct yett_packet* packet, __u16 tci, __u32* depth) {
    __u16 vid = tci & 0x0fff;
    if (!vid) return;
    if (!packet->vlan) packet->vlan = vid;
    (*depth)++;
}

/// Walks the tags. YETT_REASON_RULE: packet->ethertype and packet->next are set.
static __always_inline enum yett_reason parse_tags(yett_ctx* ctx, struct yett_packet* packet,
                                                   __u16 ethertype, __u32 depth) {
    for (int i = 0; i < YETT_MAX_TAGS; i++) {
        struct vlan_header tag;
        if (!is_vlan_tag(ethertype)) break;
        if (depth >= YETT_MAX_VLANS) break;
        if (!frame_read(ctx, packet->next, &tag, sizeof(tag))) return YETT_REASON_TRUNCATED;
        add_vlan(packet, bpf_ntohs(tag.tci), &depth);
        ethertype = bpf_ntohs(tag.ethertype);
        packet->next += sizeof(tag);
    }
    packet->ethertype = ethertype;
    return is_vlan_tag(ethertype) ? YETT_REASON_VLAN_DEPTH : YETT_REASON_RULE;
}

static __always_inline enum yett_reason parse_link(yett_ctx* ctx, struct yett_packet* packet) {
    struct eth_header eth;
    __u16 tci = 0;
    __u32 depth = 0;
    if (!frame_read(ctx, 0, &eth, sizeof(eth))) return YETT_REASON_TRUNCATED;
    packet->next = sizeof(eth);
    if (frame_metadata_tag(ctx, &tci)) add_vlan(packet, tci, &depth);
    packet_knows(packet, YETT_FIELD_BIT(ETHERTYPE) | YETT_FIELD_BIT(VLAN));
    return parse_tags(ctx, packet, bpf_ntohs(eth.ethertype), depth);
}

/// Entry programs end here: on to the parser of the network layer.
static __always_inline int stage_link(yett_ctx* ctx, struct yett_packet* packet) {
    enum yett_reason reason = parse_link(ctx, packet);
    if (reason == YETT_REASON_RULE) {
        if (packet->ethertype == ETHERTYPE_IPV4)
            goto_stage(ctx, YETT_STAGE_IPV4);
        else if (packet->ethertype == ETHERTYPE_IPV6)
            goto_stage(ctx, YETT_STAGE_IPV6);
        else if (packet->ethertype == ETHERTYPE_ARP)
            goto_stage(ctx, YETT_STAGE_ARP);
        else
            goto_stage(ctx, YETT_STAGE_CLASSIFY);
        reason = YETT_REASON_TAIL_CALL;
    } else if (reason == YETT_REASON_VLAN_DEPTH && excepted(packet, reason)) {
        /* What is inside is unreadable: the rules judge the tags and the interface alone. */
        packet_cannot_read(packet, YETT_ALL_FIELDS);
        goto_stage(ctx, YETT_STAGE_CLASSIFY);
        reason = YETT_REASON_TAIL_CALL;
    }
    return refuse(packet, reason);
}
