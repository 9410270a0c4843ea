// SPDX-License-Identifier: GPL-2.0-or-later
// What a packet is to a connection, and what the connection becomes if the packet passes. Pure: no
// map, no clock, no packet memory; valid C and C++, so that tests run it as it is.
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
    CONNECTION_ENDS,     ///< forget it
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

static inline struct connection_step step_end(void) {
    struct connection_step step = step_of(YETT_STATE_ESTABLISHED);
    step.learn = CONNECTION_ENDS;
    return step;
}

static inline struct connection_step step_begin(enum yett_connection_phase phase, __u8 beginner) {
    struct connection_step step = step_of(YETT_STATE_NEW);
    step.learn = CONNECTION_BEGINS;
    step.after.phase = phase;
    step.after.flags = beginner ? YETT_CONNECTION_HIGH_BEGAN : 0;
    return step;
}

static inline struct connection_step tcp_syn(const struct connection_event* event) {
    struct connection_step step = step_begin(YETT_PHASE_TCP_SYN_SENT, event->from);
    step.after.seq[0] = event->seq + 1;
    step.after.seq[1] = event->end;
    return step;
}

/// A connection of before the table, seen on its way out. From outside nothing is picked up: a
/// packet without an entry is no answer to anything.
static inline struct connection_step tcp_pick_up(const struct connection_event* event) {
    struct connection_step step;
    if (!event->leaves || event->tcp_flags & YETT_TCP_RST || !(event->tcp_flags & YETT_TCP_ACK))
        return step_of(YETT_STATE_INVALID);
    if (event->tcp_flags & YETT_TCP_SYN) {
        step = step_begin(YETT_PHASE_TCP_SYN_RECEIVED, !event->from);
        step.after.seq[0] = event->seq + 1;
        step.after.seq[1] = event->end;
        step.after.seq[2] = event->ack;
        return step;
    }
    step = step_begin(YETT_PHASE_TCP_PICKED_UP, event->from);
    set_acked(&step.after, event->from, event->ack);
    return step;
}

/// The same for a segment from outside that one of this host's own sockets is waiting for. What it
/// says of sequence numbers is its sender's word, so that a reset is judged by the host alone.
static inline struct connection_step tcp_adopt(const struct connection_event* event) {
    struct connection_step step = step_begin(YETT_PHASE_TCP_OPEN, !event->from);
    step.state = YETT_STATE_ESTABLISHED;
    set_acked(&step.after, event->from, event->ack);
    set_acked(&step.after, !event->from, event->seq);
    return step;
}

/// Only SYN+ACK that acknowledges this very SYN confirms it (never a bare ACK, a SYN of the other
/// side, or a guess), and only a reset that does so refuses it.
static inline struct connection_step tcp_syn_sent(const struct connection* known,
                                                  const struct connection_event* event) {
    __u8 kind = event->tcp_flags & (YETT_TCP_SYN | YETT_TCP_ACK | YETT_TCP_RST);
    struct connection_step step;
    if (sent_by_beginner(known, event))
        return kind == YETT_TCP_SYN ? tcp_syn(event) : tcp_pick_up(event);
    if (!(kind & YETT_TCP_ACK) ||
        !seq_within(event->ack, known->seq[0], known->seq[1] - known->seq[0] + 1))
        return step_of(YETT_STATE_INVALID);
    if (kind & YETT_TCP_RST) return step_end();
    if (!(kind & YETT_TCP_SYN)) return step_of(YETT_STATE_INVALID);
    step = step_on(YETT_STATE_ESTABLISHED, known);
    step.after.phase = YETT_PHASE_TCP_SYN_RECEIVED;
    step.after.seq[0] = event->seq + 1;
    step.after.seq[1] = event->end;
    step.after.seq[2] = event->ack;
    return step;
}

/// The third packet. Who could not read the SYN+ACK cannot acknowledge it.
static inline struct connection_step tcp_third(const struct connection* known,
                                               const struct connection_event* event) {
    struct connection_step step;
    if (event->tcp_flags & YETT_TCP_RST)
        return event->seq == known->seq[2] ? step_end() : step_of(YETT_STATE_INVALID);
    if (!(event->tcp_flags & YETT_TCP_ACK)) return step_of(YETT_STATE_NEW);  // the SYN again
    if (event->tcp_flags & YETT_TCP_SYN ||
        !seq_within(event->ack, known->seq[0], known->seq[1] - known->seq[0] + 1))
        return step_of(YETT_STATE_INVALID);
    step = step_on(YETT_STATE_ESTABLISHED, known);
    step.after.phase = YETT_PHASE_TCP_OPEN;
    step.after.flags |= YETT_CONNECTION_PROVEN;
    set_acked(&step.after, event->from, event->ack);
    set_acked(&step.after, !event->from, known->seq[2]);
    step.proven = true;
    return step;
}

