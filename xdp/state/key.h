// SPDX-License-Identifier: GPL-2.0-or-later
// Which connection a packet belongs to: both endpoints, ordered, and the protocol.
#pragma once

#include "abi/connection.h"
#include "parse/headers.h"
#include "parse/packet.h"
#include "record/hash.h"

struct connection_key {
    struct yett_address address[2];  ///< of low and high
    __u32 ports;                     ///< as in struct yett_connection
    __u8 proto;
    __u8 family;
    __u8 inner;  ///< YETT_CONNECTION_INNER or 0
    __u8 from;   ///< the endpoint that is the packet's source
};

static __always_inline bool endpoint_above(const struct yett_address* a, __u16 a_port,
                                           const struct yett_address* b, __u16 b_port) {
    if (a->hi != b->hi) return a->hi > b->hi;
    if (a->lo != b->lo) return a->lo > b->lo;
    return a_port > b_port;
}

static __always_inline void fill_key(struct connection_key* key, const struct yett_address* src,
                                     __u16 sport, const struct yett_address* dst, __u16 dport) {
    key->from = endpoint_above(src, sport, dst, dport);
    if (key->from) {
        key->address[0] = *dst;
        key->address[1] = *src;
        key->ports = dport | (__u32)sport << 16;
    } else {
        key->address[0] = *src;
        key->address[1] = *dst;
        key->ports = sport | (__u32)dport << 16;
    }
}

static __always_inline bool is_icmp_of(__u8 family, __u8 proto) {
    return proto == (family == YETT_FAMILY_IPV4 ? PROTO_ICMP : PROTO_ICMPV6);
}

/// RFC 792, RFC 950: echo, timestamp, information, address mask. RFC 4443, RFC 4620: echo, node
/// information (whose "identifier" is what it asks for). Each reply is one above its request, but
/// for IPv4's echo.
static __always_inline bool is_query(__u8 family, __u8 type) {
    if (family != YETT_FAMILY_IPV4) return type == 128 || type == 139;
    return type == 8 || type == 13 || type == 15 || type == 17;
}

static __always_inline bool is_query_reply(__u8 family, __u8 type) {
    if (family != YETT_FAMILY_IPV4) return type == 129 || type == 140;
    return type == 0 || type == 14 || type == 16 || type == 18;
}

/// What a query or its reply is about: the type of the request, 0 for echo. The port of the side
/// that is asked.
static __always_inline __u16 query_kind(__u8 type) {
    if (!type || type == 8 || type == 128 || type == 129) return 0;
    return (type - 1) | 1;
}

struct connection_ports {
    __u16 sport, dport;
};

/// The asking side has the identifier, so that a request back with the same one is another
/// connection.
static __always_inline struct connection_ports query_ports(__u8 family, __u8 type, __u16 id) {
    struct connection_ports ports = {};
    if (is_query(family, type)) {
        ports.sport = id;
        ports.dport = query_kind(type);
    }
    if (is_query_reply(family, type)) {
        ports.sport = query_kind(type);
        ports.dport = id;
    }
    return ports;
}

/// IPv4's endpoints as the table has them.
static __always_inline __u64 addresses4(const struct connection_key* key) {
    return (__u32)key->address[0].lo | key->address[1].lo << 32;
}

/// RFC 792: unreachable, source quench, time exceeded, parameter problem. RFC 4443 3: below 128.
static __always_inline bool is_icmp_error(__u8 family, __u8 type) {
    if (family != YETT_FAMILY_IPV4) return type < 128;
    return type == 3 || type == 4 || type == 11 || type == 12;
}

static __always_inline __u64 connection_hash(const struct yett_seed* seed,
                                             const struct connection_key* key) {
    __u64 sum = hash_pair(seed, 0, key->ports,
                          (__u32)key->inner << 16 | (__u32)key->family << 8 | key->proto);
    if (key->family == YETT_FAMILY_IPV4)
        return hash_mix(sum + hash_pair(seed, 2, key->address[0].lo, key->address[1].lo));
    sum += hash_address(seed, 2, &key->address[0]) + hash_address(seed, 6, &key->address[1]);
    return hash_mix(sum);
}
