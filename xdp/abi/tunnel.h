// SPDX-License-Identifier: GPL-2.0-or-later
// Tunnels that the filter can look into. One list makes the bits of yett_ruleset.inspect and the
// names.
#pragma once

#include "abi/types.h"

/// X(ENUM, "name in the rule file", "what it is"): the order is ABI (bit numbers).
///   IPIP    IPv4 or IPv6 in IPv4 or IPv6: protocols 4 and 41 (RFC 2003, RFC 4213, RFC 2473)
///   GRE     protocol 47 (RFC 2784, RFC 2890), with IPv4, IPv6 or Ethernet inside
///   VXLAN   UDP port 4789 (RFC 7348)
///   GENEVE  UDP port 6081 (RFC 8926)
///   GUE     UDP port 6080 (draft-ietf-intarea-gue)
#define YETT_TUNNELS(X)                              \
    X(IPIP, "ipip", "IP in IP, 6in4, 4in6")          \
    X(GRE, "gre", "generic routing encapsulation")   \
    X(VXLAN, "vxlan", "Ethernet in UDP port 4789")   \
    X(GENEVE, "geneve", "Ethernet in UDP port 6081") \
    X(GUE, "gue", "IP in UDP port 6080")

enum yett_tunnel {
#define YETT_TUNNEL_ENUM(name, text, words) YETT_TUNNEL_##name,
    YETT_TUNNELS(YETT_TUNNEL_ENUM)
#undef YETT_TUNNEL_ENUM
        YETT_TUNNEL_COUNT
};

/// No tunnel (in struct yett_packet).
#define YETT_NO_TUNNEL YETT_TUNNEL_COUNT
