// SPDX-License-Identifier: GPL-2.0-or-later
// The compiled ruleset: what the rule compiler writes and the classifier reads.
#pragma once

#include "abi/engine.h"
#include "abi/fields.h"
#include "abi/limits.h"
#include "abi/phases.h"
#include "abi/reasons.h"
#include "abi/tunnel.h"
#include "abi/types.h"

enum yett_verdict { YETT_PASS = 0, YETT_DROP = 1 };

/// "No rule": the policy decided, or a reason.
#define YETT_NO_RULE 0xffffffffu

/// What a matched rule does. COUNT counts and goes on to the next rule; the others end the search.
enum yett_action_kind {
    YETT_ACTION_PASS = 0,
    YETT_ACTION_DROP = 1,
    YETT_ACTION_COUNT = 2,
    YETT_ACTION_BAN = 3,     ///< bans the source for ban_seconds, and drops
    YETT_ACTION_REJECT = 4,  ///< drops, and says so to the sender where that is safe
};

/// The rule cannot be beaten by an automatic ban (failsafe entries).
#define YETT_ACTION_BEATS_BAN 0x01
/// A ban rule that also bans sources which may be forged.
#define YETT_ACTION_SPOOFABLE 0x02
/// A pass rule that passes nothing which this host would forward: such a packet is the policy's.
#define YETT_ACTION_FOR_THIS_HOST 0x04

/// No reason before it can be overruled: yett_action has room for 32.
#define YETT_FIRST_EXCEPTION YETT_REASON_VLAN_DEPTH

/// One rule's action. Index: bank * YETT_MAX_RULES + rule.
struct yett_action {
    __u8 kind;          ///< enum yett_action_kind
    __u8 flags;         ///< YETT_ACTION_*
    __u16 limit;        ///< 1 + number of its struct yett_limit (abi/meter.h), 0 = none; for
                        ///< YETT_ACTION_PASS
    __u32 counter;      ///< slot in yett_rule_counters, stable over reloads
    __u32 ban_seconds;  ///< for YETT_ACTION_BAN
    __u32 overrules;    ///< for YETT_ACTION_PASS: bit r - YETT_FIRST_EXCEPTION set: reason r does
                        ///< not drop what this rule passes, for it names the very thing
};
YETT_STATIC_ASSERT(sizeof(struct yett_action) == 16, "yett_action is ABI");

/// An address in host byte order: hi is the first eight octets of an IPv6 address. An IPv4 address
/// has hi 0 and stands in the low 32 bits of lo.
struct yett_address {
    __u64 hi;
    __u64 lo;
};

struct yett_range16 {
    __u16 first;  ///< inclusive
    __u16 last;   ///< inclusive
};

struct yett_range8 {
    __u8 first;  ///< inclusive
    __u8 last;   ///< inclusive
};

/// A box names a set by its slot and asks for membership, or (flag) for its opposite. Both set
/// tests of a field must hold, besides its range.
#define YETT_BOX_NOT_SRC_SET 0x01
#define YETT_BOX_NOT_DST_SET 0x02
#define YETT_BOX_NOT_SPORT_SET 0x04
#define YETT_BOX_NOT_DPORT_SET 0x08
/// The rule gives something away (action pass or count): it needs every field it names to be known.
/// Without the flag (drop, ban) an unknown field counts as a match: unknown never helps the
/// attacker.
#define YETT_BOX_NEEDS_KNOWN 0x10
#define YETT_BOX_NOT_SRC_SET2 0x20
#define YETT_BOX_NOT_DST_SET2 0x40
#define YETT_BOX_NOT_SPORT_SET2 0x80
#define YETT_BOX_NOT_DPORT_SET2 0x100
/// In the data plane, where both directions have the same trees but for a few boxes: this one is
/// for one of them.
#define YETT_BOX_INGRESS_ONLY 0x200
#define YETT_BOX_EGRESS_ONLY 0x400
/// In the data plane: the box asks about nothing but addresses, ports, protocol, interface and
/// state, and for no sets but of addresses. Its answer is the same for every packet of a flow while
/// no set holds an address of it.
#define YETT_BOX_FLOW_ALONE 0x20000
#define YETT_BOX_NOT_SMAC_SET 0x800
#define YETT_BOX_NOT_DMAC_SET 0x1000
#define YETT_BOX_NOT_IFACE_SET 0x2000
#define YETT_BOX_NOT_SMAC_SET2 0x4000
#define YETT_BOX_NOT_DMAC_SET2 0x8000
#define YETT_BOX_NOT_IFACE_SET2 0x10000

