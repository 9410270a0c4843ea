// SPDX-License-Identifier: GPL-2.0-or-later
// From the rule to the verdict: actions, automatic bans, and the policy where no rule matched.
#pragma once

#include "abi/ruleset.h"
#include "classify/classify.h"
#include "decide/ban.h"
#include "decide/limit.h"
#include "decide/own_address.h"
#include "decide/reverse_path.h"
#include "decide/this_host.h"
#include "maps.h"
#include "parse/enter.h"
#include "parse/fragments.h"
#include "record/record.h"
#include "state/state.h"

/// Tunnels over UDP are known by their port, and only where the ruleset inspects some: a number
/// alone says little.
static __always_inline void name_udp_tunnel(const struct yett_ruleset* ruleset,
                                            struct yett_packet* packet) {
    const __u32 needed = YETT_FIELD_BIT(PROTO) | YETT_FIELD_BIT(DPORT);
    __u32 tunnel = YETT_NO_TUNNEL;
    if ((packet->known & needed) != needed || packet->proto != PROTO_UDP) return;
    for (int i = 0; i < YETT_MAX_TUNNEL_PORTS; i++) {
        __u32 differs = ruleset->tunnel_ports[i].port ^ packet->dport;
        __u32 same = (differs - 1) >> 31;  // no branch: the verifier would walk every way
        barrier_var(same);
        tunnel ^= (tunnel ^ ruleset->tunnel_ports[i].tunnel) & -same;
    }
    packet->tunnel = tunnel;
}

/// What stands between a packet that a rule or the policy would let pass, and the host.
struct yett_pass {
    __u64 overrules;  ///< bit r: reason r is no objection
    __u32 inspects;   ///< bit enum yett_tunnel: what is inside is judged next
    bool beats_bans;
};

static __always_inline bool inspects(const struct yett_pass* pass,
                                     const struct yett_packet* packet) {
    return packet->tunnel < YETT_TUNNEL_COUNT && pass->inspects >> packet->tunnel & 1;
}

/// Why a packet that the rules or the policy would let pass is dropped all the same;
/// YETT_REASON_RULE: it is not. A tunnel in a tunnel stays closed.
static __always_inline enum yett_reason last_objection(yett_ctx* ctx, struct yett_packet* packet,
                                                       const struct yett_ruleset* ruleset,
                                                       const struct yett_pass* pass) {
    __u64 overrules = ruleset->exceptions_pass | pass->overrules;
    if (inspects(pass, packet)) {
        if (packet->depth) return YETT_REASON_TUNNEL;
        packet->suspects &= ~(1ull << YETT_REASON_TUNNEL);
    }
    if (packet->suspects) {
        enum yett_reason reason = standing_suspicion(packet, overrules);
        if (reason != YETT_REASON_RULE) return reason;
    }
    if (pretends_to_be_us(packet, overrules)) return YETT_REASON_OWN_ADDRESS;
    if (ruleset->flags & YETT_RULESET_BANS && !pass->beats_bans && !judged_by_ruleset(packet) &&
        is_banned(packet, ruleset))
        return YETT_REASON_BANNED;
    if (fails_reverse_path(ctx, packet, ruleset) && !(overrules >> YETT_REASON_REVERSE_PATH & 1))
        return YETT_REASON_REVERSE_PATH;
    return YETT_REASON_RULE;
}

/// The outer packet of an inspected tunnel may pass; the inner one is judged next, and counted.
static __always_inline int look_inside(yett_ctx* ctx, struct yett_packet* packet) {
    goto_stage(ctx, YETT_STAGE_INNER);
    return refuse(packet, YETT_REASON_TAIL_CALL);
}

/// The tunnel itself is a connection, which errors may be about. In the program of the inner
/// packet: this one is near its bound of verified instructions.
static __always_inline void learn_outer(struct yett_packet* packet) {
    if (packet->learn != CONNECTION_STAYS && !packet->trace_id) learn_connection(packet);
}

