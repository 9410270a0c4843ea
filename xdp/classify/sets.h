// SPDX-License-Identifier: GPL-2.0-or-later
// Membership in operators' sets: of an address in all of them at once, of a port or an interface in
// one.
//
// An address is looked up at most once a packet, whatever the number of rules that ask: the lengths
// that occur around it say which prefixes to look for, a filter rules nearly all of those out, and
// one line tells the sets that hold a prefix (abi/sets.h).
#pragma once

#include "abi/ruleset.h"
#include "abi/sets.h"
#include "maps.h"
#include "parse/packet.h"
#include "record/hash.h"

static __always_inline const struct yett_set_table* set_table(enum yett_family family) {
    __u32 zero = 0;
    const struct yett_set_control* control = bpf_map_lookup_elem(&yett_set_control, &zero);
    if (!control) return NULL;
    return &control->tables[family][*(const volatile __u32*)&control->active[family] & 1];
}

/// Segments stand before a table is switched to. If one is gone all the same, nobody knows what the
/// packet is a member of: the rules may drop it, but it passes nowhere.
static __always_inline const void* set_line(struct yett_packet* packet,
                                            const struct yett_set_table* table, __u32 line) {
    __u32 segment = table->first_segment + line / YETT_SET_SEGMENT_LINES;
    __u32 index = line % YETT_SET_SEGMENT_LINES;
    struct yett_set_segment* lines = bpf_map_lookup_elem(&yett_set_segments, &segment);
    if (lines) return bpf_map_lookup_elem(lines, &index);
    packet_suspect(packet, YETT_REASON_INTERNAL);
    return NULL;
}

/// Where entries of a hash may stand, in order: probe_begin(), then probe_next() after each line.
struct probe {
    __u32 line;
    __u32 step;  ///< pairs
    bool second;
};

static __always_inline struct probe probe_begin(const struct yett_set_table* table, __u64 hash) {
    struct probe probe = {.line = (hash >> 32) * table->lines >> 32};
    probe.step = 1 + ((__u64)(__u32)hash * (table->lines / 2 - 1) >> 32);
    return probe;
}

static __always_inline void probe_next(const struct yett_set_table* table, struct probe* probe) {
    probe->line ^= 1;
    if (probe->second) {
        probe->line += 2 * probe->step;
        if (probe->line >= table->lines) probe->line -= table->lines;
    }
    probe->second = !probe->second;
}

/// False: no entry has this hash. Four bits of one word.
static __always_inline bool may_hold(struct yett_packet* packet, const struct yett_set_table* table,
                                     __u64 hash) {
    __u32 word = (__u64)(__u32)hash * table->blocks >> 32;
    const struct yett_set_line* line = set_line(packet, table, table->lines + word / 8);
    __u64 pick = hash * 0x9e3779b97f4a7c15ull >> 40;
    __u64 bits = 1ull << (pick & 63) | 1ull << (pick >> 6 & 63) | 1ull << (pick >> 12 & 63) |
                 1ull << (pick >> 18 & 63);
    return line && (line->words[word & 7] & bits) == bits;
}

/// Of a bit, by its place in a de Bruijn sequence: BPF has no instruction for it.
static const __u8 bit_numbers[64] = {
    0,  1,  2,  53, 3,  7,  54, 27, 4,  38, 41, 8,  34, 55, 48, 28, 62, 5,  39, 46, 44, 42,
    22, 9,  24, 35, 59, 56, 49, 18, 29, 11, 63, 52, 6,  26, 37, 40, 33, 47, 61, 45, 43, 21,
    23, 58, 17, 10, 51, 25, 36, 32, 60, 20, 57, 16, 50, 31, 19, 15, 30, 14, 13, 12};

static __always_inline __u32 number_of_bit(__u64 bit) {
    return bit_numbers[bit * 0x022fdd63cc95386dull >> 58];
}

static __always_inline bool is_live(__u32 expires) {
    return !expires || bpf_ktime_get_boot_ns() >> YETT_SET_TICK_SHIFT < expires;
}

/// The value, as something clang knows nothing about: else it tests bounds on one register and
/// indexes by another, and the verifier (seen on 6.18, guarded by load_test.cpp) refuses.
static __always_inline __u32 opaque(__u32 value) {
    asm volatile("" : "+r"(value));
    return value;
}

