// SPDX-License-Identifier: GPL-2.0-or-later
// What the state machine speaks of: what is known, what a packet says, what comes of both.
#pragma once

#include <stdbool.h>

#include "abi/connection.h"
#include "abi/fields.h"

/// What a packet says. Endpoint 0 is "low", 1 is "high".
struct connection_event {
    __u32 seq, ack;
    __u32 end;       ///< seq and what the segment takes of sequence space: payload, SYN, FIN
    __u8 tcp_flags;  ///< YETT_TCP_*
    __u8 from;       ///< which endpoint sent it
    bool leaves;     ///< egress
    bool own;        ///< made by this host, not forwarded
};

/// What is known of the connection; phase YETT_PHASE_NONE: nothing.
struct connection {
    __u8 phase;  ///< enum yett_connection_phase
    __u8 flags;  ///< YETT_CONNECTION_*
    __u32 seq[3];
};

enum connection_learn {
    CONNECTION_STAYS,    ///< nothing to write, not even the time
    CONNECTION_GOES_ON,  ///< `after` is what it is now
    CONNECTION_BEGINS,   ///< in place of whatever was known
};

struct connection_step {
    enum yett_state state;
    enum connection_learn learn;  ///< applies only when the packet passes
    bool proven;                  ///< the sender has been shown not to be forged
    struct connection after;
};

/// How far ahead of the last acknowledgment a segment may lie and still be taken for the other
/// side's: more than the largest receive window that Linux opens by itself (tcp_rmem, 6 MiB).
#define CONNECTION_WINDOW (1u << 24)
/// The same for a packet that proves its sender, with an acknowledgment as near: 2^-32 to a guess.
#define CONNECTION_PROOF_WINDOW (1u << 16)
/// More than a SYN carries of data (TCP Fast Open).
#define CONNECTION_SYN_DATA (1u << 14)

static inline bool seq_within(__u32 seq, __u32 first, __u32 width) {
    return seq - first < width;
}

/// The last acknowledgment that an endpoint sent. No index: the verifier refuses those into a
/// stack.
static inline __u32 acked_by(const struct connection* known, bool high) {
    return high ? known->seq[1] : known->seq[0];
}

static inline void set_acked(struct connection* known, bool high, __u32 ack) {
    known->seq[0] = high ? known->seq[0] : ack;
    known->seq[1] = high ? ack : known->seq[1];
}

static inline bool sent_by_beginner(const struct connection* known,
                                    const struct connection_event* event) {
    return event->from == (known->flags & YETT_CONNECTION_HIGH_BEGAN ? 1 : 0);
}

static inline struct connection_step step_of(enum yett_state state) {
    struct connection_step step = {};
    step.state = state;
    step.learn = CONNECTION_STAYS;
    return step;
}

static inline struct connection_step step_on(enum yett_state state,
                                             const struct connection* known) {
    struct connection_step step = step_of(state);
    step.learn = CONNECTION_GOES_ON;
    step.after = *known;
    return step;
}

static inline struct connection_step step_begin(enum yett_connection_phase phase, __u8 beginner) {
    struct connection_step step = step_of(YETT_STATE_NEW);
    step.learn = CONNECTION_BEGINS;
    step.after.phase = phase;
    step.after.flags = beginner ? YETT_CONNECTION_HIGH_BEGAN : 0;
    return step;
}