/// The last step of every packet that passes.
static __always_inline int let_pass(struct yett_packet* packet, const struct yett_ruleset* ruleset,
                                    enum yett_reason reason) {
    if (ruleset->flags & YETT_RULESET_TRACK_FRAGMENTS && packet->fragment == YETT_FRAGMENT_FIRST)
        track_datagram(packet);
    if (packet->learn != CONNECTION_STAYS && !packet->trace_id) learn_connection(packet);
    if (packet->in_fragment & YETT_FRAGMENT_TRACKED) reason = YETT_REASON_FRAG_TRACKED;
    return leave(packet, YETT_PASS, reason);
}

/// A packet that no rule wants falls for what is wrong with it, also where the policy would drop it
/// anyway: the reason says more.
static __always_inline int leave_by_policy(yett_ctx* ctx, struct yett_packet* packet,
                                           const struct yett_ruleset* ruleset) {
    __u32 direction = packet->direction == YETT_EGRESS ? YETT_EGRESS : YETT_INGRESS;
    bool drops = ruleset->policy[direction] != YETT_PASS;
    struct yett_pass pass = {.overrules = ruleset->policy_overrules[direction],
                             .inspects = ruleset->inspect,
                             .beats_bans = drops};
    enum yett_reason objection;
    if (direction == YETT_INGRESS) pass.inspects |= ruleset->policy_inspects;
    objection = last_objection(ctx, packet, ruleset, &pass);
    if (objection != YETT_REASON_RULE) return refuse(packet, objection);
    if (!drops && inspects(&pass, packet)) return look_inside(ctx, packet);
    count_rule(packet, ruleset->policy_counter[direction]);
    if (drops) return leave(packet, YETT_DROP, YETT_REASON_POLICY);
    return let_pass(packet, ruleset, YETT_REASON_POLICY);
}

static __always_inline int leave_over(struct yett_packet* packet,
                                      const struct yett_ruleset* ruleset,
                                      const struct yett_limit* limit) {
    if (limit->flags & YETT_LIMIT_OVER_BANS)
        ban_source(packet, ruleset, limit->counter, limit->ban_seconds,
                   limit->flags & YETT_LIMIT_SPOOFABLE);
    count_rule(packet, limit->over_counter);
    return leave(packet, YETT_DROP, YETT_REASON_LIMIT);
}

/// A traced packet is judged as one within the limit: what it says does not hang on the traffic of
/// the moment.
static __always_inline int leave_by_limit(struct yett_packet* packet,
                                          const struct yett_ruleset* ruleset,
                                          const struct yett_action* action) {
    const struct yett_limit* limit = limit_of(packet, action->limit - 1);
    if (!limit) return refuse(packet, YETT_REASON_INTERNAL);
    if (!packet->trace_id && !limit_allows(packet, limit))
        return leave_over(packet, ruleset, limit);
    count_rule(packet, action->counter);
    return let_pass(packet, ruleset, YETT_REASON_RULE);
}

/// Bans are asked only where the packet would pass, so a flood that rules drop anyway does not pay
/// for them.
static __always_inline int leave_by_rule(yett_ctx* ctx, struct yett_packet* packet,
                                         const struct yett_ruleset* ruleset,
                                         const struct yett_action* action) {
    bool passes = action->kind == YETT_ACTION_PASS;
    if (action->flags & YETT_ACTION_FOR_THIS_HOST && !is_for_this_host(ctx, packet)) {
        packet->rule = YETT_NO_RULE;
        return leave_by_policy(ctx, packet, ruleset);
    }
    if (passes) {
        struct yett_pass pass = {.overrules = (__u64)action->overrules << YETT_FIRST_EXCEPTION,
                                 .inspects = ruleset->inspect,
                                 .beats_bans = action->flags & YETT_ACTION_BEATS_BAN};
        enum yett_reason objection = last_objection(ctx, packet, ruleset, &pass);
        packet->overruled = packet->rule;
        if (objection != YETT_REASON_RULE) return refuse(packet, objection);
        packet->overruled = YETT_NO_RULE;
        if (inspects(&pass, packet)) return look_inside(ctx, packet);
    }
    if (passes && action->limit) return leave_by_limit(packet, ruleset, action);
    if (action->kind == YETT_ACTION_BAN)
        ban_source(packet, ruleset, action->counter, action->ban_seconds,
                   action->flags & YETT_ACTION_SPOOFABLE);
    count_rule(packet, action->counter);
    if (passes) return let_pass(packet, ruleset, YETT_REASON_RULE);
    leave(packet, YETT_DROP, YETT_REASON_RULE);
    if (action->kind == YETT_ACTION_REJECT && !packet->trace_id) goto_stage(ctx, YETT_STAGE_REJECT);
    return hook_action(YETT_DROP);
}