static __always_inline void add_membership(struct yett_packet* packet, __u32 party, __u32 slot) {
    __u32 word = opaque(slot / 64);
    party = opaque(party) % YETT_PARTIES;
    if (word >= YETT_MAX_SET_SLOTS / 64) return;
    if (!(packet->in_some_set & 1u << party)) {
        struct yett_membership none = {};
        packet->member[party] = none;
        packet->in_some_set |= 1u << party;
    }
    packet->member[party].bits[word] |= 1ull << (slot & 63);
}

/// Bit i: way i may be the prefix. Without a branch a way, which no predictor could guess: what
/// differs is below 2^48, so only 0 borrows.
static __always_inline __u32 ways_that_match4(const struct yett_set_line4* line, __u64 wanted) {
    const __u64 ignored = 1023ull << YETT_SET_KEY4_SLOT | YETT_SET_KEY4_VERSIONS;
    __u32 ways = 0;
    for (int i = 0; i < YETT_SET_WAYS4; i++) {
        __u64 differs = (*(const volatile __u64*)&line->keys[i] ^ wanted) & ~ignored;
        ways |= ((differs >> YETT_SET_KEY4_HOST_BITS) - 1) >> 63 << i;
    }
    return ways;
}

/// A free way looks like 0.0.0.0/32: its key is 0. A function of its own, so that the verifier
/// walks it once.
__noinline int collect_line4(struct yett_packet* packet, __u32 party,
                             const struct yett_set_line4* line, __u64 wanted) {
    __u32 ways;
    if (!packet || !line) return 0;
    ways = ways_that_match4(line, wanted);
    for (int n = 0; n < YETT_SET_WAYS4 && ways; n++) {
        __u32 way = opaque(number_of_bit(ways & -ways));
        __u32 expires;
        __u64 key;
        ways &= ways - 1;
        if (way >= YETT_SET_WAYS4) return 0;
        key = *(const volatile __u64*)&line->keys[way];
        expires = *(const volatile __u32*)&line->expires[way];
        if (!key || key != *(const volatile __u64*)&line->keys[way] || !is_live(expires)) continue;
        add_membership(packet, party, key >> YETT_SET_KEY4_SLOT & 1023);
    }
    return 0;
}

/// `wanted`: a key without slot and version. A function of its own, so that the verifier walks it
/// once.
__noinline int collect_sets4(struct yett_packet* packet, __u32 party,
                             const struct yett_set_table* table, __u64 hash, __u64 wanted) {
    const struct yett_set_line4* line;
    struct probe probe;
    __u32 reach;
    if (!packet || !table) return 0;
    probe = probe_begin(table, hash);
    line = set_line(packet, table, probe.line);
    if (!line) return 0;
    reach = *(const volatile __u32*)&line->reach;
    collect_line4(packet, party, line, wanted);
    for (__u32 i = 1; i < YETT_SET_REACH && i <= reach; i++) {
        probe_next(table, &probe);
        line = set_line(packet, table, probe.line);
        if (!line) return 0;
        collect_line4(packet, party, line, wanted);
    }
    return 0;
}

__noinline int collect_line6(struct yett_packet* packet, __u32 party,
                             const struct yett_set_line6* line, const struct yett_address* prefix,
                             __u64 code) {
    if (!packet || !line || !prefix) return 0;
    for (int i = 0; i < YETT_SET_WAYS6; i++) {
        const struct yett_set_entry6* entry = &line->entries[i];
        __u64 meta = *(const volatile __u64*)&entry->meta;
        __u32 expires;
        if ((meta >> YETT_SET_META_CODE & 255) != code || !meta ||
            *(const volatile __u64*)&entry->hi != prefix->hi ||
            *(const volatile __u64*)&entry->lo != prefix->lo)
            continue;
        expires = *(const volatile __u32*)&line->expires[i];
        if (meta != *(const volatile __u64*)&entry->meta || !is_live(expires)) continue;
        add_membership(packet, party, meta >> YETT_SET_META_SLOT);
    }
    return 0;
}

