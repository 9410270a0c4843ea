// SPDX-License-Identifier: GPL-2.0-or-later
// The reference judge: what a match means, key by key, for fields that are there, absent or
// unknown.
#include "check/judge.hpp"

#include <gtest/gtest.h>

#include "json/reader.hpp"

namespace yett {
namespace {

/// A ruleset with one rule that drops by `match`; everything else passes, whatever is suspicious.
Ruleset one_rule(const std::string& match, const std::string& action,
                 const std::string& exceptions = "{}") {
    const std::string text = R"({"version": 1, "name": "t", "interfaces": ["eth0", "eth1"],
        "policy": {"ingress": ")" +
                             std::string(action == "pass" ? "drop" : "pass") +
                             R"(", "egress": "drop"},
        "builtins": {"builtin-arp": false, "builtin-nd": false, "builtin-dhcp-client": false,
                     "builtin-mld": false, "builtin-igmp": false, "builtin-link": false},
        "exceptions": )" + exceptions +
                             R"(,
        "sets": {"lan": {"type": "prefix", "entries": ["192.0.2.0/24", "2001:db8::/32"]},
                 "web": {"type": "port", "entries": [80, "8000-8100"]},
                 "macs": {"type": "mac", "entries": ["02:00:00:00:00:01", "02:00:5e:00:00:00/24"]},
                 "inside": {"type": "iface", "entries": ["eth0", "wlan0"]},
                 "outside": {"type": "iface"},
                 "none": {"type": "prefix", "entries": []}},
        "rules": [{"name": "r", "match": )" +
                             match + R"(, "action": ")" + action + R"("}]})";
    const Document document = read_ruleset(text);
    EXPECT_TRUE(document.ok()) << match << ": "
                               << (document.diagnostics.empty()
                                       ? ""
                                       : document.diagnostics.front().message);
    return document.ruleset;
}

Judgement judged(const Ruleset& ruleset, const std::string& packet) {
    const auto spec = parse_packet(packet);
    EXPECT_TRUE(spec.ok()) << packet << ": " << spec.error().message;
    return judge(ruleset, *spec, Direction::ingress, "eth0");
}

constexpr const char* kTcp = "tcp 192.0.2.1:4444 > 198.51.100.7:80 syn";
constexpr const char* kUdp6 = "udp [2001:db8::1]:53 > [2001:db8:1::2]:5353 ttl 3 dscp 46 vlan 7";
constexpr const char* kPing = "icmp 192.0.2.1 > 198.51.100.7 type 8";
constexpr const char* kArp = "arp 192.0.2.1 > 192.0.2.2";

struct MatchRow {
    const char* match;
    const char* packet;
    bool matches;
};

const MatchRow kMatchRows[] = {
    {"{}", kTcp, true},
    {"{}", kArp, true},
    {R"({"iface": "eth0"})", kTcp, true},
    {R"({"iface": "eth1"})", kTcp, false},
    {R"({"iface": "eth0"})", kArp, true},
    {R"({"iface": "@inside"})", kTcp, true},
    {R"({"iface": ["eth7", "@inside"]})", kArp, true},
    {R"({"iface": "@outside"})", kTcp, false},
    {R"({"not": {"iface": "@outside"}})", kTcp, true},
    {R"({"smac": "@macs"})", kTcp, true},
    {R"({"dmac": "@macs"})", kTcp, false},
    {R"({"smac": "@macs"})", "arp 192.0.2.1 > 192.0.2.2 smac 02:00:5e:10:00:07", true},
    {R"({"smac": "@macs"})", "arp 192.0.2.1 > 192.0.2.2 smac 02:00:00:00:00:09", false},
    {R"({"not": {"smac": "@macs"}})", kArp, false},
    {R"({"direction": "ingress"})", kTcp, true},
    {R"({"direction": "egress"})", kTcp, false},
    {R"({"family": "ipv4"})", kTcp, true},
    {R"({"family": "ipv4"})", kUdp6, false},
    {R"({"family": ["ipv4", "ipv6"]})", kArp, false},
    {R"({"ethertype": "arp"})", kArp, true},
    {R"({"ethertype": "arp"})", kTcp, false},
    {R"({"vlan": 7})", kUdp6, true},
    {R"({"vlan": 0})", kTcp, true},
    {R"({"vlan": "1-4094"})", kTcp, false},
    {R"({"src": "192.0.2.0/24"})", kTcp, true},
    {R"({"src": "192.0.2.0/24"})", kUdp6, false},
    {R"({"src": "192.0.2.0/24"})", kArp, false},
    {R"({"src": "@lan"})", kUdp6, true},
    {R"({"src": "@none"})", kTcp, false},
    {R"({"dst": "198.51.100.7-198.51.100.8"})", kTcp, true},
    {R"({"dst": ["203.0.113.0/24", "198.51.100.7"]})", kTcp, true},
    {R"({"proto": "tcp"})", kTcp, true},
    {R"({"proto": "tcp"})", kUdp6, false},
    {R"({"dport": "@web"})", kTcp, true},
    {R"({"dport": "@web"})", kUdp6, false},
    {R"({"sport": [1, 53]})", kUdp6, true},
    {R"({"dport": "0-65535"})", kPing, false},
    {R"({"tcp_flags": "syn,!ack"})", kTcp, true},
    {R"({"tcp_flags": "syn,ack"})", kTcp, false},
    {R"({"tcp_flags": "!ack"})", kUdp6, false},
    {R"({"icmp_type": 8})", kPing, true},
    {R"({"icmp_code": 1})", kPing, false},
    {R"({"icmp_type": "0-255"})", kTcp, false},
    {R"({"len": 40})", kTcp, true},
    {R"({"len": ">40"})", kTcp, false},
    {R"({"len": 48})", kUdp6, true},
    {R"({"ttl": "<=3"})", kUdp6, true},
    {R"({"ttl": "<=3"})", kTcp, false},
    {R"({"dscp": 46})", kUdp6, true},
    {R"({"fragment": "none"})", kTcp, true},
    {R"({"fragment": "any"})", kTcp, false},
    {R"({"fragment": "first"})", "udp 192.0.2.1:1 > 192.0.2.2:2 frag first", true},
    {R"({"proto": "tcp", "dport": 80})", kTcp, true},
    {R"({"proto": "tcp", "dport": 81})", kTcp, false},
};

TEST(Judge, EveryKeyMatchesWhatItSays) {
    for (const MatchRow& row : kMatchRows) {
        SCOPED_TRACE(std::string(row.match) + " on " + row.packet);
        for (const char* action : {"drop", "pass"}) {
            const Judgement judgement = judged(one_rule(row.match, action), row.packet);
            EXPECT_EQ(judgement.rule, row.matches ? 0 : -1);
            EXPECT_EQ(judgement.reason, row.matches ? "rule" : "policy");
            EXPECT_EQ(judgement.rule_name, row.matches ? "r" : "(policy)");
        }
    }
}

TEST(Judge, TheNegationOfAnAbsentFieldHolds) {
    const struct {
        const char* match;
        const char* packet;
        bool matches;
    } rows[] = {
        {R"({"not": {"dport": 80}})", kTcp, false},
        {R"({"not": {"dport": 80}})", kUdp6, true},
        {R"({"not": {"dport": 80}})", kPing, true},
        {R"({"not": {"dport": 80}})", kArp, true},
        {R"({"not": {"family": "ipv4"}})", kArp, true},
        {R"({"not": {"src": "192.0.2.0/24"}})", kUdp6, true},
        {R"({"not": {"src": "@lan"}})", kTcp, false},
        {R"({"not": {"proto": "tcp", "dport": 80}})", kTcp, false},
        {R"({"not": {"proto": "tcp", "dport": 81}})", kTcp, true},
        {R"({"not": [{"proto": "tcp"}, {"proto": "udp"}]})", kTcp, false},
        {R"({"not": [{"proto": "tcp"}, {"proto": "udp"}]})", kPing, true},
        {R"({"proto": "tcp", "not": {"src": "@none"}})", kTcp, true},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(std::string(row.match) + " on " + row.packet);
        EXPECT_EQ(judged(one_rule(row.match, "drop"), row.packet).rule, row.matches ? 0 : -1);
        EXPECT_EQ(judged(one_rule(row.match, "pass"), row.packet).rule, row.matches ? 0 : -1);
    }
}

TEST(Judge, UnknownNeverHelpsTheAttacker) {
    constexpr const char* kLater4 = "tcp 192.0.2.1:4444 > 198.51.100.7:80 frag later";
    constexpr const char* kLater6 = "tcp [2001:db8::1]:1 > [2001:db8::2]:80 frag later";
    constexpr const char* kDeep = "tcp 192.0.2.1:4444 > 198.51.100.7:80 vlan 1,2,3";
    const struct {
        const char* match;
        const char* packet;
        bool drop_matches;
        bool pass_matches;
    } rows[] = {
        {R"({"dport": 80})", kLater4, true, false},
        {R"({"dport": 22})", kLater4, true, false},
        {R"({"not": {"dport": 22}})", kLater4, true, false},
        {R"({"proto": "tcp"})", kLater4, true, true},
        {R"({"proto": "tcp"})", kLater6, true, false},
        {R"({"proto": "udp"})", kLater4, false, false},
        {R"({"proto": "udp"})", kLater6, true, false},
        {R"({"proto": "udp", "dport": 80})", kLater4, false, false},
        {R"({"icmp_type": 8})", kLater4, false, false},
        {R"({"icmp_type": 8})", kLater6, true, false},
        {R"({"not": {"icmp_type": 8}})", kLater4, true, true},
        {R"({"src": "192.0.2.0/24"})", kLater4, true, true},
        {R"({"fragment": "later"})", kLater4, true, true},
        {R"({"src": "203.0.113.0/24"})", kDeep, true, false},
        {R"({"family": "ipv6"})", kDeep, true, false},
        {R"({"ethertype": "arp"})", kDeep, true, false},
        {R"({"vlan": 1})", kDeep, true, true},
        {R"({"vlan": 2})", kDeep, false, false},
        {R"({"iface": "eth0"})", kDeep, true, true},
    };
    const std::string pass = R"({"frag_later": "pass", "vlan_depth": "pass"})";
    for (const auto& row : rows) {
        SCOPED_TRACE(std::string(row.match) + " on " + row.packet);
        EXPECT_EQ(judged(one_rule(row.match, "drop", pass), row.packet).rule,
                  row.drop_matches ? 0 : -1);
        EXPECT_EQ(judged(one_rule(row.match, "pass", pass), row.packet).rule,
                  row.pass_matches ? 0 : -1);
    }
}

TEST(Judge, ReasonsBeforeAnyRule) {
    const struct {
        const char* packet;
        const char* reason;
    } rows[] = {
        {"tcp 192.0.2.1:4444 > 198.51.100.7:80 frag later", "frag_later"},
        {"tcp 192.0.2.1:4444 > 198.51.100.7:80 frag 8", "frag_bad"},
        {"udp 192.0.2.1:4444 > 198.51.100.7:80 frag 8", "frag_later"},
        {"tcp 192.0.2.1:4444 > 198.51.100.7:80 frag first", "rule"},
        {"tcp 192.0.2.1:4444 > 198.51.100.7:80 vlan 1,2", "rule"},
        {"tcp 192.0.2.1:4444 > 198.51.100.7:80 vlan 1,2,3", "vlan_depth"},
        {"arp 192.0.2.1 > 192.0.2.2 vlan 0,0,1,0,2", "rule"},
        {"arp 192.0.2.1 > 192.0.2.2 vlan 0,0,0,0,0,0,0,0,0", "vlan_depth"},
    };
    const Ruleset ruleset = one_rule("{}", "pass");
    for (const auto& row : rows) {
        SCOPED_TRACE(row.packet);
        const Judgement judgement = judged(ruleset, row.packet);
        EXPECT_EQ(judgement.reason, row.reason);
        EXPECT_EQ(judgement.verdict == Verdict::pass, judgement.reason == "rule");
    }
}

TEST(Judge, CountGoesOnAndTheFirstMatchDecides) {
    Ruleset ruleset;
    for (const std::string& name : builtin_names())
        ruleset.builtins[name] = false;
    ruleset.rules = {{"seen", {}, ActionKind::count, 0, ""},
                     {"banned", {}, ActionKind::ban, 60, ""},
                     {"late", {}, ActionKind::pass, 0, ""}};
    const Judgement judgement = judged(ruleset, kTcp);
    EXPECT_EQ(judgement.rule, 1);
    EXPECT_EQ(judgement.verdict, Verdict::drop);
}

TEST(Judge, PolicyIsThatOfTheDirection) {
    const Ruleset ruleset = one_rule(R"({"vlan": 9})", "drop");
    const auto spec = parse_packet(kTcp);
    EXPECT_EQ(judge(ruleset, *spec, Direction::ingress, "eth0").verdict, Verdict::pass);
    EXPECT_EQ(judge(ruleset, *spec, Direction::egress, "eth0").verdict, Verdict::drop);
}

}  // namespace
}  // namespace yett
