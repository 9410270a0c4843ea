// SPDX-License-Identifier: GPL-2.0-or-later
// Bounds that the rule compiler refuses beyond and the maps are sized by.
#pragma once

#include "abi/types.h"

/// Two copies of every table: one is judged by, the other is built in.
#define YETT_BANKS 2

/// Rules in a ruleset, with failsafe entries and built-ins. A rule index is below this.
#define YETT_MAX_RULES 102400
/// Boxes (conjunctions of ranges) that the rules of one ruleset expand to. What they may take in
/// the data plane is bounded by YETT_ENGINE_PAGES.
#define YETT_MAX_BOXES 524288
/// Counter slots. A rule name keeps its slot over reloads; more than twice 100,000 rules, so that a
/// whole new ruleset fits beside the old one. 16 octets each on every possible CPU: 4 MiB a CPU, in
/// an array of YETT_MAX_COUNTERS elements a CPU. (A per-CPU array of the kernel costs a packet one
/// more line of memory, its list of pointers.)
#define YETT_MAX_COUNTERS 262144

/// Interfaces that yett may be attached to at a time. Slot 0 is "an interface nobody registered".
#define YETT_MAX_INTERFACES 256
/// Buckets of the ifindex -> slot table, and how many are probed from ifindex % buckets on.
#define YETT_IFINDEX_BUCKETS 1024
#define YETT_IFINDEX_PROBES 4

/// Slots for sets of addresses (prefixes, MAC addresses). A new generation whose set content
/// differs takes a free slot, so two rulesets of 256 sets each fit side by side. Slot 0 means "no
/// set". A multiple of 64.
#define YETT_MAX_SETS 256
#define YETT_MAX_SET_SLOTS 576
/// Slots for sets of ports (8 KiB each). A box names them in one octet.
#define YETT_MAX_PORT_SET_SLOTS 256
/// Slots for sets of interfaces (a bit for each interface). A box names them in one octet.
#define YETT_MAX_INTERFACE_SET_SLOTS 256
/// Entries of all sets together; the memory that the daemon may use for them binds earlier.
#define YETT_MAX_SET_ENTRIES 16777216

/// Rules with a rate limit in a ruleset.
#define YETT_MAX_LIMITS 256
/// Lines of the table of buckets, 4 buckets each: so many keys can be charged at a time.
#define YETT_METER_SETS 65536

/// Sources that the data plane may ban by itself at a time (LRU: the oldest goes first).
#define YETT_MAX_AUTO_BANS 65536

/// Connections that are remembered at a time, unless yettd says otherwise; for each family.
#define YETT_MAX_CONNECTIONS 1048576
