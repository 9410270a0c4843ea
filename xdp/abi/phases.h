// SPDX-License-Identifier: GPL-2.0-or-later
// What becomes of a connection, step by step, and how long each step is remembered.
#pragma once

#include "abi/types.h"

/// X(ENUM, "name", seconds without a packet after which the connection is forgotten, unless the
/// ruleset's "timeouts" say otherwise). The order is ABI. TCP: RFC 5382 5 asks for at least 2 h
/// 4 min. UDP: RFC 4787 4.3 for at least 2 min.
///   SYN_SENT        a SYN; nothing came back
///   SYN_RECEIVED    the SYN+ACK that acknowledges it came back
///   OPEN            the handshake is complete
///   PICKED_UP       seen in mid-stream on its way out; the other side has not spoken
///   CLOSING         both sides sent FIN
///   CLOSED          a reset ended it; what was on its way still arrives
///   *_SENT          nothing came back yet
///   *_ANSWERED      something did
#define YETT_CONNECTION_PHASES(X)            \
    X(TCP_SYN_SENT, "syn_sent", 60)          \
    X(TCP_SYN_RECEIVED, "syn_received", 60)  \
    X(TCP_OPEN, "open", 7440)                \
    X(TCP_PICKED_UP, "picked_up", 300)       \
    X(TCP_CLOSING, "closing", 120)           \
    X(UDP_SENT, "udp_sent", 30)              \
    X(UDP_ANSWERED, "udp_answered", 180)     \
    X(ECHO_SENT, "echo_sent", 30)            \
    X(ECHO_ANSWERED, "echo_answered", 30)    \
    X(OTHER_SENT, "other_sent", 60)          \
    X(OTHER_ANSWERED, "other_answered", 600) \
    X(TCP_CLOSED, "closed", 10)

enum yett_connection_phase {
    YETT_PHASE_NONE = 0,
#define YETT_PHASE_ENUM(name, text, seconds) YETT_PHASE_##name,
    YETT_CONNECTION_PHASES(YETT_PHASE_ENUM)
#undef YETT_PHASE_ENUM
        YETT_PHASE_COUNT
};

/// Bounds of a timeout that a ruleset gives, in seconds.
#define YETT_LEAST_TIMEOUT 1
#define YETT_GREATEST_TIMEOUT 2592000

/// A table of timeouts, by phase; a power of two.
#define YETT_CONNECTION_TIMEOUTS 16
YETT_STATIC_ASSERT(YETT_PHASE_COUNT <= YETT_CONNECTION_TIMEOUTS, "a timeout for each phase");
