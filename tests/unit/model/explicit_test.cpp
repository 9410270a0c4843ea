// SPDX-License-Identifier: GPL-2.0-or-later
// Which exceptions a rule overrules by naming the very thing, key by key.
#include "model/explicit.hpp"

#include <gtest/gtest.h>

#include "json/reader.hpp"
#include "model/reason.hpp"

namespace yett {
namespace {

Ruleset read(const std::string& text) {
    const Document document = read_ruleset(text);
    EXPECT_TRUE(document.ok()) << text;
    return document.ruleset;
}

/// Names of the reasons, in the order of their numbers.
std::string words(std::uint64_t bits) {
    std::string text;
    for (int i = 0; i < YETT_REASON_COUNT; ++i)
        if (bits >> i & 1) text += (text.empty() ? "" : " ") + std::string(kReasons[i].name);
    return text;
}

struct Named {
    const char* match;
    const char* reasons;
};

TEST(NamedExceptions, AreThoseThatTheValuesSpeakOfAlone) {
    static constexpr Named kRows[] = {
        {R"("proto": "gre")", "tunnel"},
        {R"("proto": [4, 41])", "tunnel"},
        {R"("proto": "0-255")", ""},
        {R"("proto": [47, "0-255"])", ""},
        {R"("ethertype": "0x8847")", "tunnel"},
        {R"("src": "192.0.2.0/24")", ""},
        {R"("src": "127.0.0.0/8")", "martian"},
        {R"("src": "127.0.0.1")", "martian"},
        {R"("src": ["127.0.0.1", "192.0.2.1"])", "martian"},
        {R"("src": ["127.0.0.1", "0.0.0.0/0"])", ""},
        {R"("dst": "127.0.0.0/8")", "martian"},
        {R"("src": "240.0.0.0/4")", "reserved_source"},
        {R"("src": "240.1.0.0-240.1.0.9")", "reserved_source"},
        {R"("src": "224.0.0.0/3")", ""},
        {R"("src": "::ffff:192.0.2.0/120")", "mapped_address"},
        {R"("src": "::/0")", ""},

        {R"("tcp_flags": "syn,fin")", "tcp_flags"},
        {R"("tcp_flags": "none")", "tcp_flags"},
        {R"("tcp_flags": "fin,!ack")", "tcp_flags"},
        {R"("tcp_flags": "syn,!ack")", ""},
        {R"("tcp_flags": "fin")", ""},
        {R"("tcp_flags": ["syn,fin", "syn"])", ""},
        {R"("sport": 0)", "zero_port"},
        {R"("dport": [0, 80])", "zero_port"},
        {R"("dport": "0-1023")", ""},
        {R"("dport": 80)", ""},
        {R"("icmp_type": 8, "dst": "224.0.0.1")", "echo_multicast"},
        {R"("icmp_type": 8, "dst": "192.0.2.7")", ""},
        {R"("icmp_type": 8, "dmac": "ff:ff:ff:ff:ff:ff")", "echo_multicast"},
        {R"("icmp_type": 0, "dst": "224.0.0.1")", ""},
        {R"("fragment": "later")", "frag_later"},
        {R"("fragment": "first")", ""},
        {R"("not": {"src": "127.0.0.1"})", ""},
    };
    for (const Named& row : kRows) {
        const Ruleset ruleset = read(std::string(R"({"rules": [{"name": "a", "match": {)") +
                                     row.match + R"(}, "action": "pass"}]})");
        ASSERT_EQ(ruleset.rules.size(), 1u) << row.match;
        EXPECT_EQ(words(named_exceptions(ruleset.rules[0].match)), row.reasons) << row.match;
    }
}

struct PolicyRow {
    const char* text;
    const char* ingress;
    const char* egress;
    std::uint32_t inspects;
};

TEST(PolicyThatPasses, TakesOddities) {
    static constexpr PolicyRow kRows[] = {
        {R"({"policy": {"ingress": "drop", "egress": "drop"}})", "", "", 0},
        {R"({"policy": {"ingress": "pass", "egress": "pass"}})",
         "frag_later zero_port tunnel reserved_source",
         "frag_later zero_port tunnel reserved_source", 0},
        {R"({"policy": {"ingress": "pass", "egress": "pass"}, "rules":
            [{"name": "a", "match": {"src": "203.0.113.0/24"}, "action": "drop"}]})",
         "zero_port reserved_source", "frag_later zero_port tunnel reserved_source",
         1u << YETT_TUNNEL_IPIP | 1u << YETT_TUNNEL_GRE | 1u << YETT_TUNNEL_MPLS},
        {R"({"policy": {"ingress": "pass", "egress": "pass"}, "rules":
            [{"name": "a", "match": {"direction": "egress"}, "action": "drop"}]})",
         "frag_later zero_port tunnel reserved_source",
         "frag_later zero_port tunnel reserved_source", 0},
        {R"({"policy": {"ingress": "pass", "egress": "drop"}, "fragments": "drop",
            "exceptions": {"zero_port": "drop", "tunnel": "drop"}})",
         "reserved_source", "", 0},
    };
    for (const PolicyRow& row : kRows) {
        const Ruleset ruleset = read(row.text);
        EXPECT_EQ(words(policy_overrules(ruleset, Direction::ingress)), row.ingress) << row.text;
        EXPECT_EQ(words(policy_overrules(ruleset, Direction::egress)), row.egress) << row.text;
        EXPECT_EQ(policy_inspects(ruleset), row.inspects) << row.text;
    }
}

}  // namespace
}  // namespace yett
