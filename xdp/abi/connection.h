// SPDX-License-Identifier: GPL-2.0-or-later
// The table of connections: what the data plane remembers of who talks to whom.
#pragma once

#include "abi/fields.h"
#include "abi/limits.h"
#include "abi/phases.h"
#include "abi/ruleset.h"
#include "abi/types.h"

/// In place of a phase while a CPU writes the entry: nobody else reads or writes it.
#define YETT_PHASE_BUSY 0xff

/// Bits of a connection's flags.
///   HIGH_BEGAN   the endpoint "high" sent the first packet, else "low" did
///   LOW_FIN ...  TCP: that endpoint sent FIN
///   CAME_IN      the others: the first packet was first seen coming in
///   PROVEN       both ends are who they say: TCP after the third packet of the handshake;
///                the others when an answer came in to what had gone out
///   INNER        of packets inside an inspected tunnel
///   HEARD        SYN_SENT: the other side spoke, but not to confirm or refuse; seq[2] is the
///                sequence number of the reset that answers it. SYN_RECEIVED: there were two
///                SYN+ACKs; seq[0] acknowledges one, seq[1] the other
///   LOW_SYN ...  TCP: that endpoint sent a SYN into the connection, which seq[2] (SYN_RECEIVED:
///                seq[1]) acknowledges
#define YETT_CONNECTION_HIGH_BEGAN 0x01
#define YETT_CONNECTION_LOW_FIN 0x02
#define YETT_CONNECTION_CAME_IN 0x02
#define YETT_CONNECTION_HIGH_FIN 0x04
#define YETT_CONNECTION_PROVEN 0x08
#define YETT_CONNECTION_INNER 0x10
#define YETT_CONNECTION_HEARD 0x20
#define YETT_CONNECTION_LOW_SYN 0x40
#define YETT_CONNECTION_HIGH_SYN 0x80

/// Time in entries: nanoseconds of the kernel's coarse CLOCK_MONOTONIC, in units of 2^27 ns (about
/// 0.134 s): 32 bits last 18 years.
#define YETT_CONNECTION_TIME_SHIFT 27
/// The time of an entry is written no more often than so many units (about 1 s): CPUs that share a
/// connection would else fight for its line.
#define YETT_CONNECTION_LAZY 8
/// yett_ruleset.timeout of a phase: so many units behind the time in its entry a connection is
/// forgotten. Never before the seconds are over, since the time in the entry may be so old.
#define YETT_CONNECTION_UNITS(seconds) \
    ((__u32)((seconds)*1000000000ull >> YETT_CONNECTION_TIME_SHIFT) + YETT_CONNECTION_LAZY)

/// What both families share. The endpoints are ordered: (address, port) of "low" is not above that
/// of "high". Host byte order.
struct yett_connection {
    /// 0 = empty. phase | proto << 8 | flags << 16 | owner << 24 | time of the last packet << 32.
    /// Whoever changes it does so with one exchange; the key is written between two
    /// (YETT_PHASE_BUSY), and the owner's number goes up with each.
    __u64 word;
    /// TCP. SYN_SENT: least and greatest acknowledgment that answers the SYN. SYN_RECEIVED: the
    /// same for the SYN+ACK, and the acknowledgment that this carried. Later: the last
    /// acknowledgment that low, and that high, sent. And see the flags.
    __u32 seq[3];
    /// Of low, and of high << 16. ICMP questions: the identifier on the asking side, on the other
    /// the type of the question, 0 for echo; 0 without ports.
    __u32 ports;
};
YETT_STATIC_ASSERT(sizeof(struct yett_connection) == 24, "yett_connection is ABI");

struct yett_connection4 {
    struct yett_connection head;
    __u64 addresses;  ///< of low, and of high << 32: compared at once
};
YETT_STATIC_ASSERT(sizeof(struct yett_connection4) == 32, "yett_connection4 is ABI");

struct yett_connection6 {
    struct yett_connection head;
    struct yett_address address[2];
    __u64 reserved;
};
YETT_STATIC_ASSERT(sizeof(struct yett_connection6) == 64, "yett_connection6 is ABI");

#define YETT_CONNECTION_WAYS 4

/// A place of the table: IPv4 two cache lines, IPv6 four. Index: hash & (places - 1).
struct yett_connections4 {
    struct yett_connection4 way[YETT_CONNECTION_WAYS];
};
YETT_STATIC_ASSERT(sizeof(struct yett_connections4) == 128, "yett_connections4 is ABI");

struct yett_connections6 {
    struct yett_connection6 way[YETT_CONNECTION_WAYS];
};
YETT_STATIC_ASSERT(sizeof(struct yett_connections6) == 256, "yett_connections6 is ABI");

/// Written once, when the tables are made; the tables have this many places, a power of two.
struct yett_connection_config {
    __u32 places[2];  ///< by enum yett_family
};
YETT_STATIC_ASSERT(sizeof(struct yett_connection_config) == 8, "yett_connection_config is ABI");

/// Connections made, and such as had to go before their time for a new one, for each CPU.
struct yett_connection_counters {
    __u64 made;
    __u64 evicted;         ///< unproven ones
    __u64 evicted_proven;  ///< proven ones, where a whole place was full of them
    __u64 lost;            ///< not remembered, because other CPUs were writing
};
YETT_STATIC_ASSERT(sizeof(struct yett_connection_counters) == 32,
                   "yett_connection_counters is ABI");
