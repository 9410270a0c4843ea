// SPDX-License-Identifier: GPL-2.0-or-later
// TCP's part of the machine: RFC 9293 with the challenge ACKs of RFC 5961. The same packet twice in
// a row (a host with two gates on its way) is the same, and leaves what one leaves.
#pragma once

#include "state/step.h"

static inline __u8 tcp_kind(const struct connection_event* event) {
    return event->tcp_flags & (YETT_TCP_SYN | YETT_TCP_ACK | YETT_TCP_RST);
}

/// A segment that acknowledges: data, FIN, or nothing more; no SYN and no reset.
static inline bool tcp_goes_on(const struct connection_event* event) {
    return tcp_kind(event) == YETT_TCP_ACK;
}

static inline bool tcp_answers(const struct connection_event* event) {
    return tcp_kind(event) == (YETT_TCP_SYN | YETT_TCP_ACK);
}

static inline struct connection_step tcp_syn(const struct connection_event* event) {
    struct connection_step step = step_begin(YETT_PHASE_TCP_SYN_SENT, event->from);
    step.after.seq[0] = event->seq + 1;
    step.after.seq[1] = event->end;
    return step;
}

/// A SYN+ACK that acknowledges a SYN of the other side.
static inline struct connection_step tcp_answer(const struct connection_event* event,
                                                enum yett_state state) {
    struct connection_step step = step_begin(YETT_PHASE_TCP_SYN_RECEIVED, !event->from);
    step.state = state;
    step.after.seq[0] = event->seq + 1;
    step.after.seq[1] = event->end;
    step.after.seq[2] = event->ack;
    return step;
}

/// A reset that ends the connection. It is remembered for some seconds: a host may show the same
/// packet again at its next gate, and what was on its way still arrives.
static inline struct connection_step tcp_close(const struct connection* known) {
    struct connection_step step = step_on(YETT_STATE_ESTABLISHED, known);
    step.after.phase = YETT_PHASE_TCP_CLOSED;
    step.after.flags &= ~YETT_CONNECTION_PROVEN;
    return step;
}

static inline __u8 tcp_syn_flag(bool high) {
    return high ? YETT_CONNECTION_HIGH_SYN : YETT_CONNECTION_LOW_SYN;
}

#define TCP_SYN_FLAGS (YETT_CONNECTION_LOW_SYN | YETT_CONNECTION_HIGH_SYN)

/// A SYN into a connection that is known: who sent it has forgotten the connection, or is not who
/// he says. The other side decides, by SYN+ACK, by a reset, or by a challenge ACK; until then both
/// are remembered.
static inline struct connection_step tcp_another_syn(const struct connection* known,
                                                     const struct connection_event* event) {
    struct connection_step step = step_on(YETT_STATE_NEW, known);
    step.after.flags &= ~(TCP_SYN_FLAGS | YETT_CONNECTION_HEARD);
    step.after.flags |= tcp_syn_flag(event->from);
    if (known->phase == YETT_PHASE_TCP_SYN_RECEIVED)
        step.after.seq[1] = event->seq + 1;
    else
        step.after.seq[2] = event->seq + 1;
    return step;
}

/// What acknowledges it.
static inline __u32 tcp_another_number(const struct connection* known) {
    return known->phase == YETT_PHASE_TCP_SYN_RECEIVED ? known->seq[1] : known->seq[2];
}

/// Acknowledges the other side's SYN into this connection, and up to `room` octets with it.
static inline bool tcp_acks_another_syn(const struct connection* known,
                                        const struct connection_event* event, __u32 room) {
    return event->tcp_flags & YETT_TCP_ACK && known->flags & tcp_syn_flag(!event->from) &&
           event->ack - tcp_another_number(known) <= room;
}

