// SPDX-License-Identifier: GPL-2.0-or-later
// Tunnels that the filter can look into. One list makes the bits of yett_ruleset.inspect and the
// names.
#pragma once

#include "abi/types.h"

/// X(ENUM, "name in the rule file", "what it is"): the order is ABI (bit numbers).
///   IPIP    IPv4 or IPv6 in IPv4 or IPv6: protocols 4 and 41 (RFC 2003, RFC 4213, RFC 2473)
///   GRE     protocol 47 (RFC 2784, RFC 2890), with IPv4, IPv6 or Ethernet inside
///   VXLAN   Ethernet in UDP (RFC 7348)
///   GENEVE  Ethernet or IP in UDP (RFC 8926)
///   GUE     IP in UDP (draft-ietf-intarea-gue), with a header or without one (FOU)
///   MPLS    ethertypes 0x8847 and 0x8848 (RFC 3032), and protocol 137 (RFC 4023)
/// Those over UDP are known by their destination port: struct yett_ruleset says which.
#define YETT_TUNNELS(X)                            \
    X(IPIP, "ipip", "IP in IP, 6in4, 4in6")        \
    X(GRE, "gre", "generic routing encapsulation") \
    X(VXLAN, "vxlan", "Ethernet in UDP")           \
    X(GENEVE, "geneve", "Ethernet or IP in UDP")   \
    X(GUE, "gue", "IP in UDP")                     \
    X(MPLS, "mpls", "IP behind MPLS labels")

enum yett_tunnel {
#define YETT_TUNNEL_ENUM(name, text, words) YETT_TUNNEL_##name,
    YETT_TUNNELS(YETT_TUNNEL_ENUM)
#undef YETT_TUNNEL_ENUM
        YETT_TUNNEL_COUNT
};

/// No tunnel (in struct yett_packet and struct yett_tunnel_port).
#define YETT_NO_TUNNEL YETT_TUNNEL_COUNT

/// X(TUNNEL, port): what UDP ports are where a ruleset says nothing else of that tunnel
/// ("tunnel_ports"). Linux' own default for VXLAN is older than RFC 7348.
#define YETT_TUNNEL_PORTS_DEFAULT(X) \
    X(VXLAN, 4789)                   \
    X(VXLAN, 8472)                   \
    X(GENEVE, 6081)                  \
    X(GUE, 6080)

/// Packets to this UDP port are this tunnel's.
struct yett_tunnel_port {
    __u16 port;   ///< host byte order
    __u8 tunnel;  ///< enum yett_tunnel, or YETT_NO_TUNNEL: the place is free
    __u8 reserved;
};
YETT_STATIC_ASSERT(sizeof(struct yett_tunnel_port) == 4, "yett_tunnel_port is ABI");

/// Ports of tunnels in a ruleset.
#define YETT_MAX_TUNNEL_PORTS 16
