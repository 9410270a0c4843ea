// SPDX-License-Identifier: GPL-2.0-or-later
// Why a packet got its verdict. One list makes the numbers, the names and the words for people.
#pragma once

#include "abi/types.h"

/// X(ENUM, "name", kind, "what it says to a person")
///   RULE    a rule, a built-in, a failsafe entry or the policy decided
///   FIXED   always a drop, whatever the ruleset says
///   EXCEPT  a drop, unless "exceptions" in the ruleset says "pass" (then the rules judge the
///           packet, with what cannot be read unknown), or a rule that names the very thing passes
///           it, or for some the policy (ctl/model/explicit.hpp)
///   SWITCH  the rules judge the packet, unless "exceptions" says "drop"
/// The order is ABI: new reasons go to the end.
#define YETT_REASONS(X)                                                                            \
    X(RULE, "rule", RULE, "a rule decided")                                                        \
    X(POLICY, "policy", RULE, "no rule matched")                                                   \
    X(BANNED, "banned", RULE, "the source is on the list of automatic bans")                       \
    X(TAIL_CALL, "tail_call", FIXED, "a stage of the filter is missing")                           \
    X(INTERNAL, "internal", FIXED, "a table that must exist is missing")                           \
    X(TRUNCATED, "truncated", FIXED, "the frame ends inside a header")                             \
    X(BAD_VERSION, "bad_version", FIXED, "the IP version differs from the ethertype")              \
    X(BAD_HEADER, "bad_header", FIXED, "a header length or version that no sender writes")         \
    X(BAD_LENGTH, "bad_length", FIXED, "a length field contradicts the frame")                     \
    X(VLAN_DEPTH, "vlan_depth", EXCEPT, "more VLAN tags than the filter reads")                    \
    X(FRAG_LATER, "frag_later", EXCEPT, "a later fragment carries no ports")                       \
    X(FRAG_TINY, "frag_tiny", FIXED, "a first fragment ends inside the transport header")          \
    X(FRAG_BAD, "frag_bad", FIXED, "a fragment that no honest sender makes")                       \
    X(EXT_TOO_LONG, "ext_too_long", EXCEPT, "more extension headers than the filter reads")        \
    X(EXT_BAD, "ext_bad", FIXED, "a malformed chain of IPv6 extension headers")                    \
    X(VLAN_BAD, "vlan_bad", FIXED, "a VLAN tag with the reserved VID 4095")                        \
    X(LLC, "llc", EXCEPT, "an IEEE 802.3 length in place of an ethertype")                         \
    X(SOURCE_ROUTE, "source_route", FIXED, "an IPv4 source route or an IPv6 routing header 0")     \
    X(IP_OPTIONS, "ip_options", SWITCH, "the IPv4 header carries options")                         \
    X(ROUTING_HEADER, "routing_header", EXCEPT, "an IPv6 routing header with segments left")       \
    X(MARTIAN, "martian", EXCEPT, "an address that never comes from a wire")                       \
    X(MAPPED_ADDRESS, "mapped_address", EXCEPT, "an IPv4-mapped IPv6 address on the wire")         \
    X(TCP_FLAGS, "tcp_flags", EXCEPT, "a combination of TCP flags that no connection has")         \
    X(ZERO_PORT, "zero_port", EXCEPT, "port 0 as source or destination")                           \
    X(ND_BAD, "nd_bad", FIXED, "neighbour discovery from afar, or in a fragment")                  \
    X(ECHO_MULTICAST, "echo_multicast", EXCEPT, "an echo request to many hosts at once")           \
    X(TUNNEL, "tunnel", EXCEPT, "a tunnel whose inside is not inspected")                          \
    X(REVERSE_PATH, "reverse_path", EXCEPT, "no way back to the source, or not by this interface") \
    X(FRAG_TRACKED, "frag_tracked", RULE, "a later fragment of a datagram that was let in")        \
    X(FRAG_FULL, "frag_full", RULE, "a datagram had to make room; its later fragments may fall")   \
    X(REPLIED, "replied", RULE, "a reply of the action reject (packets and octets sent)")          \
    X(LIMIT, "limit", RULE, "over the rate of a limit")                                            \
    X(OWN_ADDRESS, "own_address", EXCEPT, "a source that is this host's own address")              \
    X(ARP_SENDER, "arp_sender", SWITCH, "an ARP sender's MAC address is not the frame's")          \
    X(RESERVED_SOURCE, "reserved_source", EXCEPT, "a source in 240.0.0.0/4, which nobody was given")

enum yett_reason {
#define YETT_REASON_ENUM(name, text, kind, words) YETT_REASON_##name,
    YETT_REASONS(YETT_REASON_ENUM)
#undef YETT_REASON_ENUM
        YETT_REASON_COUNT
};

/// Room in the counters and in the bitmap of exceptions.
#define YETT_MAX_REASONS 64
YETT_STATIC_ASSERT(YETT_REASON_COUNT <= YETT_MAX_REASONS, "the exception bitmap has 64 bits");

enum yett_reason_kind {
    YETT_REASON_KIND_RULE,
    YETT_REASON_KIND_FIXED,
    YETT_REASON_KIND_EXCEPT,
    YETT_REASON_KIND_SWITCH,
};
