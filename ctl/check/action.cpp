// SPDX-License-Identifier: GPL-2.0-or-later
// What a rule does: whom a ban can hit, and whom a rule without "direction" surprises.
//
// A rule without "direction" holds both ways, whatever its action. Had limit, ban and reject
// another meaning than pass and drop, the same match would be two things in one file, and a ruleset
// that was accepted would filter something else after an upgrade. So the meaning stays, and is
// pointed out where it hurts the host itself.
#include <algorithm>

#include "abi/fields.h"
#include "check/findings.hpp"
#include "model/protocol.hpp"

namespace yett {
namespace {

template <typename T, typename Holds>
bool none_or_any(const std::vector<T>& list, Holds holds) {
    return list.empty() || std::any_of(list.begin(), list.end(), holds);
}

/// What the match asks for is the same in every packet of a connection, the first one included.
bool is_of_whole_connections(const Match& match) {
    return match.state.empty() && match.tcp_flags.empty() && match.len.empty() &&
           match.ttl.empty() && match.dscp.empty() && match.fragment.empty() &&
           match.negated.empty();
}

/// A packet of a TCP connection whose handshake is complete can match.
bool may_be_proven(const Match& match) {
    return none_or_any(match.proto,
                       [](const NumberRange& range) {
                           return range.first <= kProtocolTcp && kProtocolTcp <= range.last;
                       }) &&
           none_or_any(
               match.state,
               [](ConnectionState state) { return state == ConnectionState::established; }) &&
           none_or_any(match.tcp_flags, [](const FlagsTest& test) {
               const bool needs_syn = (test.value & YETT_TCP_SYN) != 0;
               const bool forbids_ack = (test.mask & ~test.value & YETT_TCP_ACK) != 0;
               return !needs_syn && !forbids_ack;
           });
}

/// The source address of a packet is whatever its sender wrote.
void check_ban(Findings& findings, const Rule& rule, const std::string& pointer) {
    const std::string at = pointer + (rule.over_bans ? "/over" : "/action");
    if (rule.ban_seconds == 0) {
        findings.error("bad-duration", pointer + "/for", "a ban of 0 seconds has no effect");
    }
    const auto& directions = rule.match.direction;
    if (directions != std::vector{Direction::ingress}) {
        findings.warning("ban-egress", at,
                         "this also bans the source of packets that go out: this host's own",
                         "add \"direction\": \"ingress\" to the match");
    }
    if (rule.spoofable && rule.match.src.empty()) {
        findings.warning("ban-forged", at,
                         "the source address may be forged: anyone can have any address banned",
                         "name \"src\" and \"never_ban\", or leave \"spoofable\" out");
    }
    const bool drops_first = rule.action == ActionKind::ban && is_of_whole_connections(rule.match);
    if (!rule.spoofable && (drops_first || !may_be_proven(rule.match))) {
        findings.warning("ban-nobody", at,
                         drops_first ? "only a completed TCP handshake proves a source, and this "
                                       "rule drops the first packet of it"
                                     : "only TCP sources that completed a handshake are banned: "
                                       "none matches",
                         "to ban sources that may be forged, too: \"spoofable\": true");
    }
}

/// Written out, both ways are meant.
void check_both_ways(Findings& findings, const Rule& rule, const std::string& pointer) {
    if (!rule.match.direction.empty()) return;
    constexpr const char* kHint =
        "add \"direction\": \"ingress\" to the match, or [\"ingress\", \"egress\"] to mean both";
    if (rule.limit)
        findings.warning("limit-egress", pointer + "/limit",
                         "this also limits what this host sends: without \"direction\" a rule "
                         "holds both ways",
                         kHint);
    if (rule.action == ActionKind::reject)
        findings.warning("reject-egress", pointer + "/action",
                         "this also rejects what this host sends: without \"direction\" a rule "
                         "holds both ways",
                         kHint);
}

}  // namespace

void check_action(Findings& findings, const Rule& rule, const std::string& pointer) {
    const bool bans = rule.action == ActionKind::ban || rule.over_bans;
    if (bans) check_ban(findings, rule, pointer);
    // A ban says so itself.
    if (!bans) check_both_ways(findings, rule, pointer);
}

}  // namespace yett
