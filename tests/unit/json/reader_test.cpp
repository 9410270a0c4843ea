// SPDX-License-Identifier: GPL-2.0-or-later
// What the reader makes of good texts, and how it survives bad ones.
#include "json/reader.hpp"

#include <gtest/gtest.h>

#include "json/printer.hpp"

namespace yett {
namespace {

constexpr const char* kWhole = R"json(// a comment
{
  "$schema": "ruleset.schema.json", "version": 1, "name": "edge", "comment": "all \"keys\"\n",
  "interfaces": ["eth0", "eth1"],
  "policy": { "ingress": "drop" }, /* egress: pass */
  "failsafe": [ { "src": ["192.0.2.0/24", "2001:db8:99::/48"], "proto": "tcp", "dport": 22 } ],
  "builtins": { "builtin-arp": false },
  "exceptions": { "frag_later": "pass", "ext_too_long": "drop" },
  "sets": {
    "web": { "type": "port", "entries": [80, 443, "8000-8100"] },
    "bad": { "entries": ["203.0.113.0/24", "2001:DB8:0::/48"], "type": "prefix",
             "timeout": "60m", "max_entries": 1000, "comment": "c" }
  },
  "rules": [
    { "name": "first", "match": {
        "iface": "eth0", "direction": ["ingress", "egress"], "family": "ipv4",
        "ethertype": ["0x88cc", "arp", 2048], "vlan": [0, "10-20"],
        "src": ["@bad", "192.0.2.1-192.0.2.9", "192.0.2.77"], "dst": "198.51.100.0/24",
        "proto": ["tcp", 17, "132-136"], "sport": "<1024", "dport": ["@web", 22, ">=60000"],
        "tcp_flags": ["syn,!ack", "none"], "icmp_type": 3, "icmp_code": "<=4", "len": ">467",
        "ttl": "5-3", "dscp": ["ef", 12], "fragment": "any",
        "not": [ { "src": "192.0.2.1" }, { "icmp_type": "echo-request", "proto": "icmp6" } ] },
      "action": "ban", "for": "2d", "comment": "x" },
    { "name": "second", "match": {}, "action": "count" }
  ],
  "tests": [
    { "packet": "udp 192.0.2.1:1 > 198.51.100.1:2", "direction": "egress", "iface": "eth1",
      "expect": "drop", "rule": "(policy)", "reason": "policy" }
  ]
})json";

Document read_well(const std::string& text) {
    Document document = read_ruleset(text);
    for (const Diagnostic& d : document.diagnostics) {
        ADD_FAILURE() << d.location.line << ':' << d.location.column << ' ' << d.message;
    }
    return document;
}

TEST(Reader, reads_every_key_into_the_model) {
    const Ruleset r = read_well(kWhole).ruleset;
    EXPECT_EQ(r.comment, "all \"keys\"\n");
    EXPECT_EQ(r.policy[0], Verdict::drop);
    EXPECT_EQ(r.policy[1], Verdict::pass);
    ASSERT_EQ(r.failsafe.size(), 1u);
    EXPECT_EQ(r.failsafe[0].src.size(), 2u);
    EXPECT_EQ(r.exceptions.at("frag_later"), Verdict::pass);
    ASSERT_EQ(r.sets.size(), 2u);
    EXPECT_EQ(r.sets[0].first, "web");
    EXPECT_EQ(r.sets[1].second.timeout_seconds, 3600u);
    EXPECT_EQ(to_text(r.sets[1].second.prefixes[1]), "2001:db8::/48");
    ASSERT_EQ(r.rules.size(), 2u);
    EXPECT_EQ(r.rules[0].ban_seconds, 2u * 86400);
    EXPECT_EQ(r.rules[1].match, Match{});
    ASSERT_EQ(r.tests.size(), 1u);
    EXPECT_EQ(r.tests[0].direction, Direction::egress);
}

TEST(Reader, reads_every_form_of_value) {
    const Match m = read_well(kWhole).ruleset.rules.at(0).match;
    EXPECT_EQ(m.ethertype,
              (std::vector<NumberRange>{{0x88cc, 0x88cc}, {0x806, 0x806}, {0x800, 0x800}}));
    EXPECT_EQ(m.vlan, (std::vector<NumberRange>{{0, 0}, {10, 20}}));
    EXPECT_EQ(m.proto, (std::vector<NumberRange>{{6, 6}, {17, 17}, {132, 136}}));
    EXPECT_EQ(m.sport, (std::vector<PortTest>{NumberRange{0, 1023}}));
    EXPECT_EQ(m.dport, (std::vector<PortTest>{SetReference{"web"}, NumberRange{22, 22},
                                              NumberRange{60000, 65535}}));
    EXPECT_EQ(m.tcp_flags, (std::vector<FlagsTest>{{0x12, 0x02}, {0xff, 0}}));
    EXPECT_EQ(m.icmp_code, (std::vector<NumberRange>{{0, 4}}));
    EXPECT_EQ(m.len, (std::vector<NumberRange>{{468, 65535}}));
    EXPECT_EQ(m.ttl, (std::vector<NumberRange>{{5, 3}})) << "reversed ranges are for the check";
    EXPECT_EQ(m.dscp, (std::vector<NumberRange>{{46, 46}, {12, 12}}));
    EXPECT_EQ(m.fragment, (std::vector{FragmentKind::first, FragmentKind::later}));
    ASSERT_EQ(m.negated.size(), 2u);
    EXPECT_EQ(m.negated[1].icmp_type, (std::vector<NumberRange>{{128, 128}}));
}

TEST(Printer, canonical_text_reads_back_to_the_same_model_and_text) {
    const Ruleset ruleset = read_well(kWhole).ruleset;
    const std::string text = print(ruleset);
    const Document again = read_well(text);
    EXPECT_TRUE(again.ruleset == ruleset) << text;
    EXPECT_EQ(print(again.ruleset), text);
}

TEST(Reader, every_truncation_is_an_error_at_a_place_in_the_text) {
    const std::string whole = kWhole;
    for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
        SCOPED_TRACE(length);
        const Document document = read_ruleset(whole.substr(0, length));
        ASSERT_FALSE(document.ok());
        for (const Diagnostic& d : document.diagnostics) {
            EXPECT_GE(d.location.line, 1u);
            EXPECT_GE(d.location.column, 1u);
            EXPECT_FALSE(d.message.empty());
        }
    }
}

TEST(Reader, nesting_is_refused_while_it_is_read) {
    for (const std::size_t depth : {33u, 10'000u, 1'000'000u}) {
        SCOPED_TRACE(depth);
        const Document document = read_ruleset(std::string(depth, '['));
        ASSERT_EQ(document.diagnostics.size(), 1u);
        EXPECT_EQ(document.diagnostics[0].code, "json-depth");
        EXPECT_EQ(document.diagnostics[0].location.column, 33u);
    }
}

TEST(Reader, a_body_of_100_megabytes_is_refused_by_its_size) {
    const Document document = read_ruleset(std::string(100'000'000, ' '));
    ASSERT_EQ(document.diagnostics.size(), 1u);
    EXPECT_EQ(document.diagnostics[0].code, "json-size");
    EXPECT_TRUE(document.source.empty());
}

TEST(Reader, at_most_twenty_errors) {
    std::string text = "{";
    for (int i = 0; i < 100; ++i)
        text += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":1";
    EXPECT_EQ(read_ruleset(text + "}").diagnostics.size(), 20u);
}

}  // namespace
}  // namespace yett