static __always_inline int stage_decide(yett_ctx* ctx, struct yett_packet* packet) {
    const struct yett_ruleset* ruleset = ruleset_of(packet);
    const struct yett_action* action;
    if (!ruleset) return refuse(packet, YETT_REASON_INTERNAL);
    // Read apart: a value that is known not to be 0 would make the verifier walk all that follows
    // twice.
    if (*(const volatile __u32*)&ruleset->inspect) name_udp_tunnel(ruleset, packet);
    if (packet->rule == YETT_NO_RULE) return leave_by_policy(ctx, packet, ruleset);
    action = action_of(packet, packet->rule);
    if (!action) return refuse(packet, YETT_REASON_INTERNAL);
    return leave_by_rule(ctx, packet, ruleset, action);
}

/// A rule that drops and does nothing else needs no second thought, and its action is not looked
/// up.
static __always_inline int judge(yett_ctx* ctx, struct yett_packet* packet,
                                 const struct yett_ruleset* ruleset, enum yett_packet_class class,
                                 struct yett_interface_counters* counters) {
    forget_memberships(packet);
    if (!classify_by(ruleset, packet, class)) return refuse(packet, YETT_REASON_INTERNAL);
    if (packet->drop_counter != YETT_NO_COUNTER) {
        count_rule(packet, packet->drop_counter);
        return leave_by(packet, counters, YETT_DROP, YETT_REASON_RULE);
    }
    goto_stage(ctx, YETT_STAGE_DECIDE);
    return refuse(packet, YETT_REASON_TAIL_CALL);
}

static __always_inline int stage_classify(yett_ctx* ctx, struct yett_packet* packet) {
    const struct yett_ruleset* ruleset = ruleset_of(packet);
    if (!ruleset) return refuse(packet, YETT_REASON_INTERNAL);
    return judge(ctx, packet, ruleset, class_of(packet), interface_counters(packet));
}

/// Where a ruleset asks for the field STATE, between the parsers and the rules.
static __always_inline int stage_state(yett_ctx* ctx, struct yett_packet* packet) {
    if (packet_is_error(packet)) {
        goto_stage(ctx, YETT_STAGE_ERROR);
        return refuse(packet, YETT_REASON_TAIL_CALL);
    }
    find_state(ctx, packet);
    return stage_classify(ctx, packet);
}

/// The same for errors, which speak of the connections of others.
static __always_inline int stage_error(yett_ctx* ctx, struct yett_packet* packet) {
    find_error_state(ctx, packet);
    goto_stage(ctx, YETT_STAGE_CLASSIFY);
    return refuse(packet, YETT_REASON_TAIL_CALL);
}

/// The whole of an entry program: the usual packet that a rule drops takes no tail call.
static __always_inline int stage_entry(yett_ctx* ctx, struct yett_packet* packet) {
    struct yett_interface_counters* counters = interface_counters(packet);
    const struct yett_ruleset* ruleset = ruleset_of(packet);
    enum yett_reason reason;
    if (!counters || !ruleset) return refuse(packet, YETT_REASON_INTERNAL);
    count_seen(packet, counters);
    reason = enter(ctx, packet);
    if (reason == YETT_REASON_TAIL_CALL) goto_stage(ctx, YETT_STAGE_LINK);
    if (reason != YETT_REASON_RULE) return refuse(packet, reason);
    if (ruleset->flags & YETT_RULESET_STATE) goto_stage(ctx, YETT_STAGE_STATE);
    return judge(ctx, packet, ruleset, YETT_CLASS_PORTS, counters);
}