/// The side that sent SYN+ACK again: SYN+ACK once more, data ahead of the third packet (TCP Fast
/// Open, RFC 7413), or a reset.
static inline struct connection_step tcp_before_third(const struct connection* known,
                                                      const struct connection_event* event) {
    struct connection_step step;
    bool follows = seq_within(event->seq, known->seq[0] - 1, known->seq[1] - known->seq[0] + 2);
    if (!follows || (!(event->tcp_flags & YETT_TCP_ACK) && !(event->tcp_flags & YETT_TCP_RST)))
        return step_of(YETT_STATE_INVALID);
    if (event->tcp_flags & YETT_TCP_RST) return step_end();
    step = step_on(YETT_STATE_ESTABLISHED, known);
    if (event->end - known->seq[0] < CONNECTION_PROOF_WINDOW &&
        event->end - known->seq[0] > known->seq[1] - known->seq[0])
        step.after.seq[1] = event->end;
    return step;
}

/// A reset is taken for one where the other side's window may lie, and ends the connection only
/// where RFC 5961 3.2 lets it, exactly there; what this host itself sends is no guess.
static inline struct connection_step tcp_reset(const struct connection* known,
                                               const struct connection_event* event) {
    __u32 expected = acked_by(known, !event->from);
    if (event->own || event->seq == expected) return step_end();
    return step_of(seq_within(event->seq, expected, CONNECTION_WINDOW) ? YETT_STATE_ESTABLISHED
                                                                       : YETT_STATE_INVALID);
}

static inline bool proves_sender(const struct connection* known,
                                 const struct connection_event* event) {
    return known->flags & YETT_CONNECTION_PROVEN &&
           seq_within(event->seq, acked_by(known, !event->from), CONNECTION_PROOF_WINDOW) &&
           event->ack - acked_by(known, event->from) + CONNECTION_PROOF_WINDOW / 2 <
               CONNECTION_PROOF_WINDOW;
}

/// FIN counts where it is plausible. After both the time is short; each packet renews it.
static inline void tcp_fin(const struct connection* known, const struct connection_event* event,
                           struct connection* after) {
    const __u8 both = YETT_CONNECTION_LOW_FIN | YETT_CONNECTION_HIGH_FIN;
    if (!(event->tcp_flags & YETT_TCP_FIN)) return;
    if (!event->own && !seq_within(event->seq, acked_by(known, !event->from), CONNECTION_WINDOW))
        return;
    after->flags |= event->from ? YETT_CONNECTION_HIGH_FIN : YETT_CONNECTION_LOW_FIN;
    if ((after->flags & both) == both) after->phase = YETT_PHASE_TCP_CLOSING;
}

static inline struct connection_step tcp_open(const struct connection* known,
                                              const struct connection_event* event) {
    struct connection_step step;
    bool begins = sent_by_beginner(known, event);
    if (event->tcp_flags & YETT_TCP_SYN) {
        if (event->tcp_flags & YETT_TCP_ACK)
            return begins ? step_of(YETT_STATE_INVALID) : step_on(YETT_STATE_ESTABLISHED, known);
        return known->phase == YETT_PHASE_TCP_CLOSING ? tcp_syn(event) : step_of(YETT_STATE_NEW);
    }
    if (event->tcp_flags & YETT_TCP_RST) return tcp_reset(known, event);
    if (!(event->tcp_flags & YETT_TCP_ACK)) return step_of(YETT_STATE_INVALID);
    step = step_on(YETT_STATE_ESTABLISHED, known);
    step.proven = proves_sender(known, event);
    set_acked(&step.after, event->from, event->ack);
    tcp_fin(known, event, &step.after);
    return step;
}