/// One conjunction of tests. A rule is one or more boxes, in rule order. The box matches when
///   - every field in `named` is known and inside its range and its set tests hold, or is unknown
///   and
///     the box does not need it known;
///   - every field in `absent` is neither known nor unknown (the packet has no such field), or is
///     unknown and the box does not need it known.
/// A field in neither mask is not looked at. A range with first > last (or a tcp_value with bits
/// outside tcp_mask) holds for no value: such a box, and one with a field in both masks, matches
/// only where that field is unknown. Direction has no range: it chooses the trees (struct
/// yett_ruleset). Family has none either; its bits occur only for YETT_FAMILY_OTHER, where it is
/// absent or unknown. Most boxes are records (abi/engine.h) in the data plane; those that test more
/// than addresses, ports and protocol stand there as they are, too.
struct yett_box {
    struct yett_address src_first, src_last;  ///< inclusive
    struct yett_address dst_first, dst_last;  ///< inclusive
    __u64 smac_first, smac_last;              ///< inclusive; 48 bits, the first octet highest
    __u64 dmac_first, dmac_last;              ///< inclusive
    struct yett_range16 sport, dport;
    struct yett_range16 len;  ///< IP packet length in octets (IPv4 total length; IPv6 payload + 40)
    struct yett_range16 vlan;       ///< first tag with VID > 0; 0 = untagged
    struct yett_range16 ethertype;  ///< after the VLAN tags
    struct yett_range16 iface;      ///< interface slot
    struct yett_range8 proto, ttl, dscp, icmp_type, icmp_code, fragment, state;
    __u8 tcp_mask, tcp_value;  ///< (flags & mask) == value
    __u32 flags;               ///< YETT_BOX_*
    __u16 src_set, src_set2;   ///< slot of a prefix set, 0 = none
    __u16 dst_set, dst_set2;
    __u16 smac_set, smac_set2;  ///< slot of a set of MAC addresses, 0 = none
    __u16 dmac_set, dmac_set2;
    __u8 sport_set, sport_set2;  ///< slot of a port set, 0 = none
    __u8 dport_set, dport_set2;
    __u8 iface_set, iface_set2;  ///< slot of a set of interfaces, 0 = none
    __u16 reserved;
    __u32 named;   ///< YETT_FIELD_BIT of every field that is tested
    __u32 absent;  ///< YETT_FIELD_BIT of every field that the packet must not have
    __u32 rule;    ///< index into yett_actions
};
YETT_STATIC_ASSERT(sizeof(struct yett_box) == 176, "yett_box is ABI");

/// Some rule of this ruleset bans, so the list of automatic bans must be asked.
#define YETT_RULESET_BANS 0x01
/// "fragments": "track".
#define YETT_RULESET_TRACK_FRAGMENTS 0x10
/// "reverse_path": "loose" or "strict"; strict has both bits.
#define YETT_RULESET_REVERSE_PATH 0x20
#define YETT_RULESET_REVERSE_STRICT 0x40
/// A rule tests the field STATE, or bans sources that must be proven: connections are looked up.
#define YETT_RULESET_STATE 0x80
/// Later fragments come to the rules; else the policy decides about those whose first was not let
/// in.
#define YETT_RULESET_JUDGES_LATER 0x100

