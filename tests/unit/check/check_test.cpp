// SPDX-License-Identifier: GPL-2.0-or-later
// What check() says of rulesets, and that it says nothing of good ones.
#include "check/check.hpp"

#include <gtest/gtest.h>

#include <ctime>

#include "abi/limits.h"
#include "json/reader.hpp"

namespace yett {
namespace {

struct Row {
    std::string code;     ///< of the one finding expected; empty: none
    std::string pointer;  ///< where
    std::string rules;    ///< the text between [ and ] of "rules"
    std::string rest;     ///< further keys of the ruleset, each with a comma before it
};

Ruleset parse_rows(const Row& row) {
    const std::string text = "{\"rules\": [" + row.rules + "]" + row.rest + "}";
    const Document document = read_ruleset(text);
    for (const Diagnostic& d : document.diagnostics)
        ADD_FAILURE() << text << '\n' << d.message;
    return document.ruleset;
}

std::string rule(const std::string& name, const std::string& match,
                 const std::string& action = "drop") {
    return "{\"name\":\"" + name + "\",\"match\":{" + match + "},\"action\":\"" + action + "\"}";
}

const std::string kSets =
    R"(,"sets":{"nets":{"type":"prefix","entries":["192.0.2.0/24"]},"web":{"type":"port"}})";
const std::string kLater = R"(,"exceptions":{"frag_later":"pass"})";

const std::vector<Row> kRows = {
    {"", "", rule("a", R"("src":"@nets","dport":"@web")"), kSets},
    {"", "", rule("a", R"("src":"2001:db8::/32","dst":["192.0.2.1","2001:db8::1"])"), ""},
    {"", "", rule("a", R"("ethertype":"ipv4","dport":22)"), ""},
    {"", "", rule("a", R"("ethertype":"0x0600-0x86dd","dport":22)"), ""},
    {"", "", rule("a", R"("proto":"gre")") + "," + rule("b", R"("proto":"tcp")"), ""},
    {"", "", rule("a", R"("proto":"icmp","icmp_type":8)"), ""},
    {"", "", rule("a", R"("fragment":"later")"), kLater},
    {"name", "/rules/0/name", rule("a b", ""), ""},
    {"name", "/rules/0/name", rule("", ""), ""},
    {"name", "/rules/0/name", rule(std::string(64, 'x'), ""), ""},
    {"name", "/rules/0/name", rule("builtin-arp", ""), ""},
    {"duplicate-name", "/rules/1/name",
     rule("a", R"("proto":6)") + "," + rule("a", R"("proto":17)"), ""},
    {"unknown-set", "/rules/0/match/src/0", rule("a", R"("src":"@net")"), kSets},
    {"set-type", "/rules/0/match/src/0", rule("a", R"("src":"@web")"), kSets},
    {"set-type", "/rules/0/match/dport/0", rule("a", R"("dport":"@nets")"), kSets},
    {"port-range", "/rules/0/match/dport/1", rule("a", R"("dport":[1,"443-80"])"), ""},
    {"ttl-range", "/rules/0/match/ttl/0", rule("a", R"("ttl":"9-3")"), ""},
    {"address-range", "/rules/0/match/dst/0", rule("a", R"("dst":"192.0.2.9-192.0.2.1")"), ""},
    {"host-bits", "/rules/0/match/src/0", rule("a", R"("src":"192.0.2.1/24")"), ""},
    {"host-bits", "/rules/0/match/not/0/src/0", rule("a", R"("not":{"src":"192.0.2.1/24"})"), ""},
    {"never-matches", "/rules/0/match/dst", rule("a", R"("src":"192.0.2.1","dst":"2001:db8::1")"),
     ""},
    {"never-matches", "/rules/0/match/src", rule("a", R"("src":"192.0.2.1","family":"ipv6")"), ""},
    {"never-matches", "/rules/0/match/src", rule("a", R"("src":"192.0.2.1","ethertype":"arp")"),
     ""},
    {"never-matches", "/rules/0/match/dport", rule("a", R"("dport":1,"proto":"icmp")"), ""},
    {"never-matches", "/rules/0/match/icmp_type", rule("a", R"("icmp_type":8,"proto":"tcp")"), ""},
    {"never-matches", "/rules/0/match/icmp_type",
     rule("a", R"("icmp_type":8,"proto":"icmp","family":"ipv6")"), ""},
    {"never-matches", "/rules/0/match/tcp_flags", rule("a", R"("tcp_flags":"syn","proto":"udp")"),
     ""},
    {"never-matches", "/rules/0/match/icmp_code", rule("a", R"("icmp_code":1,"sport":1)"), ""},
    {"no-effect", "/rules/0/match/not/0/dport", rule("a", R"("not":{"dport":1,"proto":"icmp"})"),
     ""},
    {"read-through", "/rules/0/match/proto/1", rule("a", R"("proto":["esp","ah"])"), ""},
    {"", "", "", R"(,"interfaces":["eth*"],"attach":{"veth*":"native","eth0":"tc","*":"tc"})"},
    {"", "", "", R"(,"interfaces":["eth0"],"attach":{"*":"tc","eth0":"native"})"},
    {"no-effect", "/attach/eth1", "", R"(,"interfaces":["eth0"],"attach":{"eth1":"tc"})"},
    {"no-effect", "/attach/veth*", "", R"(,"interfaces":["eth0"],"attach":{"veth*":"tc"})"},
    {"no-effect", "/attach/lo", "", R"(,"interfaces":["*"],"attach":{"lo":"tc"})"},
    {"no-effect", "/attach/veth*", "", R"(,"interfaces":["*"],"attach":{"*":"tc","veth*":"auto"})"},
    {"interface-name", "/attach/any", "", R"(,"attach":{"any":"tc"})"},
    {"no-effect", "/tunnel_ports/gue", "", R"(,"tunnel_ports":{"gue":5555})"},
    {"duplicate-port", "/tunnel_ports", "", R"(,"inspect":["gue"],"tunnel_ports":{"gue":4789})"},
    {"unreachable", "/rules/1/name", rule("a", "") + "," + rule("b", R"("dport":1)"), ""},
    {"unreachable", "/rules/1/name",
     rule("a", R"("src":"192.0.2.0/24","dport":"1-9")") + "," +
         rule("b", R"("src":["192.0.2.1","192.0.2.128/25"],"dport":"2-9","proto":6)"),
     ""},
    // A packet whose port cannot be read is all that is left to the drop.
    {"drop-after-pass", "/rules/1/name",
     rule("a", R"("dport":"1-9")", "pass") + "," + rule("b", R"("dport":2)", "drop"), ""},
    {"drop-after-pass", "/rules/2/name",
     rule("a", R"("dport":80)", "pass") + "," + rule("b", R"("dport":443)", "pass") + "," +
         rule("c", R"("src":"203.0.113.0/24","dport":[80,443])", "drop"),
     ""},
    {"unreachable", "/rules/2/name",
     rule("a", R"("direction":"ingress","dport":80)") + "," +
         rule("b", R"("direction":"egress","dport":80)") + "," + rule("c", R"("dport":80)", "pass"),
     ""},
    {"unreachable", "/rules/2/name",
     rule("a", R"("src":"192.0.2.0/25")") + "," + rule("b", R"("src":"198.51.100.0/24")") + "," +
         rule("c", R"("src":["198.51.100.7","192.0.2.1"],"proto":"udp")", "pass"),
     ""},
    {"", "", rule("a", R"("dport":80)", "pass") + "," + rule("b", R"("dport":[80,443])", "drop"),
     ""},
    {"", "",
     rule("a", R"("direction":"ingress","dport":80)") + "," + rule("b", R"("dport":80)", "pass"),
     ""},
    {"list-after-established", "/rules/1/name",
     rule("a", R"("state":["established","related"])", "pass") + "," +
         rule("b", R"("src":"@s")", "drop"),
     R"(,"sets":{"s":{"type":"prefix"}})"},
    {"", "",
     rule("b", R"("src":"@s")", "drop") + "," + rule("a", R"("state":"established")", "pass"),
     R"(,"sets":{"s":{"type":"prefix"}})"},
    {"", "",
     rule("a", R"("state":"established","src":"192.0.2.0/24")", "pass") + "," +
         rule("b", R"("src":"@s")", "drop"),
     R"(,"sets":{"s":{"type":"prefix"}})"},
    {"limit-egress", "/rules/0/limit",
     rule("a", R"("dport":22)", R"(pass","limit":{"per":"src","rate":"10/min"},"comment":")"), ""},
    {"", "",
     rule("a", R"("direction":"ingress","dport":22)",
          R"(pass","limit":{"per":"src","rate":"10/min"},"comment":")"),
     ""},
    {"", "",
     rule("a", R"("direction":["ingress","egress"],"dport":22)",
          R"(pass","limit":{"per":"src","rate":"10/min"},"comment":")"),
     ""},
    {"limit-egress", "/rules/0/limit",
     rule("a", R"("iface":"eth0","dport":22)",
          R"(pass","limit":{"per":"src","rate":"10/min"},"comment":")"),
     ""},
    {"reject-egress", "/rules/0/action", rule("a", R"("dport":113)", "reject"), ""},
    {"", "", rule("a", R"("direction":"ingress","dport":113)", "reject"), ""},
    {"icmp-family", "/rules/0/match/proto", rule("a", R"("family":"ipv6","proto":"icmp")"), ""},
    {"icmp-family", "/rules/0/match/proto", rule("a", R"("src":"192.0.2.1","proto":"icmp6")"), ""},
    {"", "", rule("a", R"("proto":"icmp6")"), ""},
    {"", "", rule("a", R"("family":["ipv4","ipv6"],"proto":"icmp")"), ""},
    {"", "", rule("a", "", "count") + "," + rule("b", R"("dport":2)"), ""},
    {"", "", rule("a", R"("not":{"sport":1})") + "," + rule("b", R"("dport":2)"), ""},
    {"ban-forged", "/rules/0/action",
     rule("a", R"("direction":"ingress")", R"(ban","spoofable":true,"comment":")"), ""},
    {"ban-nobody", "/rules/0/action", rule("a", R"("direction":"ingress")", "ban"), ""},
    {"ban-nobody", "/rules/0/action",
     rule("a", R"("direction":"ingress","proto":"udp","len":9)", "ban"), ""},
    {"ban-nobody", "/rules/0/action",
     rule("a", R"("direction":"ingress","tcp_flags":"syn,!ack")", "ban"), ""},
    {"ban-nobody", "/rules/0/action", rule("a", R"("direction":"ingress","state":"new")", "ban"),
     ""},
    {"", "", rule("a", R"("direction":"ingress","state":"established","len":9)", "ban"), ""},
    {"ban-egress", "/rules/0/action", rule("a", R"("len":9)", "ban"), ""},
    {"interface-name", "/interfaces/0", "", R"(,"interfaces":["a/b"])"},
    {"interface-name", "/interfaces/0", "", R"(,"interfaces":["sixteen-letters-"])"},
    {"duplicate-name", "/interfaces/1", "", R"(,"interfaces":["eth0","eth0"])"},
    {"", "", rule("a", R"("iface":"eth0")"), R"(,"interfaces":["eth*","wl*0","*"])"},
    {"other-interface", "/rules/0/match/iface/0", rule("a", R"("iface":"wlan0")"),
     R"(,"interfaces":["eth*"])"},
    {"loopback", "/interfaces/1", "", R"(,"interfaces":["eth0","lo"])"},
    {"interface-name", "/interfaces/0", "", R"(,"interfaces":["eth+"])"},
    {"interface-name", "/interfaces/0", "", R"(,"interfaces":["!lo"])"},
    {"interface-name", "/interfaces/0", "", R"(,"interfaces":["any"])"},
    {"interface-name", "/rules/0/match/iface/0", rule("a", R"("iface":"veth*")"), ""},
    {"interface-name", "/sets/i/entries/0", "",
     R"(,"sets":{"i":{"type":"iface","entries":["veth*"]}})"},
    {"other-interface", "/rules/0/match/iface/0", rule("a", R"("iface":"eth1")"),
     R"(,"interfaces":["eth0"])"},
    {"unknown-builtin", "/builtins/builtin-apr", "", R"(,"builtins":{"builtin-apr":false})"},
    {"unknown-exception", "/exceptions/frag_late", "", R"(,"exceptions":{"frag_late":"pass"})"},
    {"unknown-exception", "/exceptions/truncated", "", R"(,"exceptions":{"truncated":"pass"})"},
    {"empty-failsafe", "/failsafe/0", "", R"(,"failsafe":[{}])"},
    {"no-failsafe", "/policy/ingress", "", R"(,"policy":{"ingress":"drop"})"},
    {"name", "/sets/a~1b", "", R"(,"sets":{"a/b":{"type":"port"}})"},
    {"host-bits", "/sets/a/entries/1", "",
     R"(,"sets":{"a":{"type":"prefix","entries":["192.0.2.1","2001:db8::1/64"]}})"},
    {"port-range", "/sets/a/entries/0", "", R"(,"sets":{"a":{"type":"port","entries":["9-8"]}})"},
    {"set-timeout", "/sets/a/timeout", "", R"(,"sets":{"a":{"type":"port","timeout":"1h"}})"},
    {"set-timeout", "/sets/a/timeout", "", R"(,"sets":{"a":{"type":"iface","timeout":"1h"}})"},
    {"", "", "", R"(,"sets":{"a":{"type":"mac","timeout":"1h"}})"},
    {"interface-name", "/sets/a/entries/1", "",
     R"(,"sets":{"a":{"type":"iface","entries":["eth0","a b"]}})"},
    {"set-full", "/sets/a/max_entries", "",
     R"(,"sets":{"a":{"type":"mac","max_entries":1,
         "entries":["02:00:5e:10:00:01","02:00:5e:10:00:02"]}})"},
    {"set-type", "/rules/0/match/smac/0", rule("a", R"("smac":"@p")"),
     R"(,"sets":{"p":{"type":"prefix"}})"},
    {"set-type", "/rules/0/match/iface/0", rule("a", R"("iface":"@p")"),
     R"(,"sets":{"p":{"type":"mac"}})"},
    {"set-type", "/rules/0/match/src/0", rule("a", R"("src":"@p")"),
     R"(,"sets":{"p":{"type":"mac"}})"},
    {"unknown-set", "/rules/0/match/dmac/1", rule("a", R"("dmac":["02:00:5e:10:00:01","@m"])"), ""},
    {"unknown-set", "/rules/0/match/not/0/iface/0", rule("a", R"("not":{"iface":"@inside"})"), ""},
    {"unreachable", "/rules/1/name",
     rule("a", R"("smac":["02:00:00:00:00:00/8","@p"])") + "," +
         rule("b", R"("smac":["02:00:5e:10:00:01","@p"],"iface":"eth0")"),
     R"(,"sets":{"p":{"type":"mac"}})"},
    {"set-full", "/sets/a/max_entries", "",
     R"(,"sets":{"a":{"type":"port","entries":[1,2],"max_entries":1}})"},
    {"out-of-range", "/sets/a/max_entries", "", R"(,"sets":{"a":{"type":"port","max_entries":0}})"},
    {"packet", "/tests/0/packet", "", R"(,"tests":[{"packet":"tpc a","expect":"drop"}])"},
    {"unknown-rule", "/tests/0/rule", "",
     R"(,"tests":[{"packet":"icmp 192.0.2.1 > 192.0.2.2","expect":"drop","rule":"x"}])"},
    {"unknown-reason", "/tests/0/reason", "",
     R"(,"tests":[{"packet":"icmp 192.0.2.1 > 192.0.2.2","expect":"drop","reason":"x"}])"},
};

