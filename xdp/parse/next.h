// SPDX-License-Identifier: GPL-2.0-or-later
// From the network layer on: to the parser of the transport, or straight to the rules where there
// is none to read.
#pragma once

#include "parse/fragments.h"
#include "parse/frame.h"
#include "parse/headers.h"
#include "record/record.h"

/// Fields that every IPv4 or IPv6 header has. DIRECTION and IFACE are known from the start.
#define YETT_NETWORK_FIELDS                                                                     \
    (YETT_FIELD_BIT(FAMILY) | YETT_FIELD_BIT(SRC) | YETT_FIELD_BIT(DST) | YETT_FIELD_BIT(LEN) | \
     YETT_FIELD_BIT(TTL) | YETT_FIELD_BIT(DSCP) | YETT_FIELD_BIT(FRAGMENT))
#define YETT_PORT_FIELDS (YETT_FIELD_BIT(SPORT) | YETT_FIELD_BIT(DPORT))
#define YETT_ICMP_FIELDS (YETT_FIELD_BIT(ICMP_TYPE) | YETT_FIELD_BIT(ICMP_CODE))

static __always_inline bool has_ports(__u8 proto) {
    return proto == PROTO_TCP || proto == PROTO_UDP || proto == PROTO_SCTP || proto == PROTO_DCCP ||
           proto == PROTO_UDPLITE;
}

/// Which fields the unread transport header of this packet has.
static __always_inline __u32 transport_fields(const struct yett_packet* packet) {
    if (!(packet->known & YETT_FIELD_BIT(PROTO)))
        return YETT_PORT_FIELDS | YETT_ICMP_FIELDS | YETT_FIELD_BIT(TCP_FLAGS) |
               YETT_FIELD_BIT(PROTO);
    if (packet->proto == PROTO_TCP) return YETT_PORT_FIELDS | YETT_FIELD_BIT(TCP_FLAGS);
    if (has_ports(packet->proto)) return YETT_PORT_FIELDS;
    if (packet->family == YETT_FAMILY_IPV4 && packet->proto == PROTO_ICMP) return YETT_ICMP_FIELDS;
    if (packet->family == YETT_FAMILY_IPV6 && packet->proto == PROTO_ICMPV6)
        return YETT_ICMP_FIELDS;
    return 0;
}

/// Octets of an extension header (RFC 8200 4.3, RFC 4302 2.2 for AH).
static __always_inline __u32 extension_octets(__u8 kind, const struct ipv6_extension* ext) {
    if (kind == PROTO_FRAGMENT) return 8;
    if (kind == PROTO_AH) return (ext->length + 2) * 4;
    return (ext->length + 1) * 8;
}

/// A header of the chain should be in this packet and is not.
static __always_inline enum yett_reason cut_in_chain(const struct yett_packet* packet) {
    return packet->fragment == YETT_FRAGMENT_FIRST ? YETT_REASON_FRAG_TINY : YETT_REASON_TRUNCATED;
}

static __always_inline bool asks_for_state(const struct yett_packet* packet) {
    const struct yett_ruleset* ruleset = ruleset_of(packet);
    return ruleset && ruleset->flags & YETT_RULESET_STATE;
}

/// Packets whose transport header was read; their connection is looked up on the way where a rule
/// wants to know.
static __always_inline int to_the_rules(yett_ctx* ctx, struct yett_packet* packet) {
    if (asks_for_state(packet)) goto_stage(ctx, YETT_STAGE_STATE);
    goto_stage(ctx, YETT_STAGE_CLASSIFY);
    return refuse(packet, YETT_REASON_TAIL_CALL);
}

/// Drops, or hands the packet to the rules with its transport header unknown.
static __always_inline int unreadable_transport(yett_ctx* ctx, struct yett_packet* packet,
                                                enum yett_reason reason) {
    packet_cannot_read(packet, transport_fields(packet) | YETT_FIELD_BIT(STATE));
    if (!excepted(packet, reason)) return refuse(packet, reason);
    goto_stage(ctx, YETT_STAGE_CLASSIFY);
    return refuse(packet, YETT_REASON_TAIL_CALL);
}

/// The rules judge what can be read, and who passes it must have meant it.
static __always_inline int judge_later_fragment(yett_ctx* ctx, struct yett_packet* packet) {
    if (!excepted(packet, YETT_REASON_FRAG_LATER)) packet_suspect(packet, YETT_REASON_FRAG_LATER);
    goto_stage(ctx, YETT_STAGE_CLASSIFY);
    return refuse(packet, YETT_REASON_TAIL_CALL);
}

/// A later fragment of a datagram whose first was let in goes where that one went: its limit, bans
/// and counters are those of the rule that passed it. Others come to the rules where one names
/// them; else to the policy, which passes them where they can do no harm (ctl/model/explicit.hpp).
static __always_inline int later_fragment(yett_ctx* ctx, struct yett_packet* packet) {
    const struct yett_ruleset* ruleset = ruleset_of(packet);
    __u32 direction = packet->direction == YETT_EGRESS ? YETT_EGRESS : YETT_INGRESS;
    bool tracked;
    if (!ruleset) return refuse(packet, YETT_REASON_INTERNAL);
    packet_cannot_read(packet, transport_fields(packet) | YETT_FIELD_BIT(STATE));
    tracked = ruleset->flags & YETT_RULESET_TRACK_FRAGMENTS && !judged_by_ruleset(packet) &&
              follow_datagram(packet);
    if (!tracked && ruleset->flags & YETT_RULESET_JUDGES_LATER)
        return judge_later_fragment(ctx, packet);
    if (!tracked && !(ruleset->policy_overrules[direction] >> YETT_REASON_FRAG_LATER & 1))
        return refuse(packet, YETT_REASON_FRAG_LATER);
    goto_stage(ctx, YETT_STAGE_DECIDE);
    return refuse(packet, YETT_REASON_TAIL_CALL);
}

/// `icmp` is the protocol number of this family's ICMP; the other family's is a protocol like any.
static __always_inline enum yett_reason goto_transport(yett_ctx* ctx,
                                                       const struct yett_packet* packet, __u8 icmp,
                                                       enum yett_stage icmp_stage) {
    if (packet->proto == PROTO_TCP)
        goto_stage(ctx, YETT_STAGE_TCP);
    else if (packet->proto == PROTO_UDP)
        goto_stage(ctx, YETT_STAGE_UDP);
    else if (packet->proto == icmp)
        goto_stage(ctx, icmp_stage);
    else
        goto_stage(ctx, YETT_STAGE_OTHER);
    return YETT_REASON_TAIL_CALL;
}