/// One bank's ruleset. Index: bank.
struct yett_ruleset {
    __u64 generation;       ///< counts up; 0 = nothing loaded
    __u64 exceptions_pass;  ///< bit r set: reason r does not drop, the rules judge the packet
    struct yett_trees trees[YETT_DIRECTIONS][YETT_FAMILIES][YETT_CLASSES];
    __u8 policy[YETT_DIRECTIONS];           ///< enum yett_verdict when no rule matches
    __u16 flags;                            ///< YETT_RULESET_*
    __u32 policy_counter[YETT_DIRECTIONS];  ///< slot in yett_rule_counters of "(policy)"
    __u32 inspect;                          ///< bit t: look into enum yett_tunnel t
    __u16 never_ban;                        ///< slot of a prefix set, 0 = none
    __u16 reserved[3];
    __u64 policy_overrules[YETT_DIRECTIONS];  ///< bit r set: reason r does not drop what the policy
                                              ///< of that direction passes
    __u32 policy_inspects;  ///< bit t: look into enum yett_tunnel t where the policy passes it in
    __u32 reserved2;
    __u32 timeout[YETT_CONNECTION_TIMEOUTS];  ///< of connections, by phase: see connection.h
    struct yett_tunnel_port tunnel_ports[YETT_MAX_TUNNEL_PORTS];  ///< where `inspect` looks
};
YETT_STATIC_ASSERT(sizeof(struct yett_ruleset) == 1488, "yett_ruleset is ABI");

/// The one word that says which bank is judged by. Written with one atomic 8-byte store; the entry
/// program reads it once for each packet and carries the value through all tail calls. Word =
/// generation * YETT_BANKS + bank.
struct yett_control {
    __u64 word;
};
YETT_STATIC_ASSERT(sizeof(struct yett_control) == 8, "yett_control is ABI");

/// A set of ports: bit p of the bitmap. Index: slot.
struct yett_port_set {
    __u64 bits[1024];
};
YETT_STATIC_ASSERT(sizeof(struct yett_port_set) == 8192, "yett_port_set is ABI");

/// A set of interfaces: bit s is the interface in slot s. Index: slot of the set.
struct yett_interface_set {
    __u64 bits[YETT_MAX_INTERFACES / 64];
};
YETT_STATIC_ASSERT(sizeof(struct yett_interface_set) == 32, "yett_interface_set is ABI");

/// Key of the list of automatic bans: an IPv4 address, or the /64 of an IPv6 address, which is what
/// one site is given at least (RFC 6177 2) and what a limit counts by default; of link-local
/// addresses, whose /64 is the whole link, the address. IPv4 as in yett_address; family keeps
/// 1.2.3.4 apart from ::1.2.3.4.
struct yett_ban_key {
    struct yett_address source;
    __u32 family;  ///< enum yett_family
    __u32 reserved;
};
YETT_STATIC_ASSERT(sizeof(struct yett_ban_key) == 24, "yett_ban_key is ABI");

struct yett_ban {
    __u64 expires;  ///< CLOCK_BOOTTIME nanoseconds
    __u64 added;    ///< CLOCK_BOOTTIME nanoseconds
    __u32 counter;  ///< counter slot of the rule that banned
    __u32 reserved;
};
YETT_STATIC_ASSERT(sizeof(struct yett_ban) == 24, "yett_ban is ABI");

/// What became of wishes to ban. An LRU map says nothing of what it evicts: that is made - erased -
/// what is there.
struct yett_ban_counters {
    __u64 made;
    __u64 erased;    ///< by the operator; written by the daemon
    __u64 unproven;  ///< packets whose source may be forged, so that nobody was banned
    __u64 spared;    ///< packets of sources that are never banned
};
YETT_STATIC_ASSERT(sizeof(struct yett_ban_counters) == 32, "yett_ban_counters is ABI");
