// SPDX-License-Identifier: GPL-2.0-or-later
// The step between the parsers and the rules, where a ruleset asks for the field STATE; and what
// is learned of a packet that passes.
#pragma once

#include "state/machine.h"
#include "state/related.h"
#include "state/socket.h"
#include "state/table.h"

static __always_inline void packet_key(const struct yett_packet* packet,
                                       struct connection_key* key) {
    struct connection_ports ports = {};
    key->proto = packet->proto;
    key->family = packet->family;
    key->inner = packet->depth ? YETT_CONNECTION_INNER : 0;
    if (packet->known & YETT_FIELD_BIT(SPORT)) {
        ports.sport = packet->sport;
        ports.dport = packet->dport;
    } else if (packet->known & YETT_FIELD_BIT(ICMP_TYPE)) {
        ports = query_ports(packet->family, packet->icmp_type, packet->echo_id);
    }
    fill_key(key, &packet->src, ports.sport, &packet->dst, ports.dport);
}

static __always_inline struct connection_step step_of_protocol(
    const struct yett_packet* packet, const struct connection* known,
    const struct connection_event* event) {
    struct connection_step step;
    if (packet->proto == PROTO_TCP) return tcp_step(known, event);
    if (packet->proto == PROTO_UDP) return datagram_step(known, event, YETT_PHASE_UDP_SENT);
    if (!(packet->known & YETT_FIELD_BIT(ICMP_TYPE)))
        return datagram_step(known, event, YETT_PHASE_OTHER_SENT);
    step = datagram_step(known, event, YETT_PHASE_ECHO_SENT);
    if (is_query_reply(packet->family, packet->icmp_type) && step.learn == CONNECTION_BEGINS)
        return step_of(YETT_STATE_INVALID);
    return step;
}

/// What the packet becomes if it passes, for learn_connection().
static __always_inline void keep_step(struct yett_packet* packet,
                                      const struct connection_step* step) {
    packet->state = step->state;
    packet->proven = step->proven;
    packet->learn = step->learn;
    packet->connection_phase = step->after.phase;
    packet->connection_flags = step->after.flags;
    packet->connection_seq[0] = step->after.seq[0];
    packet->connection_seq[1] = step->after.seq[1];
    packet->connection_seq[2] = step->after.seq[2];
}

/// Where the packet's connection stands in the table, or would; and what is known of it, when it is
/// there and not over. Leaves packet->connection_word 0 when it is not there.
static __always_inline bool locate(struct yett_packet* packet, const struct connection_key* key,
                                   struct connection* known) {
    const struct yett_connection_config* config = connection_config();
    const struct yett_ruleset* ruleset = ruleset_of(packet);
    const struct yett_seed* seed = hash_seed();
    struct connection_found found = {};
    if (!config || !ruleset || !seed) return false;
    packet->connection_place = place_of(config, key, connection_hash(seed, key));
    packet->connection_way = key->family == YETT_FAMILY_IPV4
                                 ? find4(packet->connection_place, key, &found)
                                 : find6(packet->connection_place, key, &found);
    packet->connection_now = connection_now();
    packet->connection_word = packet->connection_way < YETT_CONNECTION_WAYS ? found.word : 0;
    if (word_phase(packet->connection_word) >= YETT_PHASE_COUNT ||
        word_is_over(ruleset, packet->connection_word, packet->connection_now))
        return true;
    known->phase = word_phase(found.word);
    known->flags = word_flags(found.word);
    known->seq[0] = found.seq[0];
    known->seq[1] = found.seq[1];
    known->seq[2] = found.seq[2];
    return true;
}

/// The entry already says what the packet would make of it, and its time is fresh enough: most
/// packets write nothing.
static __always_inline bool teaches_nothing(const struct yett_packet* packet,
                                            const struct connection* known,
                                            const struct connection_step* step) {
    return step->learn == CONNECTION_GOES_ON && step->after.phase == known->phase &&
           step->after.flags == known->flags && step->after.seq[0] == known->seq[0] &&
           step->after.seq[1] == known->seq[1] && step->after.seq[2] == known->seq[2] &&
           packet->connection_now - word_seen(packet->connection_word) < YETT_CONNECTION_LAZY;
}

/// True: a TCP segment that fits no connection of which both sides have been heard.
static __always_inline bool look_up_connection(struct yett_packet* packet, bool own) {
    struct connection_key key;
    struct connection known = {};
    struct connection_event event = {.seq = packet->tcp_seq};
    struct connection_step step;
    packet_key(packet, &key);
    event.ack = packet->tcp_ack;
    event.end = packet->tcp_end;
    event.tcp_flags = packet->tcp_flags;
    event.from = key.from;
    event.leaves = packet->direction == YETT_EGRESS;
    event.own = own;
    if (!locate(packet, &key, &known)) return false;
    step = step_of_protocol(packet, &known, &event);
    if (teaches_nothing(packet, &known, &step)) step.learn = CONNECTION_STAYS;
    keep_step(packet, &step);
    return packet->proto == PROTO_TCP && step.state == YETT_STATE_INVALID &&
           known.phase != YETT_PHASE_TCP_OPEN && known.phase != YETT_PHASE_TCP_CLOSING;
}

/// A connection that the table does not know (it is older, or had to go) and the host does.
static __always_inline void adopt_connection(yett_ctx* ctx, struct yett_packet* packet) {
    struct connection_key key;
    struct connection_event event = {.seq = packet->tcp_seq, .ack = packet->tcp_ack};
    struct connection_step step;
    if (packet->direction != YETT_INGRESS || packet->depth ||
        (packet->tcp_flags & (YETT_TCP_SYN | YETT_TCP_ACK)) != YETT_TCP_ACK)
        return;
    if (!host_has_socket(ctx, packet)) return;
    packet_key(packet, &key);
    event.from = key.from;
    step = tcp_adopt(&event);
    keep_step(packet, &step);
}