TEST(Check, finds_exactly_what_is_wrong) {
    for (const Row& row : kRows) {
        SCOPED_TRACE(row.rules + row.rest);
        const auto found = check(parse_rows(row));
        if (row.code.empty()) {
            for (const Diagnostic& d : found)
                ADD_FAILURE() << d.code << ' ' << d.message;
            continue;
        }
        ASSERT_EQ(found.size(), 1u) << (found.size() > 1 ? found[1].message : "");
        EXPECT_EQ(found[0].code, row.code);
        EXPECT_EQ(found[0].pointer, row.pointer);
    }
}

TEST(Check, every_finding_has_its_place_in_the_text) {
    for (const Row& row : kRows) {
        const std::string text = "{\"rules\": [" + row.rules + "]" + row.rest + "}";
        SCOPED_TRACE(text);
        const Document document = read_ruleset(text);
        auto found = check(document.ruleset);
        document.source.locate(found);
        for (const Diagnostic& d : found) {
            EXPECT_EQ(d.location.line, 1u);
            EXPECT_GT(d.location.column, 1u);
        }
    }
}

TEST(Check, refuses_more_than_the_tables_hold) {
    Ruleset ruleset;
    for (unsigned i = 0; i <= YETT_MAX_RULES; ++i) {
        Rule& added = ruleset.rules.emplace_back();
        added.name = "r" + std::to_string(i);
        Prefix host{.length = 32};
        for (int octet = 0; octet < 4; ++octet)
            host.address.octets[octet] = static_cast<std::uint8_t>(i >> (24 - 8 * octet));
        added.match.src = {host};
    }
    const auto found = check(ruleset);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].code, "too-many");
    EXPECT_NE(found[0].hint.find(std::to_string(YETT_MAX_RULES)), std::string::npos);
}

