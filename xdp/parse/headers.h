// SPDX-License-Identifier: GPL-2.0-or-later
// Wire formats, as the parsers copy them off a frame. Network byte order in the types.
#pragma once

#include "abi/types.h"

struct eth_header {
    __be16 dmac[3];
    __be16 smac[3];
    __be16 ethertype;
};

/// IEEE 802.1Q 9.6: what follows the tag protocol identifier.
struct vlan_header {
    __be16 tci;  ///< PCP 3 bits, DEI 1 bit, VID 12 bits
    __be16 ethertype;
};

/// RFC 2516 4
struct pppoe_header {
    __u8 version_type;
    __u8 code;
    __be16 session;
    __be16 length;  ///< of what follows, the PPP protocol number included
};

/// RFC 791 3.1
struct ipv4_header {
    __u8 version_ihl;
    __u8 tos;
    __be16 total_length;
    __be16 id;
    __be16 fragment;  ///< reserved, DF, MF, then the offset in units of 8 octets
    __u8 ttl;
    __u8 protocol;
    __be16 checksum;
    __be32 src;
    __be32 dst;
};

/// RFC 8200 3
struct ipv6_header {
    __be32 version_class_label;
    __be16 payload_length;
    __u8 next_header;
    __u8 hop_limit;
    __be32 src[4];
    __be32 dst[4];
};

/// RFC 8200 4: the first eight octets that every extension header has.
struct ipv6_extension {
    __u8 next_header;
    __u8 length;
    __be16 fragment;  ///< fragment header: the offset in units of 8 octets, 2 reserved bits, M
    __be32 id;
};

/// RFC 9293 3.1
struct tcp_header {
    __be16 sport;
    __be16 dport;
    __be32 seq;
    __be32 ack;
    __u8 offset_reserved;
    __u8 flags;
    __be16 window;
    __be16 checksum;
    __be16 urgent;
};

/// RFC 768
struct udp_header {
    __be16 sport;
    __be16 dport;
    __be16 length;
    __be16 checksum;
};

/// RFC 792, RFC 4443 2.1
struct icmp_header {
    __u8 type;
    __u8 code;
    __be16 checksum;
    __be32 rest;
};

/// SCTP (RFC 9260), DCCP (RFC 4340) and UDP-Lite (RFC 3828) begin like this, and go on: the least
/// header of UDP-Lite has 8 octets, of the others 12.
struct ports_header {
    __be16 sport;
    __be16 dport;
    __be32 rest;
};

/// RFC 3032 2.1: label 20 bits, class 3, bottom of the stack 1, hop limit 8.
struct mpls_entry {
    __be32 entry;
};
#define MPLS_BOTTOM 0x100

/// RFC 826
struct arp_header {
    __be16 hardware_type;
    __be16 protocol_type;
    __u8 hardware_length;
    __u8 protocol_length;
    __be16 operation;
};

/// RFC 2784 2.1
struct gre_header {
    __be16 flags;
    __be16 protocol;
};

/// RFC 8926 3.4
struct geneve_header {
    __u8 version_length;
    __u8 flags;
    __be16 protocol;
    __be32 vni;
};

/// RFC 7348 5
struct vxlan_header {
    __u8 flags;
    __u8 reserved[3];
    __be32 vni;
};

/// draft-ietf-intarea-gue 3.1
struct gue_header {
    __u8 variant_length;  ///< variant 2 bits, C 1 bit, length 5 bits
    __u8 protocol;
    __be16 flags;
};

#define VXLAN_VNI 0x08
#define VXLAN_GROUP_POLICY 0x80  // draft-smith-vxlan-group-policy: reserved octets hold a group

#define GRE_CHECKSUM 0x8000
#define GRE_KEY 0x2000
#define GRE_SEQUENCE 0x1000

