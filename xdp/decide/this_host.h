// SPDX-License-Identifier: GPL-2.0-or-later
// Is a packet for this host, and not for one behind it?
#pragma once

#include "decide/reverse_path.h"
#include "parse/ipv4.h"
#include "parse/local.h"

/// The route ahead, as the kernel would look for it if the packet had come in.
static __always_inline bool would_be_forwarded(yett_ctx* ctx, const struct yett_packet* packet) {
    struct bpf_fib_lookup route = {};
    long answer;
    route.ifindex = packet->ifindex;
    route.family = FAMILY_INET;
    route.ipv4_src = bpf_htonl(packet->src.lo);
    route.ipv4_dst = bpf_htonl(packet->dst.lo);
    answer = bpf_fib_lookup(ctx, &route, sizeof(route), 0);
    return answer == BPF_FIB_LKUP_RET_SUCCESS || answer == BPF_FIB_LKUP_RET_NO_NEIGH ||
           answer == BPF_FIB_LKUP_RET_FRAG_NEEDED;
}

/// A DHCP server speaks to an address that this host does not have yet (RFC 2131 4.1), so not being
/// an own address is no reason; being somebody else's is. IPv6 is not asked: link-local addresses
/// are not forwarded.
static __always_inline bool is_for_this_host(yett_ctx* ctx, const struct yett_packet* packet) {
    if (judged_by_ruleset(packet) || packet->family != YETT_FAMILY_IPV4) return true;
    if (ipv4_is_group(packet->dst.lo)) return true;
    if (is_local(packet, &packet->dst, YETT_LOCAL_OWN | YETT_LOCAL_BROADCAST)) return true;
    return !would_be_forwarded(ctx, packet);
}