/// As collect_sets4(), with the whole prefix and its code.
static __always_inline void collect_sets6(struct yett_packet* packet, __u32 party,
                                          const struct yett_set_table* table, __u64 hash,
                                          const struct yett_address* prefix, __u64 code) {
    const struct yett_set_line6* line;
    struct probe probe = probe_begin(table, hash);
    __u32 reach;
    line = set_line(packet, table, probe.line);
    if (!line) return;
    reach = *(const volatile __u32*)&line->reach;
    collect_line6(packet, party, line, prefix, code);
    for (__u32 i = 1; i < YETT_SET_REACH && i <= reach; i++) {
        probe_next(table, &probe);
        line = set_line(packet, table, probe.line);
        if (!line) return;
        collect_line6(packet, party, line, prefix, code);
    }
}

static __always_inline const struct yett_address* address_of(const struct yett_packet* packet,
                                                             __u32 party) {
    return party == YETT_PARTY_DST ? &packet->dst : &packet->src;
}

static __always_inline __u64 mac_of(const struct yett_packet* packet, __u32 party) {
    return party == YETT_PARTY_DMAC ? packet->dmac : packet->smac;
}

static __always_inline void cut_address(struct yett_address* address, __u32 host_bits) {
    if (host_bits >= 64) {
        address->lo = 0;
        address->hi = host_bits >= 128 ? 0 : address->hi & ~0ull << (host_bits & 63);
    } else {
        address->lo &= ~0ull << host_bits;
    }
}

static __always_inline void look_up_prefix4(struct yett_packet* packet, __u32 party,
                                            const struct yett_set_table* table,
                                            const struct yett_seed* seed, __u32 prefix,
                                            __u64 length) {
    __u64 hash = hash_mix(hash_pair(seed, 12, prefix, length));
    if (may_hold(packet, table, hash))
        collect_sets4(packet, party, table, hash,
                      (__u64)prefix << 32 | (__u64)number_of_bit(length)
                                                << YETT_SET_KEY4_HOST_BITS);
}

/// For each length that occurs in this /16: bit h of `lengths` is a prefix with h host bits, and
/// the lowest bit's negative is its mask. Hosts come first, behind a branch: what a processor
/// predicts it fetches ahead, so that lengths, filter and line are on their way at once.
__noinline int look_up_sets4(struct yett_packet* packet, __u32 party) {
    const struct yett_set_table* table = set_table(YETT_FAMILY_IPV4);
    const struct yett_seed* seed = hash_seed();
    const __u64* lengths_here;
    __u32 address, block;
    __u64 lengths;
    if (!packet || !table || !seed || !table->lines) return 0;
    address = address_of(packet, party)->lo;
    block = address >> 16;
    lengths_here = bpf_map_lookup_elem(&yett_set_lengths4, &block);
    if (!lengths_here) return 0;
    lengths = *(const volatile __u64*)lengths_here;
    if (lengths & 1) look_up_prefix4(packet, party, table, seed, address, 1);
    lengths &= ~1ull;
    for (int i = 0; i < 32 && lengths; i++) {
        __u64 length = lengths & -lengths;
        look_up_prefix4(packet, party, table, seed, address & (__u32)-length, length);
        lengths ^= length;
    }
    return 0;
}

static __always_inline __u64 hash6(const struct yett_seed* seed, const struct yett_address* prefix,
                                   __u32 code) {
    return hash_mix(hash_address(seed, 0, prefix) + hash_pair(seed, 4, code, code));
}

/// One prefix of a MAC address, or of an IPv6 address, by its code.
__noinline int look_up_prefix6(struct yett_packet* packet, __u32 party, __u32 code) {
    const struct yett_set_table* table = set_table(YETT_FAMILY_IPV6);
    const struct yett_seed* seed = hash_seed();
    struct yett_address prefix = {};
    __u64 hash;
    if (!packet || !table || !seed) return 0;
    if (code >= YETT_SET_CODE_MAC) {
        prefix.hi = mac_of(packet, party) & ~0ull << (code & 63);
    } else {
        prefix = *address_of(packet, party);
        cut_address(&prefix, code);
    }
    hash = hash6(seed, &prefix, code);
    if (may_hold(packet, table, hash)) collect_sets6(packet, party, table, hash, &prefix, code);
    return 0;
}

static __always_inline const struct yett_set_lengths6* lengths_around6(
    const struct yett_seed* seed, const struct yett_address* address) {
    __u32 block = hash_pair(seed, 14, address->hi >> 32, 0) >> 48;
    return bpf_map_lookup_elem(&yett_set_lengths6, &block);
}

