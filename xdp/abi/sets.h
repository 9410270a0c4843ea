// SPDX-License-Identifier: GPL-2.0-or-later
// Sets as packets read them: tables of cache lines that the daemon writes in place.
//
// There are two tables, one for IPv4 prefixes, and one for IPv6 prefixes and MAC addresses. A table
// is a run of lines in consecutive segments: first `lines` lines of entries, then `blocks` words of
// a Bloom filter over them, eight words a line. Every entry is a prefix and the slot of one set
// that holds it; it stands in its home line (by a seeded hash of the prefix alone), or where that
// line and its neighbour in the pair were full, in the next pair by double hashing, and so on. So
// one look at a home line nearly always tells every set that holds a prefix.
//
// A word that says "taken" (key, meta) is written last and cleared first, in single stores, and
// carries a version that no earlier entry of the place had: who reads it the same before and after
// the rest has read one entry.
#pragma once

#include "abi/limits.h"
#include "abi/types.h"

/// Whose membership in sets a rule can ask for.
enum yett_party {
    YETT_PARTY_SRC = 0,
    YETT_PARTY_DST = 1,
    YETT_PARTY_SMAC = 2,
    YETT_PARTY_DMAC = 3,
    YETT_PARTIES = 4
};

/// Lines of a segment: 1 MiB, the unit in which tables take memory.
#define YETT_SET_SEGMENT_LINES 16384
#define YETT_SET_SEGMENTS 1024
/// Lines that a look-up may read for one prefix: 8 pairs. Filled to 75 %, a pair of lines of five
/// is is full once in five, so nearly nobody needs more than four.
#define YETT_SET_REACH 16

/// Time in entries: CLOCK_BOOTTIME in units of 2^27 ns (134 ms), 0 = never. An entry is a member
/// while now is below it.
#define YETT_SET_TICK_SHIFT 27

struct yett_set_line {
    __u64 words[8];
};
YETT_STATIC_ASSERT(sizeof(struct yett_set_line) == 64, "yett_set_line is one cache line");

#define YETT_SET_WAYS4 5

/// key: address << 32 | slot << 22 | host bits << 16 | version; 0 = free. Host bits are 32 -
/// length.
struct yett_set_line4 {
    __u64 keys[YETT_SET_WAYS4];
    __u32 expires[YETT_SET_WAYS4];
    __u32 reach;  ///< how many lines more hold entries that are at home here
};
YETT_STATIC_ASSERT(sizeof(struct yett_set_line4) == 64, "yett_set_line4 is one line");
#define YETT_SET_KEY4_SLOT 22
#define YETT_SET_KEY4_HOST_BITS 16
#define YETT_SET_KEY4_VERSIONS 0xffffu

#define YETT_SET_WAYS6 2
/// Codes beside the host bits of IPv6 prefixes, 0 to 128: from here on the host bits of prefixes of
/// MAC addresses, 0 to 48. They stand in `hi`, and `lo` is 0.
#define YETT_SET_CODE_MAC 192

struct yett_set_entry6 {
    __u64 hi, lo;  ///< host byte order
    __u64 meta;    ///< slot << 48 | host bits or code << 40 | version; 0 = free
};

struct yett_set_line6 {
    struct yett_set_entry6 entries[YETT_SET_WAYS6];
    __u32 expires[YETT_SET_WAYS6];
    __u32 reach;
    __u32 reserved;
};
YETT_STATIC_ASSERT(sizeof(struct yett_set_line6) == 64, "yett_set_line6 is one line");
#define YETT_SET_META_SLOT 48
#define YETT_SET_META_CODE 40
#define YETT_SET_META_VERSIONS 0xffffffffffull

/// Where a table stands. Never changed while packets may read it: the other copy is written, then
/// yett_set_control.active. But `flags` and lengths gain bits in place.
struct yett_set_table {
    __u32 first_segment;
    __u32 lines;          ///< even; 0: the table is empty
    __u32 blocks;         ///< words of the filter
    __u32 flags;          ///< YETT_SET_HAS_*
    __u64 short_lengths;  ///< IPv6 lengths 1 to 32 that occur: bit 64 - length
    __u64 mac_lengths;    ///< lengths of MAC prefixes that occur: bit 48 - length
};
YETT_STATIC_ASSERT(sizeof(struct yett_set_table) == 32, "yett_set_table is ABI");
#define YETT_SET_HAS_ANY6 0x01  ///< ::/0

#define YETT_SET_TABLES 2  ///< by enum yett_family; MAC addresses are in IPv6's

struct yett_set_control {
    __u32 active[YETT_SET_TABLES];  ///< which copy packets read
    struct yett_set_table tables[YETT_SET_TABLES][2];
};
YETT_STATIC_ASSERT(sizeof(struct yett_set_control) == 136, "yett_set_control is ABI");

/// Which prefix lengths to look for, by the first 16 bits of an IPv4 address: bit h is set when an
/// entry with h host bits holds part of that /16. May hold more than is true, never less.
#define YETT_SET_DIRECTORY 65536
/// The same for IPv6 lengths above 32, by a hash of the first 32 bits.
struct yett_set_lengths6 {
    __u64 low;   ///< lengths 65 to 128: bit 128 - length
    __u32 high;  ///< lengths 33 to 64: bit 64 - length
    __u32 reserved;
};
YETT_STATIC_ASSERT(sizeof(struct yett_set_lengths6) == 16, "yett_set_lengths6 is ABI");

/// The sets that hold one address: bit `slot`.
struct yett_membership {
    __u64 bits[YETT_MAX_SET_SLOTS / 64];
};
