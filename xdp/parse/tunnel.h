// SPDX-License-Identifier: GPL-2.0-or-later
// One level into a tunnel: what is inside becomes the packet, and the same rules judge it.
#pragma once

#include <bpf/bpf_endian.h>

#include "parse/frame.h"
#include "parse/headers.h"
#include "parse/next.h"
#include "record/record.h"

/// Forgets the outer network and transport; the link layer stays the frame's own.
static __always_inline void enter_tunnel(struct yett_packet* packet) {
    packet->known &= YETT_FIELD_BIT(IFACE) | YETT_FIELD_BIT(DIRECTION) | YETT_FIELD_BIT(SMAC) |
                     YETT_FIELD_BIT(DMAC) | YETT_FIELD_BIT(VLAN) | YETT_FIELD_BIT(ETHERTYPE);
    packet->unknown = 0;
    packet->suspects = 0;
    packet->rule = YETT_NO_RULE;
    packet->fragment = YETT_FRAGMENT_NONE;
    packet->in_fragment = 0;
    packet->family = YETT_FAMILY_OTHER;
    packet->tunnel = YETT_NO_TUNNEL;
    packet->learn = 0;
    packet->proven = 0;
    packet->depth++;
}

/// Ethernet inside: another tag or an LLC length there is one disguise too many.
static __always_inline bool inner_ethernet(yett_ctx* ctx, struct yett_packet* packet) {
    struct eth_header eth;
    if (!packet_read(ctx, packet, &eth, sizeof(eth))) return false;
    packet->next += sizeof(eth);
    packet->ethertype = bpf_ntohs(eth.ethertype);
    return packet->ethertype >= ETHERTYPE_LEAST && !is_vlan_tag(packet->ethertype);
}

static __always_inline bool inner_protocol(yett_ctx* ctx, struct yett_packet* packet,
                                           __u16 ethertype) {
    if (ethertype == ETHERTYPE_TEB) return inner_ethernet(ctx, packet);
    packet->ethertype = ethertype;
    return ethertype == ETHERTYPE_IPV4 || ethertype == ETHERTYPE_IPV6;
}

/// RFC 2784 2, RFC 2890 2: checksum, key and sequence number are optional. Version 1 is PPTP's.
static __always_inline bool inner_of_gre(yett_ctx* ctx, struct yett_packet* packet) {
    struct gre_header gre;
    __u16 flags;
    if (!packet_read(ctx, packet, &gre, sizeof(gre))) return false;
    flags = bpf_ntohs(gre.flags);
    if (flags & ~(GRE_CHECKSUM | GRE_KEY | GRE_SEQUENCE)) return false;
    packet->next += sizeof(gre) + (flags & GRE_CHECKSUM ? 4 : 0) + (flags & GRE_KEY ? 4 : 0) +
                    (flags & GRE_SEQUENCE ? 4 : 0);
    return inner_protocol(ctx, packet, bpf_ntohs(gre.protocol));
}

/// Labels that are taken off; a deeper stack stays closed.
#define YETT_MAX_LABELS 8

static __always_inline bool inner_by_number(struct yett_packet* packet, __u8 proto) {
    packet->ethertype = proto == PROTO_IPV4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
    return proto == PROTO_IPV4 || proto == PROTO_IPV6;
}

/// What begins without a word of what it is: by its version.
static __always_inline bool inner_by_version(yett_ctx* ctx, struct yett_packet* packet) {
    __u8 version;
    if (!packet_read(ctx, packet, &version, sizeof(version))) return false;
    if (version >> 4 == 4) return inner_by_number(packet, PROTO_IPV4);
    return version >> 4 == 6 && inner_by_number(packet, PROTO_IPV6);
}

