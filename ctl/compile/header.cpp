// SPDX-License-Identifier: GPL-2.0-or-later
// Policies, flags, actions.
#include "compile/header.hpp"

#include <algorithm>

#include "abi/connection.h"
#include "model/explicit.hpp"
#include "model/reason.hpp"

namespace yett {
namespace {

bool names_state(const Match& match) {
    return !match.state.empty() ||
           std::any_of(match.negated.begin(), match.negated.end(), names_state);
}

/// Connections cost a look into a large table, so they are asked for only where that can matter:
/// a ban wants proof of its source.
bool needs_connections(const Rule& rule) {
    const bool bans = rule.action == ActionKind::ban || rule.over_bans;
    return names_state(rule.match) || (bans && !rule.spoofable);
}

void fill_timeouts(const Ruleset& ruleset, yett_ruleset& header) {
    for (int phase = 1; phase < YETT_PHASE_COUNT; ++phase)
        header.timeout[phase] =
            YETT_CONNECTION_UNITS(timeout_of(ruleset, static_cast<yett_connection_phase>(phase)));
}

}  // namespace

yett_action action_of(const Rule& rule, bool beats_ban, const Slots& slots) {
    yett_action action{};
    action.kind = static_cast<__u8>(rule.action);
    action.flags = static_cast<__u8>((beats_ban || rule.beats_bans ? YETT_ACTION_BEATS_BAN : 0) |
                                     (rule.spoofable ? YETT_ACTION_SPOOFABLE : 0) |
                                     (rule.for_this_host ? YETT_ACTION_FOR_THIS_HOST : 0));
    action.counter = slots.counters.at(rule.name);
    if (rule.action == ActionKind::pass)
        action.overrules = static_cast<__u32>(overruled_by(rule) >> YETT_FIRST_EXCEPTION);
    action.ban_seconds = rule.action == ActionKind::ban ? rule.ban_seconds : 0;
    return action;
}

__u64 exceptions_pass(const Ruleset& ruleset) {
    __u64 bits = 0;
    for (int i = 0; i < YETT_REASON_COUNT; ++i)
        if (reason_verdict(ruleset, static_cast<yett_reason>(i)) == Verdict::pass)
            bits |= 1ull << i;
    return bits;
}

void fill_tunnel_ports(const Ruleset& ruleset, yett_ruleset& header) {
    const std::vector<yett_tunnel_port> ports = tunnel_ports_of(ruleset);
    std::fill(std::begin(header.tunnel_ports), std::end(header.tunnel_ports),
              yett_tunnel_port{0, YETT_NO_TUNNEL, 0});
    std::copy_n(ports.begin(), std::min<std::size_t>(ports.size(), YETT_MAX_TUNNEL_PORTS),
                std::begin(header.tunnel_ports));
}

void fill_header(const Ruleset& ruleset, const RuleList& rules, const Slots& slots,
                 yett_ruleset& header) {
    header.exceptions_pass = exceptions_pass(ruleset);
    for (const Direction direction : {Direction::ingress, Direction::egress}) {
        const int i = static_cast<int>(direction);
        header.policy[i] = static_cast<__u8>(ruleset.policy[i]);
        header.policy_overrules[i] = policy_overrules(ruleset, direction);
        header.policy_counter[i] = slots.counters.at(policy_counter_name(direction));
    }
    const bool bans = std::any_of(rules.begin(), rules.end(), [](const Rule* rule) {
        return rule->action == ActionKind::ban || rule->over_bans;
    });
    header.never_ban = ruleset.never_ban ? slots.address_sets.at(ruleset.never_ban->name) : 0;
    header.flags = bans ? YETT_RULESET_BANS : 0;
    if (judges_later_fragments(ruleset)) header.flags |= YETT_RULESET_JUDGES_LATER;
    if (ruleset.track_fragments) header.flags |= YETT_RULESET_TRACK_FRAGMENTS;
    if (ruleset.reverse_path != ReversePath::off) header.flags |= YETT_RULESET_REVERSE_PATH;
    if (ruleset.reverse_path == ReversePath::strict) header.flags |= YETT_RULESET_REVERSE_STRICT;
    if (std::any_of(rules.begin(), rules.end(),
                    [](const Rule* rule) { return needs_connections(*rule); }))
        header.flags |= YETT_RULESET_STATE;
    header.inspect = ruleset.inspect;
    header.policy_inspects = policy_inspects(ruleset);
    fill_tunnel_ports(ruleset, header);
    fill_timeouts(ruleset, header);
}

}  // namespace yett
