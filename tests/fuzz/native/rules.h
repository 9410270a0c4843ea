// SPDX-License-Identifier: GPL-2.0-or-later
// Seven rules over struct yett_packet, by the three-valued law at struct yett_box: a rule that
// takes away matches what is unknown, a rule that gives does not.
#pragma once

#include "abi/ruleset.h"
#include "parse/headers.h"
#include "parse/packet.h"
#include "parser.h"

enum truth { TRUTH_NO, TRUTH_UNKNOWN, TRUTH_YES };

static inline enum truth both(enum truth a, enum truth b) {
    return a < b ? a : b;
}

/// What a test says of a field: `holds` counts only where the field is known.
static inline enum truth field_truth(const struct yett_packet* packet, __u32 bit, bool holds) {
    if (packet->unknown & bit) return TRUTH_UNKNOWN;
    return packet->known & bit && holds ? TRUTH_YES : TRUTH_NO;
}

static inline bool is_blocked(const struct yett_packet* packet) {
    if (packet->family == YETT_FAMILY_IPV4) return packet->src.lo >> 8 == 0xc63364;
    return packet->src.hi >> 16 == 0x20010db80badull;
}

static inline enum truth to_port(const struct yett_packet* packet, __u8 proto, __u16 port) {
    return both(field_truth(packet, YETT_FIELD_BIT(PROTO), packet->proto == proto),
                field_truth(packet, YETT_FIELD_BIT(DPORT), packet->dport == port));
}

static inline enum truth is_ping(const struct yett_packet* packet) {
    bool v4 = packet->family == YETT_FAMILY_IPV4;
    __u8 proto = v4 ? PROTO_ICMP : PROTO_ICMPV6, type = v4 ? 8 : 128;
    return both(field_truth(packet, YETT_FIELD_BIT(PROTO), packet->proto == proto),
                field_truth(packet, YETT_FIELD_BIT(ICMP_TYPE), packet->icmp_type == type));
}

static inline enum truth rule_truth(const struct yett_packet* packet, __u32 rule) {
    switch (rule) {
        case NATIVE_BLOCKED:
            return field_truth(packet, YETT_FIELD_BIT(SRC), is_blocked(packet));
        case NATIVE_NO_SSH:
            return to_port(packet, PROTO_TCP, 22);
        case NATIVE_NO_TELNET:
            return to_port(packet, PROTO_TCP, 23);
        case NATIVE_WEB:
            return to_port(packet, PROTO_TCP, 443);
        case NATIVE_DNS:
            return to_port(packet, PROTO_UDP, 53);
        case NATIVE_PING:
            return is_ping(packet);
        default:
            return field_truth(packet, YETT_FIELD_BIT(ETHERTYPE),
                               packet->ethertype == ETHERTYPE_ARP);
    }
}

static inline __u8 action_kind(__u32 rule) {
    if (rule == NATIVE_NO_TELNET) return YETT_ACTION_REJECT;
    return rule < NATIVE_WEB ? YETT_ACTION_DROP : YETT_ACTION_PASS;
}

static inline __u32 first_rule(const struct yett_packet* packet) {
    for (__u32 rule = 0; rule < NATIVE_RULES; rule++) {
        enum truth truth = rule_truth(packet, rule);
        bool takes = action_kind(rule) != YETT_ACTION_PASS;
        if (truth == TRUTH_YES || (takes && truth == TRUTH_UNKNOWN)) return rule;
    }
    return YETT_NO_RULE;
}
