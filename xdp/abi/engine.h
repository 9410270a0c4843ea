// SPDX-License-Identifier: GPL-2.0-or-later
// The matching engine's image of one bank: trees over source, destination, ports and protocol, the
// records at their leaves, and the boxes that say what a record cannot.
#pragma once

#include "abi/limits.h"
#include "abi/types.h"

/// An image is a run of pages. What is written in one go (a slot, a leaf's chunk, a box) never
/// straddles one.
#define YETT_PAGE_SHIFT 16
#define YETT_PAGE_OCTETS (1u << YETT_PAGE_SHIFT)
/// Memory budget of one bank: 32 MiB. The compiler refuses beyond it.
#define YETT_ENGINE_PAGES 512

#define YETT_ENGINE_OCTETS (YETT_ENGINE_PAGES * YETT_PAGE_OCTETS)

/// What a packet is to a tree: which of source, destination, ports and protocol it has. Each class
/// has its own trees, without the boxes that cannot match there.
enum yett_packet_class {
    YETT_CLASS_PORTS = 0,     ///< all five are known
    YETT_CLASS_NO_PORTS = 1,  ///< protocol known, ports neither known nor unknown
    YETT_CLASS_UNKNOWN = 2,   ///< protocol or a port may be unknown; and every frame that is not IP
    YETT_CLASSES = 3
};

/// Numbers that a tree cuts by. IPv4: the addresses alone. IPv6: the first eight octets in SRC and
/// DST, the last eight in SRC_LOW and DST_LOW.
enum yett_cut_field {
    YETT_CUT_SRC = 0,
    YETT_CUT_DST = 1,
    YETT_CUT_SPORT = 2,
    YETT_CUT_DPORT = 3,
    YETT_CUT_PROTO = 4,
    YETT_CUT_SRC_LOW = 5,
    YETT_CUT_DST_LOW = 6,
    YETT_CUT_FIELDS = 8  ///< a power of two
};

/// A slot (64 bits) describes what it leads to, so that a level costs one dependent load.
///   node: bits 0-23 number of its first slot (of 8 octets, from the bank's start); from 24 on the
///         first window and from 39 on the second one, each of field (3 bits), left (6), right (6).
///         The child is first window << bits of the second | second window, where a window is
///         field << left >> right >> 1, of 63 - right bits. right 63: no window.
///   leaf: YETT_SLOT_LEAF; bits 0-23 place of its first record in units of 16 octets; 24-43 number
///         of records; 44-61 the first rule among them.
#define YETT_SLOT_LEAF (1ull << 63)
#define YETT_SLOT_PLACE_BITS 24
#define YETT_SLOT_WINDOW_A 24
#define YETT_SLOT_WINDOW_B 39
#define YETT_SLOT_COUNT 24
#define YETT_SLOT_COUNT_BITS 20
#define YETT_SLOT_RULE 44
#define YETT_RULE_BITS 18
#define YETT_PLACE_UNIT 16
/// Levels between a root and a leaf, at most.
#define YETT_TREE_DEPTH 8

/// The records of a leaf stand in the order of their rules, in chunks of 1024 octets. A leaf of one
/// chunk is anywhere inside a page; a longer one begins at a multiple of 1024.
#define YETT_CHUNK_SHIFT 10
#define YETT_CHUNK_OCTETS (1u << YETT_CHUNK_SHIFT)

/// Protocol and ports side by side, each with a guard bit above it, so that one subtraction
/// compares all three. Bits 43-63 are for tags: they stand above the lanes and disturb no borrow.
#define YETT_LANE_SPORT 0
#define YETT_LANE_DPORT 17
#define YETT_LANE_PROTO 34
#define YETT_GUARD_SPORT (1ull << 16)
#define YETT_GUARD_DPORT (1ull << 33)
#define YETT_GUARD_PROTO (1ull << 42)
#define YETT_GUARDS (YETT_GUARD_SPORT | YETT_GUARD_DPORT | YETT_GUARD_PROTO)
#define YETT_TAG_SHIFT 43

