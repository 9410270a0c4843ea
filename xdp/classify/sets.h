// SPDX-License-Identifier: GPL-2.0-or-later
// Membership of an address or a port in an operator's set.
#pragma once

#include <bpf/bpf_endian.h>

#include "abi/ruleset.h"
#include "maps.h"
#include "parse/packet.h"

static __always_inline bool entry_is_live(const struct yett_set_value* entry) {
    return entry && (!entry->expires || bpf_ktime_get_boot_ns() < entry->expires);
}

static __noinline int in_prefix_set4(__u32 slot, __u32 address) {
    struct yett_set_key4 key = {.prefixlen = YETT_SET_SLOT_BITS + 32, .slot = bpf_htons(slot)};
    __be32 wire = bpf_htonl(address);
    __builtin_memcpy(key.address, &wire, sizeof(wire));
    return entry_is_live(bpf_map_lookup_elem(&yett_prefixes4, &key));
}

static __noinline int in_prefix_set6(__u32 slot, __u64 hi, __u64 lo) {
    struct yett_set_key6 key = {.prefixlen = YETT_SET_SLOT_BITS + 128, .slot = bpf_htons(slot)};
    __be64 wire[2] = {bpf_cpu_to_be64(hi), bpf_cpu_to_be64(lo)};
    __builtin_memcpy(key.address, wire, sizeof(wire));
    return entry_is_live(bpf_map_lookup_elem(&yett_prefixes6, &key));
}

static __always_inline bool in_prefix_set(const struct yett_packet* packet, __u32 slot,
                                          const struct yett_address* address) {
    if (packet->family == YETT_FAMILY_IPV4) return in_prefix_set4(slot, address->lo);
    return in_prefix_set6(slot, address->hi, address->lo);
}

static __always_inline bool in_port_set(__u32 slot, __u16 port) {
    const struct yett_port_set* set = bpf_map_lookup_elem(&yett_port_sets, &slot);
    return set && set->bits[port >> 6] >> (port & 63) & 1;
}

/// A set test of a box: slot 0 asks nothing; `inverted` asks for the opposite.
static __always_inline bool address_test(const struct yett_packet* packet, __u32 slot,
                                         bool inverted, const struct yett_address* address) {
    return !slot || in_prefix_set(packet, slot, address) != inverted;
}

static __always_inline bool port_test(__u32 slot, bool inverted, __u16 port) {
    return !slot || in_port_set(slot, port) != inverted;
}