__noinline int look_up_sets6(struct yett_packet* packet, __u32 party) {
    const struct yett_set_table* table = set_table(YETT_FAMILY_IPV6);
    const struct yett_seed* seed = hash_seed();
    const struct yett_set_lengths6* here;
    __u64 high, low;
    if (!packet || !table || !seed || !table->lines) return 0;
    here = lengths_around6(seed, address_of(packet, party));
    if (!here) return 0;
    high = *(const volatile __u64*)&table->short_lengths | *(const volatile __u32*)&here->high;
    low = *(const volatile __u64*)&here->low;
    // Hosts first, as in look_up_sets4().
    if (low & 1) look_up_prefix6(packet, party, 0);
    low &= ~1ull;
    for (int i = 0; i < 63 && low; i++) {
        look_up_prefix6(packet, party, number_of_bit(low & -low));
        low &= low - 1;
    }
    for (int i = 0; i < 64 && high; i++) {
        look_up_prefix6(packet, party, 64 + number_of_bit(high & -high));
        high &= high - 1;
    }
    if (table->flags & YETT_SET_HAS_ANY6) look_up_prefix6(packet, party, 128);
    return 0;
}

__noinline int look_up_macs(struct yett_packet* packet, __u32 party) {
    const struct yett_set_table* table = set_table(YETT_FAMILY_IPV6);
    __u64 lengths;
    if (!packet || !table || !table->lines) return 0;
    lengths = *(const volatile __u64*)&table->mac_lengths;
    for (int i = 0; i < 49 && lengths; i++) {
        look_up_prefix6(packet, party, YETT_SET_CODE_MAC + number_of_bit(lengths & -lengths));
        lengths &= lengths - 1;
    }
    return 0;
}

static __always_inline void forget_memberships(struct yett_packet* packet) {
    packet->looked_up = 0;
    packet->in_some_set = 0;
}

/// Finds the sets that the party's address is in, once a packet.
static __always_inline void look_up_sets(struct yett_packet* packet, __u32 party) {
    if (packet->looked_up & 1u << party) return;
    packet->looked_up |= 1u << party;
    if (party == YETT_PARTY_SMAC || party == YETT_PARTY_DMAC)
        look_up_macs(packet, party);
    else if (packet->family == YETT_FAMILY_IPV4)
        look_up_sets4(packet, party);
    else
        look_up_sets6(packet, party);
}

/// True: some set holds one of these parties' addresses (bits of enum yett_party), which must be
/// known. A function of its own, so that the verifier walks it once.
__noinline int in_some_set(struct yett_packet* packet, __u32 parties) {
    if (!packet) return 0;
    for (__u32 party = 0; party < YETT_PARTIES; party++)
        if (parties >> party & 1) look_up_sets(packet, party);
    return packet->in_some_set & parties;
}

/// Is the party's address, which was looked up, a member of the set in this slot?
static __always_inline bool is_member(const struct yett_packet* packet, __u32 slot,
                                      enum yett_party party) {
    __u32 word = opaque(slot / 64);
    if (!(packet->in_some_set & 1u << party) || word >= YETT_MAX_SET_SLOTS / 64) return false;
    return packet->member[party].bits[word] >> (slot & 63) & 1;
}

static __always_inline bool in_port_set(__u32 slot, __u16 port) {
    const struct yett_port_set* set = bpf_map_lookup_elem(&yett_port_sets, &slot);
    return set && set->bits[port >> 6] >> (port & 63) & 1;
}

static __always_inline bool in_interface_set(__u32 slot, __u16 iface) {
    const struct yett_interface_set* set = bpf_map_lookup_elem(&yett_interface_sets, &slot);
    __u32 word = opaque(iface / 64);
    if (!set || word >= YETT_MAX_INTERFACES / 64) return false;
    return set->bits[word] >> (iface & 63) & 1;
}

/// A set test of a box: slot 0 asks nothing; `inverted` asks for the opposite.
static __always_inline bool address_test(const struct yett_packet* packet, __u32 slot,
                                         bool inverted, enum yett_party party) {
    return !slot || is_member(packet, slot, party) != inverted;
}

static __always_inline bool port_test(__u32 slot, bool inverted, __u16 port) {
    return !slot || in_port_set(slot, port) != inverted;
}

static __always_inline bool interface_test(__u32 slot, bool inverted, __u16 iface) {
    return !slot || in_interface_set(slot, iface) != inverted;
}