/// Tag of `low`: the rule, and which lanes the box names (without: the field may be absent).
#define YETT_TAG_NAMES_SPORT (1u << 18)
#define YETT_TAG_NAMES_DPORT (1u << 19)
#define YETT_TAG_NAMES_PROTO (1u << 20)
/// Tag of `high`: where the whole box stands, if the record does not say all of it (page of the
/// bank and number in the page; 0: it does), and YETT_BOX_NEEDS_KNOWN. With YETT_TAG_DROPS it says
/// all, of a rule that drops and does nothing else, and the counter slot of that rule is where the
/// place of the box would be: the packet need not ask for the rule's action.
#define YETT_TAG_BOX_NUMBER_BITS 9
#define YETT_TAG_BOX_BITS 19
#define YETT_TAG_DROPS (1u << 19)
#define YETT_TAG_NEEDS_KNOWN (1u << 20)
YETT_STATIC_ASSERT(YETT_MAX_COUNTERS <= 1u << YETT_TAG_BOX_BITS, "a tag holds any counter slot");

/// The lanes of both records: first values in `low`, without guards; last values in `high`, with
/// guards.
struct yett_record4 {
    __u32 src_first, src_last;  ///< inclusive
    __u32 dst_first, dst_last;  ///< inclusive
    __u64 low;
    __u64 high;
};
YETT_STATIC_ASSERT(sizeof(struct yett_record4) == 32, "yett_record4 is ABI");

/// Addresses by value and mask: hi and lo of the source, hi and lo of the destination.
struct yett_record6 {
    __u64 value[4];
    __u64 mask[4];
    __u64 low;
    __u64 high;
};
YETT_STATIC_ASSERT(sizeof(struct yett_record6) == 80, "yett_record6 is ABI");

/// The images of all banks, one after another. What is read is masked to lie in its bank; a chunk
/// that begins at the end of the last one ends behind it.
struct yett_engine {
    __u64 word[YETT_BANKS * YETT_ENGINE_OCTETS / 8];
    __u64 behind[YETT_CHUNK_OCTETS / 8];
};
YETT_STATIC_ASSERT(sizeof(struct yett_engine) ==
                       YETT_BANKS * YETT_ENGINE_OCTETS + YETT_CHUNK_OCTETS,
                   "yett_engine is ABI");

#define YETT_CHUNK_RECORDS4 (YETT_CHUNK_OCTETS / 32)
#define YETT_CHUNK_RECORDS6 (YETT_CHUNK_OCTETS / 80)

/// Trees of deciding rules for one class, in the order in which they are asked; a tree whose first
/// rule cannot beat the match in hand is not. Rules that only count have a tree of their own.
///
/// Rules that ask for membership of an address in a set stand apart: for nearly every packet the
/// answer is "in none", and it passes them all by. A box that wants the source or destination in a
/// set stands in the tree of that set's slot, which only packets in the set ask; the others that
/// ask (not in a set; a MAC address in one) stand in `asking`.
#define YETT_TREES 3
#define YETT_SET_PARTIES 2  ///< source and destination, of enum yett_party
struct yett_trees {
    __u64 root[YETT_TREES];
    __u64 counting;                ///< root of the rules that count; 0 = none
    __u64 asking;                  ///< 0 = none
    __u32 sets[YETT_SET_PARTIES];  ///< number of the first of YETT_MAX_SET_SLOTS roots; 0 = none
    __u32 first[YETT_TREES];       ///< the first rule in each tree
    __u32 first_asking;            ///< of `asking` and all of `sets`; YETT_NO_RULE = none
    __u32 parties;                 ///< bit enum yett_party: some box asks for sets of that address
    __u32 count;                   ///< of trees; YETT_TREES_MISSING: no such packet may come here
};
YETT_STATIC_ASSERT(sizeof(struct yett_trees) == 72, "yett_trees is ABI");

#define YETT_TREES_MISSING 0xffffffffu
