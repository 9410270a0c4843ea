// SPDX-License-Identifier: GPL-2.0-or-later
// The reverse path check (RFC 3704): would this host send to the source through the interface that
// the packet came by?
#pragma once

#include <bpf/bpf_endian.h>

#include "abi/ruleset.h"
#include "hook.h"
#include "parse/frame.h"
#include "record/record.h"

#define FAMILY_INET 2    // AF_INET
#define FAMILY_INET6 10  // AF_INET6

static __always_inline void put_words(__u32* words, const struct yett_address* address) {
    words[0] = bpf_htonl(address->hi >> 32);
    words[1] = bpf_htonl(address->hi);
    words[2] = bpf_htonl(address->lo >> 32);
    words[3] = bpf_htonl(address->lo);
}

/// The kernel forwards nothing to or from a link-local address or a group, and says so of a route
/// that has one as its source.
static __always_inline bool is_of_the_link(const struct yett_address* address) {
    return address->hi >> 56 == 0xff || address->hi >> 54 == 0xfe80 >> 6;
}

/// The route back: source and destination change places. Neighbour discovery goes to groups: there
/// the route has no source.
static __always_inline void fill_route(struct bpf_fib_lookup* route,
                                       const struct yett_packet* packet, __u32 ifindex) {
    route->ifindex = ifindex;
    if (packet->family == YETT_FAMILY_IPV4) {
        route->family = FAMILY_INET;
        route->ipv4_src = bpf_htonl(packet->dst.lo);
        route->ipv4_dst = bpf_htonl(packet->src.lo);
    } else {
        route->family = FAMILY_INET6;
        if (!is_of_the_link(&packet->dst)) put_words(route->ipv6_src, &packet->dst);
        put_words(route->ipv6_dst, &packet->src);
    }
}

/// An address of this host is no source from outside either: its route is local, not forwarded. An
/// interface that does not forward has no such table to ask; there the packet passes, and is
/// counted under the reason.
static __always_inline bool source_is_plausible(yett_ctx* ctx, const struct yett_packet* packet,
                                                bool strict) {
    struct bpf_fib_lookup route = {};
    __u32 ifindex = packet->ifindex;
    long answer;
    fill_route(&route, packet, ifindex);
    answer = bpf_fib_lookup(ctx, &route, sizeof(route), 0);
    if (answer == BPF_FIB_LKUP_RET_FWD_DISABLED) {
        count_reason(packet, YETT_REASON_REVERSE_PATH, YETT_PASS);
        return true;
    }
    if (answer != BPF_FIB_LKUP_RET_SUCCESS && answer != BPF_FIB_LKUP_RET_NO_NEIGH &&
        answer != BPF_FIB_LKUP_RET_FRAG_NEEDED)
        return false;
    return !strict || route.ifindex == ifindex;
}

/// Asked only of packets that would pass. A source that asks for its first address (0.0.0.0, ::)
/// has no route yet.
static __always_inline bool fails_reverse_path(yett_ctx* ctx, const struct yett_packet* packet,
                                               const struct yett_ruleset* ruleset) {
    if (!(ruleset->flags & YETT_RULESET_REVERSE_PATH) || judged_by_ruleset(packet)) return false;
    if (packet->direction != YETT_INGRESS || packet->depth ||
        !(packet->known & YETT_FIELD_BIT(SRC)))
        return false;
    if (!(packet->src.hi | packet->src.lo) || packet->src.hi >> 48 == 0xfe80) return false;
    return !source_is_plausible(ctx, packet, ruleset->flags & YETT_RULESET_REVERSE_STRICT);
}