/// A connection of before the table, seen on its way out. From outside nothing is picked up: a
/// packet without an entry is no answer to anything.
static inline struct connection_step tcp_pick_up(const struct connection_event* event) {
    struct connection_step step;
    if (!event->leaves || event->tcp_flags & YETT_TCP_RST || !(event->tcp_flags & YETT_TCP_ACK))
        return step_of(YETT_STATE_INVALID);
    if (event->tcp_flags & YETT_TCP_SYN) return tcp_answer(event, YETT_STATE_NEW);
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

/// The other side acknowledges, and so neither confirms nor refuses the SYN; the sender of the SYN
/// may answer with a reset.
static inline struct connection_step tcp_hear(const struct connection* known,
                                              const struct connection_event* event) {
    struct connection_step step = step_on(YETT_STATE_ESTABLISHED, known);
    step.after.flags &= ~TCP_SYN_FLAGS;
    step.after.flags |= YETT_CONNECTION_HEARD;
    step.after.seq[2] = event->ack;
    return step;
}

/// An ACK that fits nothing of the handshake, while the other side has begun another: whoever sends
/// it never knew that SYN, which now waits for its answer.
static inline struct connection_step tcp_waits_again(const struct connection* known,
                                                     const struct connection_event* event) {
    struct connection_step step = step_begin(YETT_PHASE_TCP_SYN_SENT, !event->from);
    step.after.seq[0] = tcp_another_number(known);
    step.after.seq[1] = step.after.seq[0];
    return tcp_hear(&step.after, event);
}

static inline bool tcp_another_waits(const struct connection* known,
                                     const struct connection_event* event) {
    return known->flags & tcp_syn_flag(!event->from);
}

/// The side that sent the SYN goes on: the SYN again, or the answer to what the other side said.
/// An ACK that is behind the SYN belongs to the connection before.
static inline struct connection_step tcp_syn_sender(const struct connection* known,
                                                    const struct connection_event* event) {
    bool heard = known->flags & YETT_CONNECTION_HEARD;
    struct connection_step step;
    if (tcp_kind(event) == YETT_TCP_SYN) {
        step = step_on(YETT_STATE_NEW, known);
        step.after.seq[0] = event->seq + 1;
        step.after.seq[1] = event->end;
        return step;
    }
    if (event->tcp_flags & YETT_TCP_RST) {
        if (tcp_acks_another_syn(known, event, 0)) return tcp_close(known);
        return step_of(event->own || (heard && event->seq == known->seq[2]) ? YETT_STATE_ESTABLISHED
                                                                            : YETT_STATE_INVALID);
    }
    if (tcp_answers(event) && tcp_acks_another_syn(known, event, CONNECTION_SYN_DATA))
        return tcp_answer(event, YETT_STATE_ESTABLISHED);
    if (tcp_goes_on(event) && tcp_another_waits(known, event)) return tcp_waits_again(known, event);
    if (tcp_goes_on(event) && !seq_within(event->seq, known->seq[0], CONNECTION_WINDOW))
        return step_of(YETT_STATE_INVALID);
    return tcp_pick_up(event);
}

/// Only SYN+ACK that acknowledges this very SYN confirms it, and only a reset that does so refuses
/// it. A bare ACK does neither: it says that the other side still has an older connection (RFC 9293
/// 3.5.1, RFC 5961 4.2), and the host answers with a reset. A SYN from the other side is one like
/// any: the rules decide whether both may open at once.
static inline struct connection_step tcp_syn_sent(const struct connection* known,
                                                  const struct connection_event* event) {
    __u8 kind = tcp_kind(event);
    if (sent_by_beginner(known, event)) return tcp_syn_sender(known, event);
    if (kind == YETT_TCP_SYN) return tcp_another_syn(known, event);
    if (kind == YETT_TCP_ACK) return tcp_hear(known, event);
    if (!(kind & YETT_TCP_ACK) ||
        !seq_within(event->ack, known->seq[0], known->seq[1] - known->seq[0] + 1))
        return step_of(YETT_STATE_INVALID);
    return kind & YETT_TCP_RST ? tcp_close(known) : tcp_answer(event, YETT_STATE_ESTABLISHED);
}

/// How far behind the least the acknowledgment of a SYN+ACK may lie.
static inline __u32 tcp_room(const struct connection* known) {
    return known->flags & (TCP_SYN_FLAGS | YETT_CONNECTION_HEARD) ? 0
                                                                  : known->seq[1] - known->seq[0];
}

/// The number of another SYN+ACK that answered the same SYN.
static inline bool tcp_is_of_the_second(const struct connection* known, __u32 number) {
    return known->flags & YETT_CONNECTION_HEARD && number == known->seq[1];
}

static inline struct connection_step tcp_opens(const struct connection* known,
                                               const struct connection_event* event) {
    struct connection_step step = step_on(YETT_STATE_ESTABLISHED, known);
    step.after.phase = YETT_PHASE_TCP_OPEN;
    step.after.flags &= ~(TCP_SYN_FLAGS | YETT_CONNECTION_HEARD);
    set_acked(&step.after, event->from, event->ack);
    set_acked(&step.after, !event->from, known->seq[2]);
    return step;
}

/// The third packet. Who could not read the SYN+ACK cannot acknowledge it. (Where both opened at
/// once it is a SYN+ACK.)
static inline struct connection_step tcp_third(const struct connection* known,
                                               const struct connection_event* event) {
    struct connection_step step;
    if (event->tcp_flags & YETT_TCP_RST)
        return event->seq == known->seq[2] || tcp_acks_another_syn(known, event, 0)
                   ? tcp_close(known)
                   : step_of(YETT_STATE_INVALID);
    if (tcp_kind(event) == YETT_TCP_SYN)
        return event->seq + 1 == known->seq[2] ? step_of(YETT_STATE_NEW)
                                               : tcp_another_syn(known, event);
    if (!(event->tcp_flags & YETT_TCP_ACK)) return step_of(YETT_STATE_INVALID);
    if (seq_within(event->ack, known->seq[0], tcp_room(known) + 1) ||
        tcp_is_of_the_second(known, event->ack)) {
        if (tcp_answers(event) && event->seq + 1 != known->seq[2])
            return tcp_answer(event, YETT_STATE_ESTABLISHED);
        step = tcp_opens(known, event);
        step.after.flags |= YETT_CONNECTION_PROVEN;
        step.proven = true;
        return step;
    }
    if (tcp_answers(event) && tcp_acks_another_syn(known, event, CONNECTION_SYN_DATA))
        return tcp_answer(event, YETT_STATE_ESTABLISHED);
    if (tcp_goes_on(event) && tcp_another_waits(known, event)) return tcp_waits_again(known, event);
    return step_of(YETT_STATE_INVALID);
}

/// SYN+ACK once more, of another connection: it has forgotten the first, or never kept it (SYN
/// cookies). Which of the two comes to whom they answer, the third packet says.
static inline struct connection_step tcp_second_answer(const struct connection* known,
                                                       const struct connection_event* event) {
    struct connection_step step = step_on(YETT_STATE_ESTABLISHED, known);
    if (event->ack != known->seq[2]) return tcp_answer(event, YETT_STATE_ESTABLISHED);
    step.after.flags &= ~TCP_SYN_FLAGS;
    step.after.flags |= YETT_CONNECTION_HEARD;
    step.after.seq[1] = event->seq + 1;
    return step;
}

/// The side that sent SYN+ACK again: the same once more, or another one, data ahead of the third
/// packet (TCP Fast Open, RFC 7413), a challenge ACK, a reset; or a SYN of its own.
static inline struct connection_step tcp_before_third(const struct connection* known,
                                                      const struct connection_event* event) {
    struct connection_step step;
    __u32 room = tcp_room(known);
    bool follows = seq_within(event->seq, known->seq[0] - 1, room + 2) ||
                   tcp_is_of_the_second(known, event->seq) ||
                   tcp_is_of_the_second(known, event->seq + 1);
    bool acks = event->tcp_flags & YETT_TCP_ACK &&
                (event->ack == known->seq[2] || tcp_acks_another_syn(known, event, 0));
    if (tcp_kind(event) == YETT_TCP_SYN) return tcp_another_syn(known, event);
    if (event->tcp_flags & YETT_TCP_RST)
        return follows || acks ? tcp_close(known) : step_of(YETT_STATE_INVALID);
    if (tcp_answers(event) && !follows && acks) return tcp_second_answer(known, event);
    if (tcp_goes_on(event) && tcp_another_waits(known, event) && !(follows && acks))
        return tcp_waits_again(known, event);
    if (!follows || !(event->tcp_flags & YETT_TCP_ACK)) return step_of(YETT_STATE_INVALID);
    step = step_on(YETT_STATE_ESTABLISHED, known);
    if (!(known->flags & (TCP_SYN_FLAGS | YETT_CONNECTION_HEARD)) &&
        event->end - known->seq[0] < CONNECTION_PROOF_WINDOW && event->end - known->seq[0] > room)
        step.after.seq[1] = event->end;
    return step;
}

/// A reset is taken for one where the other side's window may lie, and ends the connection only
/// where RFC 5961 3.2 lets it, exactly there; what this host itself sends is no guess.
static inline struct connection_step tcp_reset(const struct connection* known,
                                               const struct connection_event* event) {
    __u32 expected = acked_by(known, !event->from);
    if (event->own || event->seq == expected) return tcp_close(known);
    if (tcp_acks_another_syn(known, event, 0)) return tcp_close(known);
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

/// SYN+ACK begins the connection anew where it answers a SYN that was sent into it; else it is the
/// last one once more.
static inline struct connection_step tcp_answer_again(const struct connection* known,
                                                      const struct connection_event* event) {
    if (tcp_acks_another_syn(known, event, CONNECTION_SYN_DATA))
        return tcp_answer(event, YETT_STATE_ESTABLISHED);
    if (sent_by_beginner(known, event) && event->seq + 1 != acked_by(known, !event->from))
        return step_of(YETT_STATE_INVALID);
    return step_on(YETT_STATE_ESTABLISHED, known);
}

static inline struct connection_step tcp_open(const struct connection* known,
                                              const struct connection_event* event) {
    struct connection_step step;
    if (event->tcp_flags & YETT_TCP_RST) return tcp_reset(known, event);
    if (tcp_answers(event)) return tcp_answer_again(known, event);
    if (event->tcp_flags & YETT_TCP_SYN) return tcp_another_syn(known, event);
    if (!(event->tcp_flags & YETT_TCP_ACK)) return step_of(YETT_STATE_INVALID);
    step = step_on(YETT_STATE_ESTABLISHED, known);
    step.proven = proves_sender(known, event);
    set_acked(&step.after, event->from, event->ack);
    tcp_fin(known, event, &step.after);
    return step;
}

/// The side that was seen first goes on.
static inline struct connection_step tcp_picked_up_again(const struct connection* known,
                                                         const struct connection_event* event) {
    struct connection_step step;
    if (event->tcp_flags & YETT_TCP_RST)
        return event->own || tcp_acks_another_syn(known, event, 0) ? tcp_close(known)
                                                                   : step_of(YETT_STATE_NEW);
    if (tcp_kind(event) == YETT_TCP_SYN) return tcp_syn(event);
    if (tcp_answers(event) && tcp_acks_another_syn(known, event, CONNECTION_SYN_DATA))
        return tcp_answer(event, YETT_STATE_ESTABLISHED);
    if (!tcp_goes_on(event)) return tcp_pick_up(event);
    step = step_on(YETT_STATE_NEW, known);
    set_acked(&step.after, event->from, event->ack);
    return step;
}

/// The other side has to speak near what this side acknowledged before it is believed.
static inline struct connection_step tcp_picked_up(const struct connection* known,
                                                   const struct connection_event* event) {
    struct connection_step step;
    __u32 expected = acked_by(known, !event->from);
    if (sent_by_beginner(known, event)) return tcp_picked_up_again(known, event);
    if (event->tcp_flags & YETT_TCP_RST) return tcp_reset(known, event);
    if (tcp_kind(event) == YETT_TCP_SYN) return tcp_another_syn(known, event);
    if (!tcp_goes_on(event) ||
        !seq_within(event->seq, expected - CONNECTION_WINDOW / 2, CONNECTION_WINDOW))
        return step_of(YETT_STATE_INVALID);
    step = step_on(YETT_STATE_ESTABLISHED, known);
    step.after.phase = YETT_PHASE_TCP_OPEN;
    set_acked(&step.after, event->from, event->ack);
    return step;
}

/// After a reset. What is still on its way gets through and renews nothing; a SYN begins.
static inline struct connection_step tcp_closed(const struct connection_event* event) {
    __u8 kind = tcp_kind(event);
    if (kind == YETT_TCP_SYN) return tcp_syn(event);
    return step_of(kind ? YETT_STATE_ESTABLISHED : YETT_STATE_INVALID);
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
        case YETT_PHASE_TCP_CLOSED:
            return tcp_closed(event);
        default:
            return tcp_kind(event) == YETT_TCP_SYN ? tcp_syn(event) : tcp_pick_up(event);
    }
}