/// ICMP that neither asks nor answers (neighbour discovery, groups, redirects) has no connection.
static __always_inline bool has_connection(yett_ctx* ctx, struct yett_packet* packet) {
    struct icmp_header icmp;
    if (!(packet->known & YETT_FIELD_BIT(ICMP_TYPE))) return true;
    if (!is_query(packet->family, packet->icmp_type) &&
        !is_query_reply(packet->family, packet->icmp_type))
        return false;
    if (!packet_read(ctx, packet, &icmp, sizeof(icmp))) return false;
    packet->echo_id = bpf_ntohl(icmp.rest) >> 16;
    return true;
}

/// An ICMP error, which speaks of the connection of others.
static __always_inline bool packet_is_error(const struct yett_packet* packet) {
    return packet->known & YETT_FIELD_BIT(ICMP_TYPE) &&
           is_icmp_error(packet->family, packet->icmp_type);
}

static __always_inline void begin_state(struct yett_packet* packet, enum yett_state state) {
    packet->state = packet->pretended_state ? packet->pretended_state - 1 : state;
    packet->proven = false;
    packet->learn = CONNECTION_STAYS;
    packet_knows(packet, YETT_FIELD_BIT(STATE));
}

/// Of an ICMP error: whether it is about a connection. An error that says how large packets may be
/// is never lost (RFC 4890 4.3.1), where nothing of what it quotes speaks against it: what is not
/// quoted far enough was sent by whom it goes to, and the host asks once more.
static __noinline int find_error_state(yett_ctx* ctx, struct yett_packet* packet) {
    struct connection_key key;
    struct connection known = {};
    struct quoted_packet quoted;
    enum quoted_kind kind;
    if (!packet) return 0;
    begin_state(packet, YETT_STATE_INVALID);
    if (packet->pretended_state) return 0;
    kind = read_quoted(ctx, packet, &key, &quoted);
    if (kind == QUOTED_IN_PART && is_too_big(packet)) packet->state = YETT_STATE_RELATED;
    if (kind != QUOTED_WHOLE) return 0;
    if (!locate(packet, &key, &known) || known.phase == YETT_PHASE_NONE) return 0;
    if (error_fits(&known, key.from, key.proto == PROTO_TCP, quoted.seq))
        packet->state = YETT_STATE_RELATED;
    return 0;
}

static __noinline int find_state(yett_ctx* ctx, struct yett_packet* packet) {
    if (!packet) return 0;
    begin_state(packet, YETT_STATE_NEW);
    if (!packet->pretended_state && has_connection(ctx, packet) &&
        look_up_connection(packet, packet->direction == YETT_EGRESS && frame_is_own(ctx)))
        adopt_connection(ctx, packet);
    return 0;
}

/// An entry in place: the exchange decides between CPUs, and who loses leaves it to the other.
static __always_inline void change_connection(struct yett_packet* packet, __u64 word) {
    struct yett_connection* entry =
        way_of(packet->family, packet->connection_place, packet->connection_way);
    __u64 old = packet->connection_word;
    if (!entry || *(volatile __u64*)&entry->word != old) return;
    if (entry->seq[0] != packet->connection_seq[0]) entry->seq[0] = packet->connection_seq[0];
    if (entry->seq[1] != packet->connection_seq[1]) entry->seq[1] = packet->connection_seq[1];
    if (entry->seq[2] != packet->connection_seq[2]) entry->seq[2] = packet->connection_seq[2];
    if ((__u32)word != (__u32)old || word_seen(word) - word_seen(old) >= YETT_CONNECTION_LAZY)
        __sync_val_compare_and_swap(&entry->word, old, word);
}

static __noinline int make_connection(struct yett_packet* packet, __u64 word) {
    const struct yett_ruleset* ruleset;
    struct connection_key key;
    struct yett_connection* entry;
    __u32 now = word >> 32;
    __u64 old = 0;
    __u32 way;
    bool done = false;
    if (!packet) return 0;
    ruleset = ruleset_of(packet);
    if (!ruleset) return 0;
    packet_key(packet, &key);
    way = cheapest_way(ruleset, packet->family, packet->connection_place, now, &old);
    entry =
        way < YETT_CONNECTION_WAYS ? way_of(packet->family, packet->connection_place, way) : NULL;
    if (entry && __sync_val_compare_and_swap(&entry->word, old, YETT_PHASE_BUSY) == old) {
        if (packet->family == YETT_FAMILY_IPV4)
            write_key4(packet->connection_place, way, &key);
        else
            write_key6(packet->connection_place, way, &key);
        entry->seq[0] = packet->connection_seq[0];
        entry->seq[1] = packet->connection_seq[1];
        entry->seq[2] = packet->connection_seq[2];
        __sync_lock_test_and_set(&entry->word, word | (__u64)(__u8)(word_owner(old) + 1) << 24);
        done = true;
    }
    count_made(ruleset, old, now, done);
    return 0;
}

/// Called for every packet that passes. What did not pass has taught nobody anything.
static __noinline int learn_connection(struct yett_packet* packet) {
    __u64 word;
    if (!packet) return 0;
    word = word_of(packet->connection_phase, packet->proto,
                   packet->connection_flags | (packet->depth ? YETT_CONNECTION_INNER : 0),
                   word_owner(packet->connection_word), packet->connection_now);
    if (packet->connection_word)
        change_connection(packet, word);
    else if (packet->learn == CONNECTION_BEGINS)
        make_connection(packet, word);
    return 0;
}