TEST(Check, twenty_errors_and_twenty_warnings_at_most) {
    Ruleset ruleset;
    for (unsigned i = 0; i < 100; ++i) {
        Rule& added = ruleset.rules.emplace_back();
        added.name = i % 2 ? "bad name" : "r" + std::to_string(i);
    }
    EXPECT_EQ(check(ruleset).size(), 40u);
}

TEST(Check, takes_values_that_no_reader_makes) {
    Ruleset ruleset;
    Match match;
    match.proto = {{4'000'000'000u, 5u}, {0, 4'000'000'000u}};
    match.ethertype = {{0, 4'000'000'000u}};
    match.dport = {NumberRange{70'000, 80'000}};
    match.tcp_flags = {{0, 0}, {1, 2}};
    match.src = {Prefix{{}, 200}};
    match.negated = {Match{}, match};
    match.negated[1].negated = {match};
    ruleset.failsafe = {match};
    ruleset.rules = {{"a", match, ActionKind::ban, 0, {}}};
    ruleset.sets = {{"s", {}}, {"s", {}}};
    ruleset.version = 7;
    EXPECT_FALSE(acceptable(check(ruleset)));
}

TEST(RunTests, reports_what_is_judged_otherwise) {
    const std::string text = R"json({"rules": [{"name":"a","match":{"dport":22},"action":"drop"}],
        "tests": [
            {"packet": "tcp 192.0.2.1:1024 > 192.0.2.2:22", "expect": "drop", "rule": "a"},
            {"packet": "tcp 192.0.2.1:1024 > 192.0.2.2:22", "expect": "pass"},
            {"packet": "tcp 192.0.2.1:1024 > 192.0.2.2:23", "expect": "pass", "rule": "a"},
            {"packet": "tcp 192.0.2.1:1024 > 192.0.2.2:23", "expect": "pass", "rule": "(policy)"},
            {"packet": "tcp 192.0.2.1:1024 > 192.0.2.2:23", "expect": "pass", "reason": "rule"}]
        })json";
    const auto failed = run_tests(read_ruleset(text).ruleset);
    ASSERT_EQ(failed.size(), 3u);
    EXPECT_EQ(failed[0].pointer, "/tests/1/packet");
    EXPECT_EQ(failed[0].message, "this packet is dropped by rule \"a\"");
    EXPECT_EQ(failed[1].message, "this packet is passed by the policy");
    EXPECT_EQ(failed[1].hint, "the test expects pass by \"a\"");
    EXPECT_EQ(failed[2].hint, "the test expects pass for rule");
}

