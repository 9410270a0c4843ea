// SPDX-License-Identifier: GPL-2.0-or-later
// Is an address one of this host's?
#pragma once

#include "abi/local.h"
#include "maps.h"
#include "parse/packet.h"

static __always_inline bool is_link_local(const struct yett_packet* packet,
                                          const struct yett_address* address) {
    return packet->family == YETT_FAMILY_IPV6 && address->hi >> 54 == 0xfe80 >> 6;
}

/// One bit of an array decides for nearly every packet; the hash is asked about the others.
static __always_inline bool is_local(const struct yett_packet* packet,
                                     const struct yett_address* address, __u32 kind) {
    const struct yett_local_filter* filter;
    const struct yett_local* local;
    struct yett_local_key key = {.address = *address, .family = packet->family};
    __u32 zero = 0, bit = (address->lo ^ address->lo >> 12) % YETT_LOCAL_BITS;
    if (judged_by_ruleset(packet)) return false;
    filter = bpf_map_lookup_elem(&yett_local_filter, &zero);
    if (!filter || !(filter->words[bit / 64] >> (bit % 64) & 1)) return false;
    if (is_link_local(packet, address)) key.ifindex = packet->ifindex;
    local = bpf_map_lookup_elem(&yett_locals, &key);
    return local && local->kinds & kind;
}
