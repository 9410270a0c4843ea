// SPDX-License-Identifier: GPL-2.0-or-later
// What a packet is to a connection, and what the connection becomes if the packet passes. Pure: no
// map, no clock, no packet memory; valid C and C++, so that tests run it as it is.
#pragma once

#include "state/step.h"
#include "state/tcp.h"

/// Protocols without connections: whoever is spoken to may answer. `sent` is their phase before
/// the first answer, and sent + 1 the one after.
static inline struct connection_step datagram_step(const struct connection* known,
                                                   const struct connection_event* event,
                                                   enum yett_connection_phase sent) {
    struct connection_step step;
    if (known->phase != sent && known->phase != sent + 1) {
        step = step_begin(sent, event->from);
        if (!event->leaves) step.after.flags |= YETT_CONNECTION_CAME_IN;
        return step;
    }
    if (sent_by_beginner(known, event))
        return step_on(known->phase == sent ? YETT_STATE_NEW : YETT_STATE_ESTABLISHED, known);
    step = step_on(YETT_STATE_ESTABLISHED, known);
    step.after.phase = sent + 1;
    if (known->phase == sent && !event->leaves && !(known->flags & YETT_CONNECTION_CAME_IN))
        step.after.flags |= YETT_CONNECTION_PROVEN;
    return step;
}

/// A TCP segment with this sequence number may be on its way. Of a connection that was picked up
/// nothing is known to hold it against but who sends; its host asks once more.
static inline bool tcp_error_fits(const struct connection* known, __u8 from, bool beginner,
                                  __u32 seq) {
    bool another = known->flags & tcp_syn_flag(from) && seq + 1 == tcp_another_number(known);
    switch (known->phase) {
        case YETT_PHASE_TCP_SYN_SENT:
            return beginner && seq + 1 == known->seq[0];
        case YETT_PHASE_TCP_SYN_RECEIVED:
            return another || seq_within(seq, (beginner ? known->seq[2] : known->seq[0]) - 1,
                                         CONNECTION_PROOF_WINDOW);
        case YETT_PHASE_TCP_OPEN:
        case YETT_PHASE_TCP_CLOSING:
            return another || seq_within(seq, acked_by(known, !from) - CONNECTION_WINDOW / 2,
                                         CONNECTION_WINDOW);
        case YETT_PHASE_TCP_PICKED_UP:
            return beginner;
        default:
            return false;
    }
}

/// True: an ICMP error that embeds this packet may be about the connection. Only the sender of a
/// packet that went through here hears of its fate, and TCP's sequence number must be one that it
/// sent (RFC 5927 4.1).
static inline bool error_fits(const struct connection* known, __u8 from, bool tcp, __u32 seq) {
    bool beginner = from == (known->flags & YETT_CONNECTION_HIGH_BEGAN ? 1 : 0);
    if (tcp) return tcp_error_fits(known, from, beginner, seq);
    return beginner || known->phase == YETT_PHASE_UDP_ANSWERED ||
           known->phase == YETT_PHASE_ECHO_ANSWERED || known->phase == YETT_PHASE_OTHER_ANSWERED;
}
