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

/// Counts the tag. The first VID that is not 0 is the packet's VLAN.
static __always_inline enum yett_reason add_vlan(struct yett_packet* packet, __u16 tci,
                                                 __u32* depth) {
    __u16 vid = tci & 0x0fff;
    if (vid == 0x0fff) return YETT_REASON_VLAN_BAD;
    if (!vid) return YETT_REASON_RULE;
    if (!packet->vlan) packet->vlan = vid;
    return ++*depth > YETT_MAX_VLANS ? YETT_REASON_VLAN_DEPTH : YETT_REASON_RULE;
}

/// Walks the tags. YETT_REASON_RULE: packet->ethertype and packet->next are set.
static __always_inline enum yett_reason parse_tags(yett_ctx* ctx, struct yett_packet* packet,
                                                   __u16 ethertype, __u32 depth) {
    for (int i = 0; i < YETT_MAX_TAGS; i++) {
        struct vlan_header tag;
        enum yett_reason reason;
        if (!is_vlan_tag(ethertype)) break;
        if (!frame_read(ctx, packet->next, &tag, sizeof(tag))) return YETT_REASON_TRUNCATED;
        reason = add_vlan(packet, bpf_ntohs(tag.tci), &depth);
        if (reason != YETT_REASON_RULE) return reason;
        ethertype = bpf_ntohs(tag.ethertype);
        packet->next += sizeof(tag);
    }
    packet->ethertype = ethertype;
    return is_vlan_tag(ethertype) ? YETT_REASON_VLAN_DEPTH : YETT_REASON_RULE;
}

/// Spanning tree (IEEE 802.1D 17) is the one use of a length in place of an ethertype that a host's
/// neighbours still have. Anything else may hide IP behind LLC and SNAP from whoever reads
/// ethertypes.
static __always_inline enum yett_reason check_llc(yett_ctx* ctx, const struct yett_packet* packet) {
    __u8 llc[2];
    if (packet->ethertype >= ETHERTYPE_LEAST) return YETT_REASON_RULE;
    if (!frame_read(ctx, packet->next, llc, sizeof(llc))) return YETT_REASON_TRUNCATED;
    if (packet->dmac >> 8 == MAC_BRIDGES && llc[0] == LLC_SAP_STP && llc[1] == LLC_SAP_STP)
        return YETT_REASON_RULE;
    return YETT_REASON_LLC;
}

static __always_inline void take_macs(struct yett_packet* packet, __u64 dmac, __u64 smac) {
    packet->next = sizeof(struct eth_header);
    packet->dmac = dmac;
    packet->smac = smac;
    packet_knows(packet, YETT_FIELD_BIT(SMAC) | YETT_FIELD_BIT(DMAC));
}

/// RFC 1661 2 and 6.5: one octet where its lowest bit is set, else two. Linux reads both, agreed
/// upon or not.
static __always_inline bool ppp_protocol(yett_ctx* ctx, struct yett_packet* packet, __u16* number) {
    __u8 octets[2];
    if (!packet_read(ctx, packet, octets, sizeof(octets))) return false;
    packet->in_pppoe = octets[0] & 1 ? 1 : 2;
    *number = octets[0] & 1 ? octets[0] : octets[0] << 8 | octets[1];
    packet->next += packet->in_pppoe;
    return true;
}

/// Session frames are read through like a tag: the ethertype is that of the packet inside. Control
/// packets keep 0x8864 and are left to the rules; data that is no IP may hold some (compressed,
/// encrypted, in several links).
static __always_inline void take_ppp(struct yett_packet* packet, __u16 number) {
    if (number == PPP_IPV4)
        packet->ethertype = ETHERTYPE_IPV4;
    else if (number == PPP_IPV6)
        packet->ethertype = ETHERTYPE_IPV6;
    else if (number == PPP_MPLS)
        packet->ethertype = ETHERTYPE_MPLS;
    else if (number == PPP_MPLS_MANY)
        packet->ethertype = ETHERTYPE_MPLS_MANY;
    else if (number < PPP_CONTROL)
        packet_suspect(packet, YETT_REASON_TUNNEL);
}

/// RFC 2516. Linux looks neither at version, type nor code of a session frame; nobody sends others.
static __always_inline enum yett_reason parse_pppoe(yett_ctx* ctx, struct yett_packet* packet) {
    struct pppoe_header pppoe;
    __u16 number;
    if (packet->ethertype != ETHERTYPE_PPPOE) return YETT_REASON_RULE;
    if (!packet_read(ctx, packet, &pppoe, sizeof(pppoe))) return YETT_REASON_TRUNCATED;
    if (pppoe.version_type != PPPOE_VERSION_TYPE || pppoe.code) return YETT_REASON_BAD_HEADER;
    packet->next += sizeof(pppoe);
    if (packet->next + bpf_ntohs(pppoe.length) > packet->end) return YETT_REASON_BAD_LENGTH;
    packet->end = packet->next + bpf_ntohs(pppoe.length);
    if (!ppp_protocol(ctx, packet, &number)) return YETT_REASON_TRUNCATED;
    take_ppp(packet, number);
    return YETT_REASON_RULE;
}

static __always_inline void look_for_carriers(struct yett_packet* packet) {
    if (ethertype_carries(packet->ethertype)) packet_suspect(packet, YETT_REASON_TUNNEL);
    if (is_mpls(packet->ethertype)) packet->tunnel = YETT_TUNNEL_MPLS;
}

/// Sets packet->ethertype. A frame without an Ethernet header has no MAC addresses, and what it is
/// the kernel says.
static __always_inline bool parse_ethernet(yett_ctx* ctx, struct yett_packet* packet) {
    struct eth_header eth;
    if (frame_is_bare(packet)) {
        packet->smac = 0;
        packet->dmac = 0;
        packet->ethertype = frame_protocol(ctx);
        return true;
    }
    if (!frame_read(ctx, 0, &eth, sizeof(eth))) return false;
    take_macs(packet, mac_number(eth.dmac), mac_number(eth.smac));
    packet->ethertype = bpf_ntohs(eth.ethertype);
    return true;
}

static __always_inline enum yett_reason parse_link(yett_ctx* ctx, struct yett_packet* packet) {
    enum yett_reason reason = YETT_REASON_RULE;
    __u16 tci = 0;
    __u32 depth = 0;
    if (!parse_ethernet(ctx, packet)) return YETT_REASON_TRUNCATED;
    if (frame_metadata_tag(ctx, &tci)) reason = add_vlan(packet, tci, &depth);
    if (reason == YETT_REASON_RULE) reason = parse_tags(ctx, packet, packet->ethertype, depth);
    if (packet->vlan || (reason == YETT_REASON_RULE && !frame_is_bare(packet)))
        packet_knows(packet, YETT_FIELD_BIT(VLAN));
    if (reason == YETT_REASON_RULE) reason = parse_pppoe(ctx, packet);
    if (reason != YETT_REASON_RULE) return reason;
    packet_knows(packet, YETT_FIELD_BIT(ETHERTYPE));
    look_for_carriers(packet);
    return check_llc(ctx, packet);
}

/// The rules judge the tags and the interface alone; whatever is inside may be anything.
static __always_inline enum yett_reason unreadable_inside(yett_ctx* ctx, struct yett_packet* packet,
                                                          enum yett_reason reason) {
    packet_cannot_read(packet, YETT_ALL_FIELDS);
    if (!excepted(packet, reason)) return reason;
    goto_stage(ctx, YETT_STAGE_CLASSIFY);
    return YETT_REASON_TAIL_CALL;
}