#define ETHERTYPE_LEAST 0x0600  // below: a length (IEEE 802.3 3.2.6)
#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_TEB 0x6558      // Ethernet inside GRE or Geneve
#define ETHERTYPE_VLAN 0x8100     // IEEE 802.1Q
#define ETHERTYPE_QINQ 0x88a8     // IEEE 802.1ad
#define ETHERTYPE_QINQ_91 0x9100  // before 802.1ad, still on the wire
#define ETHERTYPE_QINQ_92 0x9200
#define ETHERTYPE_QINQ_93 0x9300
#define ETHERTYPE_MPLS 0x8847
#define ETHERTYPE_MPLS_MANY 0x8848  // multicast, or labels from upstream (RFC 5332)
#define ETHERTYPE_PPPOE 0x8864      // a session

#define PPPOE_VERSION_TYPE 0x11
#define PPP_IPV4 0x0021       // RFC 1332
#define PPP_IPV6 0x0057       // RFC 5072
#define PPP_MPLS 0x0281       // RFC 3032 4.3
#define PPP_MPLS_MANY 0x0283  // the same
#define PPP_CONTROL 0x8000    // from here on: LCP, IPCP, PAP, CHAP ... (RFC 1661 2)

#define LLC_SAP_STP 0x42
#define MAC_BRIDGES 0x0180c20000  // 01:80:c2:00:00:00 to :ff, the first five octets

#define PROTO_HOP_BY_HOP 0
#define PROTO_ICMP 1
#define PROTO_IGMP 2
#define PROTO_IPV4 4
#define PROTO_TCP 6
#define PROTO_UDP 17
#define PROTO_DCCP 33
#define PROTO_IPV6 41
#define PROTO_ROUTING 43
#define PROTO_FRAGMENT 44
#define PROTO_GRE 47
#define PROTO_AH 51
#define PROTO_ICMPV6 58
#define PROTO_DESTINATION 60
#define PROTO_PIM 103
#define PROTO_SCTP 132
#define PROTO_MOBILITY 135
#define PROTO_UDPLITE 136
#define PROTO_MPLS 137
#define PROTO_HIP 139
#define PROTO_SHIM6 140

static inline _Bool is_vlan_tag(__u16 ethertype) {
    return ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_QINQ ||
           ethertype == ETHERTYPE_QINQ_91 || ethertype == ETHERTYPE_QINQ_92 ||
           ethertype == ETHERTYPE_QINQ_93;
}

static inline _Bool is_mpls(__u16 ethertype) {
    return ethertype == ETHERTYPE_MPLS || ethertype == ETHERTYPE_MPLS_MANY;
}

/// Frames whose use is to carry other packets, where no parser reads on. tests/packet/carriers.md
/// has each with its reason.
static inline _Bool ethertype_carries(__u16 ethertype) {
    switch (ethertype) {
        case ETHERTYPE_MPLS:
        case ETHERTYPE_MPLS_MANY:
        case ETHERTYPE_TEB:
        case 0x08ff:  // AX.25
        case 0x22eb:  // ERSPAN III
        case 0x22f3:  // TRILL
        case 0x4305:  // B.A.T.M.A.N.
        case 0x809b:  // AppleTalk, IP inside
        case 0x8899:  // Realtek's switches
        case 0x88be:  // ERSPAN II
        case 0x88e7:  // backbone service tag
        case 0x88fb:  // HSR version 0, PRP
        case 0x8926:  // VN-Tag
        case 0x892f:  // HSR
        case 0x894f:  // network service header
        case 0xdada:  // distributed switches
        case 0xdadb:
        case 0xe001:
        case 0xed3e:  // inter-FE
            return 1;
        default:
            return 0;
    }
}

/// The same for IP protocols.
static inline _Bool protocol_carries(__u8 proto) {
    switch (proto) {
        case PROTO_IPV4:
        case PROTO_IPV6:
        case PROTO_GRE:
        case PROTO_MPLS:
        case 53:   // SwIPe
        case 55:   // minimal encapsulation
        case 57:   // SKIP
        case 94:   // IP in IP of BEET and KA9Q
        case 97:   // EtherIP
        case 98:   // encapsulation header
        case 108:  // IPComp
        case 115:  // L2TPv3
        case 143:  // Ethernet
        case 144:  // AGGFRAG
            return 1;
        default:
            return 0;
    }
}