/// RFC 3032 2.1. Nothing names what is behind the last label: version 0 is a pseudowire (RFC 4385),
/// which holds anything.
static __always_inline bool inner_of_mpls(yett_ctx* ctx, struct yett_packet* packet) {
    for (int i = 0; i < YETT_MAX_LABELS; i++) {
        struct mpls_entry label;
        if (!packet_read(ctx, packet, &label, sizeof(label))) return false;
        packet->next += sizeof(label);
        if (label.entry & bpf_htonl(MPLS_BOTTOM)) return inner_by_version(ctx, packet);
    }
    return false;
}

/// RFC 8926 3.4: the option length counts four octets each.
static __always_inline bool inner_of_geneve(yett_ctx* ctx, struct yett_packet* packet) {
    struct geneve_header geneve;
    if (!packet_read(ctx, packet, &geneve, sizeof(geneve))) return false;
    if (geneve.version_length >> 6) return false;
    packet->next += sizeof(geneve) + (geneve.version_length & 0x3f) * 4;
    return inner_protocol(ctx, packet, bpf_ntohs(geneve.protocol));
}

/// A flag that is not known may say that no Ethernet frame follows (RFC 9638 does).
static __always_inline bool inner_of_vxlan(yett_ctx* ctx, struct yett_packet* packet) {
    struct vxlan_header vxlan;
    if (!packet_read(ctx, packet, &vxlan, sizeof(vxlan))) return false;
    if ((vxlan.flags & ~VXLAN_GROUP_POLICY) != VXLAN_VNI) return false;
    packet->next += sizeof(vxlan);
    return inner_ethernet(ctx, packet);
}

/// Variant 1 is an IP packet at once, variant 0 has a header that names the protocol; C marks
/// control messages.
static __always_inline bool inner_of_gue(yett_ctx* ctx, struct yett_packet* packet) {
    struct gue_header gue;
    if (!packet_read(ctx, packet, &gue, sizeof(gue))) return false;
    if (gue.variant_length >> 6 == 1) return inner_by_version(ctx, packet);
    if (gue.variant_length >> 5) return false;
    packet->next += sizeof(gue) + (gue.variant_length & 0x1f) * 4;
    return inner_by_number(packet, gue.protocol);
}

/// True: packet->ethertype and packet->next are those of the inner packet.
static __always_inline bool find_inner(yett_ctx* ctx, struct yett_packet* packet) {
    if (packet->tunnel == YETT_TUNNEL_VXLAN || packet->tunnel == YETT_TUNNEL_GENEVE ||
        packet->tunnel == YETT_TUNNEL_GUE)
        packet->next += sizeof(struct udp_header);
    switch (packet->tunnel) {
        case YETT_TUNNEL_IPIP:
            return inner_by_number(packet, packet->proto);
        case YETT_TUNNEL_GRE:
            return inner_of_gre(ctx, packet);
        case YETT_TUNNEL_VXLAN:
            return inner_of_vxlan(ctx, packet);
        case YETT_TUNNEL_GENEVE:
            return inner_of_geneve(ctx, packet);
        case YETT_TUNNEL_GUE:
            return inner_of_gue(ctx, packet);
        case YETT_TUNNEL_MPLS:
            return inner_of_mpls(ctx, packet);
        default:
            return false;
    }
}

/// Reached from the decision about the outer packet, when the rules let it pass. A first fragment
/// does not hold all of what is inside.
static __always_inline int stage_inner(yett_ctx* ctx, struct yett_packet* packet) {
    if (packet->fragment != YETT_FRAGMENT_NONE || !find_inner(ctx, packet))
        return refuse(packet, YETT_REASON_TUNNEL);
    enter_tunnel(packet);
    if (packet->ethertype == ETHERTYPE_IPV4)
        goto_stage(ctx, YETT_STAGE_IPV4);
    else if (packet->ethertype == ETHERTYPE_IPV6)
        goto_stage(ctx, YETT_STAGE_IPV6);
    else
        goto_stage(ctx, YETT_STAGE_CLASSIFY);
    return refuse(packet, YETT_REASON_TAIL_CALL);
}