/// The other side has to speak near what this side acknowledged before it is believed.
static inline struct connection_step tcp_picked_up(const struct connection* known,
                                                   const struct connection_event* event) {
    struct connection_step step;
    __u32 expected = acked_by(known, !event->from);
    if (sent_by_beginner(known, event)) {
        if (event->tcp_flags & YETT_TCP_RST)
            return event->own ? step_end() : step_of(YETT_STATE_INVALID);
        return event->tcp_flags & YETT_TCP_ACK ? tcp_pick_up(event) : tcp_syn(event);
    }
    if (event->tcp_flags & YETT_TCP_RST) return tcp_reset(known, event);
    if (event->tcp_flags & YETT_TCP_SYN)
        return step_of(event->tcp_flags & YETT_TCP_ACK ? YETT_STATE_INVALID : YETT_STATE_NEW);
    if (!(event->tcp_flags & YETT_TCP_ACK) ||
        !seq_within(event->seq, expected - CONNECTION_WINDOW / 2, CONNECTION_WINDOW))
        return step_of(YETT_STATE_INVALID);
    step = step_on(YETT_STATE_ESTABLISHED, known);
    step.after.phase = YETT_PHASE_TCP_OPEN;
    set_acked(&step.after, event->from, event->ack);
    return step;
}

/// Two of opening, closing and resetting at once: no segment of any connection.
static inline bool tcp_contradicts(__u8 flags) {
    __u8 ends = flags & (YETT_TCP_SYN | YETT_TCP_FIN | YETT_TCP_RST);
    return ends & (ends - 1);
}

static inline struct connection_step tcp_step(const struct connection* known,
                                              const struct connection_event* event) {
    if (tcp_contradicts(event->tcp_flags)) return step_of(YETT_STATE_INVALID);
    switch (known->phase) {
        case YETT_PHASE_TCP_SYN_SENT:
            return tcp_syn_sent(known, event);
        case YETT_PHASE_TCP_SYN_RECEIVED:
            return sent_by_beginner(known, event) ? tcp_third(known, event)
                                                  : tcp_before_third(known, event);
        case YETT_PHASE_TCP_OPEN:
        case YETT_PHASE_TCP_CLOSING:
            return tcp_open(known, event);
        case YETT_PHASE_TCP_PICKED_UP:
            return tcp_picked_up(known, event);
        default:
            return (event->tcp_flags & (YETT_TCP_SYN | YETT_TCP_ACK | YETT_TCP_RST)) == YETT_TCP_SYN
                       ? tcp_syn(event)
                       : tcp_pick_up(event);
    }
}

/// Protocols without connections: whoever is spoken to may answer. `sent` is their phase before
/// the first answer, and sent + 1 the one after.
static inline struct connection_step datagram_step(const struct connection* known,
                                                   const struct connection_event* event,
                                                   enum yett_connection_phase sent) {
    struct connection_step step;
    if (known->phase != sent && known->phase != sent + 1) return step_begin(sent, event->from);
    if (sent_by_beginner(known, event))
        return step_on(known->phase == sent ? YETT_STATE_NEW : YETT_STATE_ESTABLISHED, known);
    step = step_on(YETT_STATE_ESTABLISHED, known);
    step.after.phase = sent + 1;
    if (known->phase == sent && !event->leaves) step.after.flags |= YETT_CONNECTION_PROVEN;
    return step;
}

/// True: an ICMP error that embeds this packet may be about the connection. Only the sender of a
/// packet that went through here hears of its fate, and TCP's sequence number must be one that it
/// sent (RFC 5927 4.1).
static inline bool error_fits(const struct connection* known, __u8 from, bool tcp, __u32 seq) {
    bool beginner = from == (known->flags & YETT_CONNECTION_HIGH_BEGAN ? 1 : 0);
    if (!tcp)
        return beginner || known->phase == YETT_PHASE_UDP_ANSWERED ||
               known->phase == YETT_PHASE_ECHO_ANSWERED ||
               known->phase == YETT_PHASE_OTHER_ANSWERED;
    switch (known->phase) {
        case YETT_PHASE_TCP_SYN_SENT:
            return beginner && seq + 1 == known->seq[0];
        case YETT_PHASE_TCP_SYN_RECEIVED:
            return beginner ? seq_within(seq, known->seq[2] - 1, CONNECTION_PROOF_WINDOW)
                            : seq_within(seq, known->seq[0] - 1, CONNECTION_PROOF_WINDOW);
        case YETT_PHASE_TCP_OPEN:
        case YETT_PHASE_TCP_CLOSING:
            return seq_within(seq, acked_by(known, !from) - CONNECTION_WINDOW / 2,
                              CONNECTION_WINDOW);
        default:
            return false;
    }
}