/// Seconds of CPU that check() and run_tests() take.
double seconds_of(const Ruleset& ruleset) {
    const auto before = std::clock();
    (void)check(ruleset);
    (void)run_tests(ruleset);
    return static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
}

/// Words are made for the findings that are kept, not for each of a hundred thousand: those took
/// fifteen seconds here, of a build as released.
TEST(CheckCost, of_a_hundred_thousand_findings_is_that_of_twenty) {
#ifdef YETT_SANITIZED
    constexpr double kMost = 12;
#else
    constexpr double kMost = 3;
#endif
    constexpr int kMany = 100'000;
    Ruleset unknown_sets, unknown_interfaces, unknown_builtins;
    unknown_sets.rules.resize(1);
    unknown_interfaces.rules.resize(1);
    for (int i = 0; i < 250; ++i) {
        unknown_sets.sets.emplace_back("set-number-" + std::to_string(i), Set{});
        unknown_interfaces.interfaces.push_back("eth" + std::to_string(i));
    }
    for (int i = 0; i < kMany; ++i) {
        const std::string number = std::to_string(i);
        unknown_sets.rules[0].match.src.emplace_back(SetReference{"no-set-" + number});
        unknown_interfaces.rules[0].match.iface.emplace_back("if" + number);
        unknown_builtins.builtins.emplace("builtin-no-" + number, true);
    }
    for (const auto* ruleset : {&unknown_sets, &unknown_interfaces, &unknown_builtins}) {
        EXPECT_FALSE(check(*ruleset).empty());
        EXPECT_LT(seconds_of(*ruleset), kMost);
    }
}

TEST(CheckCost, tests_that_are_too_many_for_so_many_rules_are_not_judged_in_silence) {
    Ruleset ruleset;
    Rule rule;
    rule.match.proto.push_back({6, 6});
    rule.action = ActionKind::drop;
    for (int i = 0; i < 50; ++i) {
        rule.name = "r" + std::to_string(i);
        ruleset.rules.push_back(rule);
    }
    PacketTest test;
    test.packet = "udp 203.0.113.9:4444 > 198.51.100.7:22";
    test.expect = Verdict::pass;
    ruleset.tests.assign(100, test);
    EXPECT_TRUE(run_tests(ruleset, 5'000).empty());
    ruleset.tests.assign(200, test);
    const auto found = run_tests(ruleset, 5'000);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].code, "tests-unjudged");
    EXPECT_EQ(found[0].severity, Severity::warning);
}

}  // namespace
}  // namespace yett
