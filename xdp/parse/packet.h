// SPDX-License-Identifier: GPL-2.0-or-later
// The parsed packet: all that anybody after the parsers knows of a frame.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "abi/engine.h"
#include "abi/fields.h"
#include "abi/observe.h"
#include "abi/reasons.h"
#include "abi/ruleset.h"
#include "abi/sets.h"
#include "abi/tunnel.h"
#include "abi/types.h"

/// What the trees ask of a packet (classify/lookup.h). It stands in the packet because the stack of
/// a program has 512 octets for all its functions.
struct yett_lookup {
    __u64 field[YETT_CUT_FIELDS];  ///< by enum yett_cut_field
    __u64 lanes;                   ///< ports and protocol side by side
    __u64 checked;                 ///< YETT_GUARD_* of the lanes that are known
    __u32 bank;
    __u32 gone;          ///< YETT_TAG_NAMES_* of the lanes that the packet has not
    __u32 hidden;        ///< YETT_TAG_NAMES_* of the lanes that cannot be read
    __u32 rule;          ///< the best match so far, or YETT_NO_RULE
    __u32 drop_counter;  ///< as in struct yett_packet
    __u32 counted;       ///< the last rule that only counted; it counts once
    __u32 counting;      ///< the tree at hand is that of the rules that count
};

/// "This rule asks for more than a counter."
#define YETT_NO_COUNTER 0xffffffffu

/// Bits of yett_packet.in_fragment: an IPv6 fragment header was seen, atomic or not; more fragments
/// of the datagram follow; the packet is a later fragment of a datagram that was let in.
#define YETT_FRAGMENT_HEADER 1
#define YETT_MORE_FRAGMENTS 2
#define YETT_FRAGMENT_TRACKED 4

/// Flows whose rule is remembered, for each CPU: 128 KiB, a part of what a CPU has as second-level
/// cache.
#define YETT_FLOWS 2048

/// Upper halves of hashes.
struct yett_flow_tag {
    __u32 kept;       ///< of the flow that stands here
    __u32 candidate;  ///< of the last one that was looked for here in vain
};

/// Lives in a per-CPU scratch map and travels through the tail calls. A field has a meaning only
/// while its bit is in `known`; all integers are in host byte order.
struct yett_packet {
    __u64 word;        ///< the generation word, read once
    __u64 trace_id;    ///< != 0: a traced packet; it changes no counter and bans nobody
    __u64 suspects;    ///< bit r: reason r drops the packet if no rule does (unless the ruleset
                       ///< excepts it)
    __u64 smac, dmac;  ///< the 48 bits of a MAC address, the first octet highest
    struct yett_address src, dst;
    __u32 known;    ///< YETT_FIELD_BIT: was read
    __u32 unknown;  ///< YETT_FIELD_BIT: exists, but cannot be read
    // These begin as packet_reset() says, in as few stores as there are words.
    __u32 compared;  ///< records compared, for traces
    __u32 next;      ///< offset of the next header to parse
    __u16 vlan;
    __u8 fragment;
    __u8 in_fragment;      ///< YETT_FRAGMENT_HEADER and the like
    __u8 depth;            ///< tunnels around this packet
    __u8 pretended_state;  ///< traced packets: 1 + enum yett_state, 0 = look it up
    __u8 proven;           ///< the source has been shown not to be forged
    __u8 learn;            ///< enum connection_learn
    __u32 rule;            ///< index of the rule that matched, or YETT_NO_RULE
    __u8 family;           ///< enum yett_family
    __u8 tunnel;           ///< enum yett_tunnel that this packet may be, or YETT_NO_TUNNEL
    __u8 direction;        ///< enum yett_direction
    __u8 state;            ///< enum yett_state, from find_state()
    __u32 octets;          ///< of the frame on the wire, for the counters
    __u32 frame_octets;    ///< the same without what the segments of a super-packet repeat
    __u32 end;  ///< offset behind the IP packet's last octet; before it is parsed, of what holds it
    __u32 network;      ///< offset of the IP header
    __u32 overruled;    ///< traced packets: the rule that would have passed it but for its reason
    __u32 fragment_id;  ///< while fragment is not YETT_FRAGMENT_NONE; IPv4: the first protocol, too
    __u32 drop_counter;  ///< of a rule that matched and drops, no more; else YETT_NO_COUNTER
    __u32 ifindex;       ///< that it came by or leaves by; 0: a traced packet's is not here
    __u16 sport, dport, len, ethertype, iface;
    __u16 segments;         ///< wire frames that this one stands for (GSO), at least 1
    __u16 segment_size;     ///< transport payload of each when segments > 1
    __u16 segment_headers;  ///< octets that each repeats, where the kernel knows them; else 0
    __u8 proto, ttl, dscp, icmp_type, icmp_code, tcp_flags;
    // What find_state() leaves for learn_connection().
    __u8 connection_phase, connection_flags;  ///< if it passes
    __u8 connection_way;                      ///< where its connection stands
    __u16 echo_id;
    __u32 tcp_seq, tcp_ack;
    __u32 tcp_end;  ///< tcp_seq and what the segment takes of sequence space
    __u32 connection_place;
    __u32 connection_now;  ///< when it was looked up, in time units
    __u32 connection_seq[3];
    __u64 connection_word;  ///< of the entry, 0 = there is none
    __u8 in_pppoe;        ///< octets of the PPP protocol number before the network header; 0: none
    __u8 bare;            ///< the frame has no Ethernet header
    __u8 stripped;        ///< octets of a super-packet's headers that no segment gets
    __u8 looked_up;       ///< bit enum yett_party: its `member` is filled in
    __u8 not_flow_alone;  ///< which rule matches hangs on more than the flow
    __u8 in_some_set;     ///< bit enum yett_party: some bit of its `member` is set
    struct yett_membership member[YETT_PARTIES];
    struct yett_lookup lookup;
};

/// A line of memory.
struct yett_flow {
    struct yett_address src, dst;
    __u64 kind;                ///< what else belongs to the flow (classify/flows.h)
    __u64 word;                ///< the generation word; 0 = nothing here
    __u32 rule, drop_counter;  ///< as in struct yett_packet
    __u32 parties;             ///< bit enum yett_party: true only while no set holds that address
    __u32 reserved;
};
YETT_STATIC_ASSERT(sizeof(struct yett_flow) == 64, "a flow is one line of memory");

/// What a CPU has of its own: the packet that it judges, and what it remembers.
struct yett_cpu {
    struct yett_packet packet;  ///< the first member: flow_tag_at() relies on it
    struct yett_flow_tag flow_tags[YETT_FLOWS];
};

static inline __u32 packet_bank(const struct yett_packet* packet) {
    return packet->word % YETT_BANKS;
}

/// Traced, and judged by the ruleset alone.
static inline bool judged_by_ruleset(const struct yett_packet* packet) {
    return packet->trace_id & YETT_TRACE_BY_RULESET;
}

static inline void packet_knows(struct yett_packet* packet, __u32 fields) {
    packet->known |= fields;
}

static inline void packet_cannot_read(struct yett_packet* packet, __u32 fields) {
    packet->unknown |= fields & ~packet->known;
}

/// What is wrong with a packet whose fields can all be read. The rules speak first, so that a rule
/// that drops it has its name in the counters; a packet that they would let pass falls for the
/// reason.
static inline void packet_suspect(struct yett_packet* packet, enum yett_reason reason) {
    packet->suspects |= 1ull << reason;
}
