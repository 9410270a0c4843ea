// SPDX-License-Identifier: GPL-2.0-or-later
// What the data plane reports: counters for each CPU, and the result of a traced packet.
#pragma once

#include "abi/fields.h"
#include "abi/limits.h"
#include "abi/reasons.h"
#include "abi/ruleset.h"
#include "abi/types.h"

/// Octets are those of the frame from the destination MAC address on, without preamble and FCS.
struct yett_counter {
    __u64 packets;
    __u64 bytes;
};
YETT_STATIC_ASSERT(sizeof(struct yett_counter) == 16, "yett_counter is ABI");

/// Index: slot * YETT_DIRECTIONS + direction. seen is counted by the entry program, passed and
/// dropped by the last one: seen = passed + dropped, or a packet was lost between stages.
struct yett_interface_counters {
    struct yett_counter seen;
    struct yett_counter passed;
    struct yett_counter dropped;
};
YETT_STATIC_ASSERT(sizeof(struct yett_interface_counters) == 48, "yett_interface_counters is ABI");

/// Reason counters. Index: direction * YETT_MAX_REASONS + reason. A packet that an exception lets
/// through to the rules counts for the reason as passed, besides the rule's own counter.
struct yett_reason_counters {
    struct yett_counter passed;
    struct yett_counter dropped;
};
YETT_STATIC_ASSERT(sizeof(struct yett_reason_counters) == 32, "yett_reason_counters is ABI");

/// Its packets begin with the network header (tun, ppp, WireGuard): TC alone filters them.
#define YETT_INTERFACE_BARE 0x01

/// Which slot an interface has. Index: (ifindex + probe) % YETT_IFINDEX_BUCKETS.
struct yett_interface {
    __u32 ifindex;  ///< 0 = empty
    __u16 slot;
    __u16 flags;  ///< YETT_INTERFACE_*
};
YETT_STATIC_ASSERT(sizeof(struct yett_interface) == 8, "yett_interface is ABI");

/// In the id of a traced packet: it is judged by what the ruleset says alone, whatever this host is
/// and knows: its addresses, its routes, its bans.
#define YETT_TRACE_BY_RULESET (1ull << 63)

/// What a traced packet pretends to be. Read by the trace entry programs only.
struct yett_trace_request {
    __u64 id;         ///< not 0; given back in the result
    __u64 word;       ///< judged by this generation word; 0 = by the active one
    __u16 iface;      ///< interface slot
    __u16 flags;      ///< YETT_INTERFACE_*; BARE: the Ethernet header of the frame is not looked at
    __u32 direction;  ///< enum yett_direction
    __u32 state;      ///< 1 + enum yett_state to pretend; 0: what the table of connections says
    __u32 ifindex;    ///< of that interface; 0: on this host there is none
};
YETT_STATIC_ASSERT(sizeof(struct yett_trace_request) == 32, "yett_trace_request is ABI");

/// How the data plane read the packet and judged it. Traced packets change no counter and ban
/// nobody.
struct yett_trace_result {
    __u64 id;
    __u64 generation;
    struct yett_address src, dst;
    __u32 known;     ///< YETT_FIELD_BIT of each field that was read
    __u32 unknown;   ///< YETT_FIELD_BIT of each field that exists but could not be read
    __u32 rule;      ///< index, or YETT_NO_RULE
    __u32 verdict;   ///< enum yett_verdict
    __u32 reason;    ///< enum yett_reason
    __u32 compared;  ///< records compared, in all trees
    __u16 sport, dport, len, vlan, ethertype, iface;
    __u8 proto, ttl, dscp, icmp_type, icmp_code, fragment, tcp_flags, family;
    __u8 direction;
    __u8 state;  ///< enum yett_state
    __u8 reserved[2];
    __u32 overruled;  ///< index of the rule that would have passed it but for `reason`, or
                      ///< YETT_NO_RULE
    __u32 reserved2;
};
YETT_STATIC_ASSERT(sizeof(struct yett_trace_result) == 104, "yett_trace_result is ABI");
