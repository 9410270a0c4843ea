// SPDX-License-Identifier: GPL-2.0-or-later
// What a rule can test about a packet. One list makes the bit numbers and the names.
#pragma once

#include "abi/types.h"

/// X(ENUM, "key in the rule file"): the order is ABI (bit numbers in yett_packet and yett_box).
/// Every field is an unsigned integer in host byte order, so one range test serves all of them.
#define YETT_FIELDS(X)        \
    X(IFACE, "iface")         \
    X(DIRECTION, "direction") \
    X(FAMILY, "family")       \
    X(ETHERTYPE, "ethertype") \
    X(VLAN, "vlan")           \
    X(SRC, "src")             \
    X(DST, "dst")             \
    X(PROTO, "proto")         \
    X(SPORT, "sport")         \
    X(DPORT, "dport")         \
    X(TCP_FLAGS, "tcp_flags") \
    X(ICMP_TYPE, "icmp_type") \
    X(ICMP_CODE, "icmp_code") \
    X(LEN, "len")             \
    X(TTL, "ttl")             \
    X(DSCP, "dscp")           \
    X(FRAGMENT, "fragment")   \
    X(SMAC, "smac")           \
    X(DMAC, "dmac")           \
    X(STATE, "state")

enum yett_field {
#define YETT_FIELD_ENUM(name, text) YETT_FIELD_##name,
    YETT_FIELDS(YETT_FIELD_ENUM)
#undef YETT_FIELD_ENUM
        YETT_FIELD_COUNT
};

#define YETT_FIELD_BIT(name) (1u << YETT_FIELD_##name)

/// Values of the field FRAGMENT (IPv4: RFC 791; IPv6: RFC 8200 4.5). An IPv6 atomic fragment
/// (offset 0, M 0, RFC 6946) is YETT_FRAGMENT_NONE.
enum yett_fragment { YETT_FRAGMENT_NONE = 0, YETT_FRAGMENT_FIRST = 1, YETT_FRAGMENT_LATER = 2 };

/// Bits of the field TCP_FLAGS: octet 13 of the TCP header (RFC 9293 3.1).
#define YETT_TCP_FLAGS(X) \
    X(FIN, "fin", 0x01)   \
    X(SYN, "syn", 0x02)   \
    X(RST, "rst", 0x04)   \
    X(PSH, "psh", 0x08)   \
    X(ACK, "ack", 0x10)   \
    X(URG, "urg", 0x20)   \
    X(ECE, "ece", 0x40)   \
    X(CWR, "cwr", 0x80)

enum yett_tcp_flag {
#define YETT_TCP_FLAG_ENUM(name, text, bit) YETT_TCP_##name = bit,
    YETT_TCP_FLAGS(YETT_TCP_FLAG_ENUM)
#undef YETT_TCP_FLAG_ENUM
};

/// Values of the field STATE: what the packet is to the connections that are known
/// (xdp/state/README.md). The order is ABI.
#define YETT_STATES(X)            \
    X(NEW, "new")                 \
    X(ESTABLISHED, "established") \
    X(RELATED, "related")         \
    X(INVALID, "invalid")

enum yett_state {
#define YETT_STATE_ENUM(name, text) YETT_STATE_##name,
    YETT_STATES(YETT_STATE_ENUM)
#undef YETT_STATE_ENUM
        YETT_STATE_COUNT
};

/// Where a packet is judged.
enum yett_direction { YETT_INGRESS = 0, YETT_EGRESS = 1, YETT_DIRECTIONS = 2 };

/// Which rule list judges it. OTHER is every frame that is neither IPv4 nor IPv6 (ARP, LLDP, ...).
enum yett_family {
    YETT_FAMILY_IPV4 = 0,
    YETT_FAMILY_IPV6 = 1,
    YETT_FAMILY_OTHER = 2,
    YETT_FAMILIES = 3
};

#define YETT_ALL_FIELDS ((1u << YETT_FIELD_COUNT) - 1)
