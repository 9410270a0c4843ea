// SPDX-License-Identifier: GPL-2.0-or-later
// Which rules are said to be out of reach, pair by pair and union by union, and in what words.
#include <gtest/gtest.h>

#include <ctime>

#include "check/check.hpp"
#include "json/reader.hpp"

namespace yett {
namespace {

struct ReachRow {
    const char* about;
    const char* code;   ///< of the one finding about reach; empty: none
    int rule;           ///< whom it speaks of
    const char* rules;  ///< in short: see text_of()
    const char* rest = "";
};

/// "pass dport:80; drop" is two rules. A value with a comma, a letter or "@" stands in quotes of
/// its own where JSON needs them.
std::string text_of(const ReachRow& row) {
    std::string text = "{\"rules\":[";
    std::string_view rules = row.rules;
    for (int number = 0; !rules.empty(); ++number) {
        const auto end = rules.find(';');
        const std::string_view one = rules.substr(0, end);
        rules.remove_prefix(end == std::string_view::npos ? rules.size() : end + 1);
        const auto space = one.find(' ');
        text += std::string(number ? "," : "") + "{\"name\":\"r" + std::to_string(number) +
                "\",\"action\":\"" + std::string(one.substr(0, space)) + "\",\"match\":{" +
                std::string(space == std::string_view::npos ? "" : one.substr(space + 1)) + "}}";
    }
    return text + "]" + row.rest + "}";
}

const char* const kSet = R"(,"sets":{"s":{"type":"prefix"},"p":{"type":"port"}})";
const char* const kLaterToo = R"(,"exceptions":{"frag_later":"pass"})";
const char* const kClosed =
    R"(,"policy":{"ingress":"drop"},"failsafe":[{"src":"192.0.2.0/24","direction":"ingress"}])";

const std::vector<ReachRow> kReachRows = {
    {"halves of a network", "unreachable", 2,
     R"(drop "src":"192.0.2.0/25";drop "src":"192.0.2.128/25";pass "src":"192.0.2.0/24")"},
    {"a quarter is missing", "", 0,
     R"(drop "src":"192.0.2.0/25";drop "src":"192.0.2.128/26";pass "src":"192.0.2.0/24")"},
    {"a range and a network", "unreachable", 2,
     R"(drop "src":"192.0.2.0-192.0.2.99";drop "src":"192.0.2.96/27";)"
     R"(pass "src":"192.0.2.5-192.0.2.120")"},
    {"ranges of ports that touch", "drop-after-pass", 2,
     R"(pass "dport":"1-99";pass "dport":"100-200";drop "dport":"50-150")"},
    {"ranges of ports with a gap", "", 0,
     R"(pass "dport":"1-99";pass "dport":"101-200";drop "dport":"50-150")"},
    {"both families of what has an address", "unreachable", 2,
     R"(drop "family":"ipv4";drop "family":"ipv6";pass "dport":80)"},
    {"both families are not all frames", "", 0,
     R"(drop "family":"ipv4";drop "family":"ipv6";pass "direction":"ingress")"},
    {"all protocols that have ports", "unreachable", 1,
     R"(drop "proto":["tcp","udp","sctp","dccp","udplite"];pass "dport":80)"},
    {"one protocol that has ports is missing", "", 0,
     R"(drop "proto":["tcp","udp","sctp","dccp"];pass "dport":80)"},
    {"all states", "unreachable", 2,
     R"(drop "state":["new","invalid"];pass "state":["established","related"];)"
     R"(pass "src":"192.0.2.1")"},
    {"a key and its negation", "unreachable", 2,
     R"(drop "dport":22;drop "not":{"dport":22};pass "src":"192.0.2.1")"},
    {"not what the later rule is anyway", "unreachable", 1,
     R"(drop "not":{"dport":22};pass "dport":80)"},
    {"not, and the later rule is that", "", 0, R"(drop "not":{"dport":22};pass "dport":22)"},
    {"not a network, and a host in it", "", 0,
     R"(drop "not":{"src":"192.0.2.0/24"};pass "src":"192.0.2.1")"},
    {"a set and its negation", "unreachable", 2,
     R"(drop "src":"@s";drop "not":{"src":"@s"};pass "dport":80)", kSet},
    {"the same set in both", "unreachable", 1, R"(drop "src":"@s";pass "src":"@s","dport":80)",
     kSet},
    {"a set may be empty", "", 0, R"(drop "src":"@s";pass "src":"192.0.2.1")", kSet},
    {"a set may hold all, but that is not known", "", 0,
     R"(drop "src":"192.0.2.0/24";pass "src":"@s")", kSet},
    {"within a network, in a set and not", "drop-after-pass", 2,
     R"(pass "src":"@s";pass "src":"192.0.2.0/24";drop "src":["192.0.2.7","@s"])", kSet},
    {"a set of ports", "unreachable", 1, R"(drop "dport":["@p",80];pass "dport":[80,"@p"])", kSet},
    {"what counts takes nothing", "", 0, R"(count "dport":80;drop "dport":80)"},
    {"what counts behind a drop", "unreachable", 1, R"(drop "dport":80;count "dport":80)"},
    {"a limit drops what is over it", "drop-after-pass", 1,
     R"(pass","limit":{"per":"src","rate":"1/s"},"comment":" "direction":"ingress","dport":22;)"
     R"(drop "direction":"ingress","dport":22)"},
    {"one direction of two", "", 0, R"(pass "direction":"ingress","dport":80;drop "dport":80)"},
    {"each direction by another", "drop-after-pass", 2,
     R"(pass "direction":"ingress";pass "direction":"egress";drop "dport":80)"},
    {"the failsafe passes it before", "drop-after-pass", 0,
     R"(drop "src":"192.0.2.7","direction":"ingress")", kClosed},
    {"the failsafe says nothing of egress", "", 0, R"(drop "src":"192.0.2.7")", kClosed},
    {"a port that cannot be read is dropped all the same", "drop-after-pass", 1,
     R"(pass "dport":80;drop "dport":80)", kLaterToo},
    {"a port that cannot be read is let in by none of these", "", 0,
     R"(pass "dport":80;pass "not":{"dport":80};pass "src":"192.0.2.1")", kLaterToo},
    {"... and none comes to the rules", "unreachable", 2,
     R"(pass "dport":80;pass "not":{"dport":80};pass "src":"192.0.2.1")"},
    {"all drops behind the operator's own last word", "builtin-hidden", 0,
     R"(drop "direction":"ingress")", kClosed},
    {"no word about the other direction", "", 0, R"(drop "direction":"egress")", kClosed},
    {"some advertisements of routers", "", 0,
     R"(drop "proto":"icmp6","icmp_type":134,"direction":"ingress")", kClosed},
    {"passed or dropped, arp is decided before", "builtin-hidden", 1,
     R"(pass "ethertype":"arp","smac":"02:00:5e:10:00:01";drop "ethertype":"arp")", kClosed},
    {"it was meant", "", 0, R"(drop "ethertype":"arp")",
     R"(,"policy":{"ingress":"drop"},"builtins":{"builtin-arp":false},)"
     R"("failsafe":[{"src":"192.0.2.0/24","direction":"ingress"}])"},
    {"a built-in that a rule repeats", "", 0, R"(pass "ethertype":"arp")", kClosed},
    {"a rule that says what the policy says", "", 0, R"(drop "dport":80)", kClosed},
};

bool is_of_reach(const Diagnostic& d) {
    return d.code == "unreachable" || d.code == "drop-after-pass" || d.code == "builtin-hidden";
}

TEST(ReachTable, says_what_no_packet_comes_to) {
    for (const ReachRow& row : kReachRows) {
        SCOPED_TRACE(row.about);
        const Document document = read_ruleset(text_of(row));
        ASSERT_TRUE(document.ok()) << text_of(row) << document.diagnostics[0].message;
        std::string said;
        for (const Diagnostic& d : check(document.ruleset))
            if (is_of_reach(d)) said += d.code + ' ' + d.pointer;
        const std::string place = "/rules/" + std::to_string(row.rule) + "/name";
        EXPECT_EQ(said, *row.code ? row.code + (' ' + place) : "");
    }
}

std::vector<Diagnostic> said_of(const ReachRow& row) {
    std::vector<Diagnostic> found = check(read_ruleset(text_of(row)).ruleset);
    std::erase_if(found, [](const Diagnostic& d) { return !is_of_reach(d); });
    return found;
}

TEST(ReachTable, words_name_who_is_before_and_what_to_do) {
    const auto failsafe =
        said_of({"", "", 0, R"(drop "src":"192.0.2.7","direction":"ingress")", kClosed});
    ASSERT_EQ(failsafe.size(), 1u);
    EXPECT_EQ(failsafe[0].message,
              "\"r0\" drops nothing: \"(failsafe)\" passes the same packets before it");
    EXPECT_EQ(failsafe[0].hint, "narrow \"failsafe\", which comes first, or remove \"r0\"");
    const auto hidden = said_of({"", "", 0, R"(drop "direction":"ingress")", kClosed});
    ASSERT_EQ(hidden.size(), 1u);
    EXPECT_EQ(hidden[0].message,
              "\"r0\" drops what \"builtin-arp\", \"builtin-nd\" and 4 more would pass behind it, "
              "which keep a host on its network");
    EXPECT_EQ(hidden[0].hint,
              "narrow it (the policy drops what no rule names), or say that it is meant: "
              "\"builtins\": {\"builtin-arp\": false}");
    const auto unread = said_of({"", "", 0, R"(pass "dport":80;drop "dport":80)", kLaterToo});
    ASSERT_EQ(unread.size(), 1u);
    EXPECT_EQ(unread[0].message,
              "\"r1\" drops nothing that can be read: \"r0\" passes the same "
              "packets before it");
}

/// Thirty passes out of reach come before one drop that is.
TEST(ReachTable, drops_behind_passes_come_first) {
    std::string rules = R"(pass "dport":80;drop "dport":81)";
    for (int i = 0; i < 30; ++i)
        rules += R"(;pass "dport":81)";
    rules += R"(;drop "dport":80)";
    const auto found = said_of({"", "", 0, rules.c_str()});
    ASSERT_EQ(found.size(), 20u);
    EXPECT_EQ(found[0].code, "drop-after-pass");
    EXPECT_EQ(found[0].pointer, "/rules/32/name");
    EXPECT_EQ(found[1].pointer, "/rules/2/name");
}

/// Rules that overlap in every key and leave a corner: the search ends by its own bound.
TEST(ReachTable, a_search_without_end_ends) {
#ifdef YETT_SANITIZED
    constexpr double kMost = 90;  // under sanitizers it took 14 to 22 s here
#else
    constexpr double kMost = 10;
#endif
    std::string rules;
    for (int i = 0; i < 500; ++i) {
        const auto n = std::to_string(i % 90 + 1), m = std::to_string(i % 77 + 100);
        rules += (i ? ";drop " : "drop ") + std::string(R"("src":"192.0.2.)") + n + "-192.0.2." +
                 m + R"(","dport":")" + n + '-' + m + R"(","ttl":")" + n + '-' + m + '"';
    }
    rules += R"(;pass "dport":"1-60000")";
    const auto before = std::clock();
    (void)said_of({"", "", 0, rules.c_str()});
    EXPECT_LT(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC, kMost);
}

}  // namespace
}  // namespace yett
