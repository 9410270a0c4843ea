// SPDX-License-Identifier: GPL-2.0-or-later
// The one exit of the data plane: every verdict becomes a counter, a trace result and an action
// here.
#pragma once

#include "abi/observe.h"
#include "abi/reasons.h"
#include "hook.h"
#include "maps.h"
#include "parse/packet.h"

static __always_inline void counter_add(struct yett_counter* counter,
                                        const struct yett_packet* packet) {
    counter->packets += frames_of(packet);
    counter->bytes += packet->octets;
}

static __always_inline void count_rule(const struct yett_packet* packet, __u32 slot) {
    __u32 index = bpf_get_smp_processor_id() * YETT_MAX_COUNTERS + slot;
    struct yett_counter* counter;
    if (packet->trace_id || slot >= YETT_MAX_COUNTERS) return;
    counter = bpf_map_lookup_elem(&yett_rule_counters, &index);
    if (counter) counter_add(counter, packet);
}

static __always_inline void count_reason(const struct yett_packet* packet, enum yett_reason reason,
                                         enum yett_verdict verdict) {
    if (packet->trace_id) return;
    __u32 index = packet->direction * YETT_MAX_REASONS + reason;
    struct yett_reason_counters* counters = bpf_map_lookup_elem(&yett_reason_counters, &index);
    if (!counters) return;
    counter_add(verdict == YETT_PASS ? &counters->passed : &counters->dropped, packet);
}

static __always_inline struct yett_interface_counters* interface_counters(
    const struct yett_packet* packet) {
    __u32 index = packet->iface * YETT_DIRECTIONS + packet->direction;
    return bpf_map_lookup_elem(&yett_interface_counters, &index);
}

static __always_inline void count_seen(const struct yett_packet* packet,
                                       struct yett_interface_counters* counters) {
    if (counters && !packet->trace_id) counter_add(&counters->seen, packet);
}

/// A GSO frame turns out to be that much more on the wire than count_seen() could know, or less.
static __always_inline void count_seen_more(const struct yett_packet* packet, __u32 frames,
                                            __s32 octets) {
    if (packet->trace_id) return;
    struct yett_interface_counters* counters = interface_counters(packet);
    if (!counters) return;
    counters->seen.packets += frames;
    counters->seen.bytes += octets;
}

static __always_inline void count_verdict(const struct yett_packet* packet,
                                          struct yett_interface_counters* counters,
                                          enum yett_verdict verdict) {
    if (!counters) return;
    counter_add(verdict == YETT_PASS ? &counters->passed : &counters->dropped, packet);
}

static __noinline int write_trace(const struct yett_packet* packet, enum yett_verdict verdict,
                                  enum yett_reason reason) {
    __u32 zero = 0;
    struct yett_trace_result* result = bpf_map_lookup_elem(&yett_trace_result, &zero);
    if (!packet || !result) return 0;
    result->id = packet->trace_id;
    result->generation = packet->word / YETT_BANKS;
    result->src = packet->src;
    result->dst = packet->dst;
    result->known = packet->known;
    result->unknown = packet->unknown;
    result->rule = packet->rule;
    result->overruled = packet->overruled;
    result->verdict = verdict;
    result->reason = reason;
    result->compared = packet->compared;
    result->sport = packet->sport;
    result->dport = packet->dport;
    result->len = packet->len;
    result->vlan = packet->vlan;
    result->ethertype = packet->ethertype;
    result->iface = packet->iface;
    result->proto = packet->proto;
    result->ttl = packet->ttl;
    result->dscp = packet->dscp;
    result->icmp_type = packet->icmp_type;
    result->icmp_code = packet->icmp_code;
    result->fragment = packet->fragment;
    result->tcp_flags = packet->tcp_flags;
    result->state = packet->state;
    result->family = packet->family;
    result->direction = packet->direction;
    return 0;
}

/// Ends the judgement, for whoever has looked up interface_counters(). `reason` is counted for
/// every packet that no rule decided.
static __always_inline int leave_by(struct yett_packet* packet,
                                    struct yett_interface_counters* counters,
                                    enum yett_verdict verdict, enum yett_reason reason) {
    if (packet->trace_id) {
        write_trace(packet, verdict, reason);
        return hook_action(verdict);
    }
    if (reason != YETT_REASON_RULE) count_reason(packet, reason, verdict);
    count_verdict(packet, counters, verdict);
    return hook_action(verdict);
}

static __always_inline int leave(struct yett_packet* packet, enum yett_verdict verdict,
                                 enum yett_reason reason) {
    return leave_by(packet, interface_counters(packet), verdict, reason);
}

/// What the parsers call when a frame must not go on.
static __always_inline int refuse(struct yett_packet* packet, enum yett_reason reason) {
    packet->rule = YETT_NO_RULE;
    return leave(packet, YETT_DROP, reason);
}

/// True: the ruleset's "exceptions" let the rules judge a packet with this reason. Counted as
/// passed.
static __always_inline bool excepted(struct yett_packet* packet, enum yett_reason reason) {
    const struct yett_ruleset* ruleset = ruleset_of(packet);
    if (!ruleset || !(ruleset->exceptions_pass >> reason & 1)) return false;
    count_reason(packet, reason, YETT_PASS);
    return true;
}

/// The first of the packet's suspicions that the ruleset does not except; YETT_REASON_RULE: none.
/// Those that it excepts are counted as passed.
static __noinline int standing_suspicion(struct yett_packet* packet, __u64 exceptions_pass) {
    if (!packet) return YETT_REASON_INTERNAL;
    for (__u32 reason = 0; reason < YETT_REASON_COUNT; reason++) {
        if (!(packet->suspects >> reason & 1)) continue;
        if (!(exceptions_pass >> reason & 1)) return reason;
        count_reason(packet, reason, YETT_PASS);
    }
    return YETT_REASON_RULE;
}
