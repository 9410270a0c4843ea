// SPDX-License-Identifier: GPL-2.0-or-later
// From the cases of a subject to rows, and the list of all subjects.
#include "packet/row.hpp"

#include <fmt/format.h>

#include <iterator>

namespace yett::corpus {

const char* name_of(Hook hook) {
    switch (hook) {
        case Hook::xdp_ingress:
            return "xdp_ingress";
        case Hook::tc_ingress:
            return "tc_ingress";
        default:
            return "tc_egress";
    }
}

Direction direction_of(Hook hook) {
    return hook == Hook::tc_egress ? Direction::egress : Direction::ingress;
}

Fate passed_by(const std::string& rule) {
    return {.kind = Fate::Kind::rule, .name = rule, .verdict = Verdict::pass};
}

Fate dropped_by(const std::string& rule) {
    return {.kind = Fate::Kind::rule, .name = rule, .verdict = Verdict::drop};
}

Fate by_policy() {
    return {};
}

Fate refused(const std::string& reason) {
    return {.kind = Fate::Kind::reason, .name = reason};
}

Fate passed_by_builtin(const std::string& rule) {
    return {.kind = Fate::Kind::builtin, .name = rule};
}

Fate oddity(const std::string& reason) {
    return {.kind = Fate::Kind::oddity, .name = reason};
}

Fate looked_into(Fate inside) {
    inside.inside = true;
    return inside;
}

std::vector<Probe> probes() {
    return {{443, passed_by("web")}, {22, dropped_by("no-ssh")}, {9999, by_policy()}};
}

Fate suspect(const Probe& probe, const std::string& reason) {
    const bool drops = probe.fate.kind == Fate::Kind::rule && probe.fate.verdict == Verdict::drop;
    return drops ? probe.fate : refused(reason);
}

Fate odd(const Probe& probe, const std::string& reason) {
    return probe.fate.kind == Fate::Kind::policy ? oddity(reason) : suspect(probe, reason);
}

std::string corpus_ruleset(Verdict policy, const std::string& more) {
    const char* word = policy == Verdict::pass ? "pass" : "drop";
    return fmt::format(R"({{"version": 1, "name": "corpus", "interfaces": ["eth0"],
 "policy": {{"ingress": "{0}", "egress": "{0}"}}, "fragments": "drop",{1}{2}
 "sets": {{"blocked": {{"type": "prefix", "entries": ["198.51.100.0/24", "2001:db8:bad::/48"]}}}},
 "rules": [
  {{"name": "blocked", "match": {{"src": "@blocked"}}, "action": "drop"}},
  {{"name": "no-ssh", "match": {{"proto": "tcp", "dport": 22}}, "action": "drop"}},
  {{"name": "web", "match": {{"proto": "tcp", "dport": 443}}, "action": "pass"}},
  {{"name": "dns", "match": {{"proto": "udp", "dport": 53}}, "action": "pass"}},
  {{"name": "ping", "match": {{"proto": "icmp", "icmp_type": 8}}, "action": "pass"}},
  {{"name": "ping6", "match": {{"proto": "icmp6", "icmp_type": 128}}, "action": "pass"}}]}})",
                       word, more, more.empty() ? "" : ",");
}

namespace {

Expect expect_of(const Fate& fate, Verdict policy) {
    const bool drops = policy == Verdict::drop;
    if (fate.inside && drops) return {Verdict::drop, "", "tunnel"};
    switch (fate.kind) {
        case Fate::Kind::rule:
            return {fate.verdict, fate.name, "rule"};
        case Fate::Kind::policy:
            return {policy, "(policy)", "policy"};
        case Fate::Kind::builtin:
            if (drops) return {Verdict::pass, fate.name, "rule"};
            return {policy, "(policy)", "policy"};
        case Fate::Kind::oddity:
            if (drops) return {Verdict::drop, "", fate.name};
            return {policy, "(policy)", "policy"};
        default:
            return {Verdict::drop, "", fate.name};
    }
}

std::vector<std::string> also_of(const Case& one, Verdict policy) {
    std::vector<std::string> also = one.also;
    if (one.fate.kind == Fate::Kind::oddity && policy == Verdict::pass)
        also.push_back("reason " + one.fate.name + " passed");
    return also;
}

}  // namespace

std::vector<Hook> hooks_that_run(const Octets& frame) {
    constexpr std::size_t kEthernet = 14, kIpv4 = 20, kIpv6 = 40;
    const unsigned type = frame.size() < kEthernet ? 0 : frame[12] << 8 | frame[13];
    const bool cut = (type == 0x0800 && frame.size() < kEthernet + kIpv4) ||
                     (type == 0x86dd && frame.size() < kEthernet + kIpv6);
    if (cut || frame.size() <= kEthernet) return {Hook::xdp_ingress};
    return {std::begin(kHooks), std::end(kHooks)};
}

std::vector<Row> rows_of(const std::string& subject, const std::vector<Case>& cases,
                         const std::string& more) {
    std::vector<Row> rows;
    for (const Verdict policy : {Verdict::drop, Verdict::pass})
        for (const Case& one : cases)
            rows.push_back(
                {.subject = subject,
                 .name = one.name + (policy == Verdict::pass ? ", policy pass" : ", policy drop"),
                 .ruleset = corpus_ruleset(policy, more),
                 .frame = one.frame,
                 .hooks = one.hooks.empty() ? hooks_that_run(one.frame) : one.hooks,
                 .expect = expect_of(one.fate, policy),
                 .also = also_of(one, policy)});
    return rows;
}

void append(std::vector<Row>& rows, std::vector<Row> more) {
    std::move(more.begin(), more.end(), std::back_inserter(rows));
}

std::vector<Row> all_rows() {
    std::vector<Row> rows;
    for (auto* subject : {match_rows, match_family_rows, action_rows, link_rows, carrier_rows,
                          ipv4_rows, fragment_rows, extension_rows, address_rows, tcp_rows,
                          transport_rows, tunnel_rows, inspect_rows})
        append(rows, subject());
    return rows;
}

}  // namespace yett::corpus
