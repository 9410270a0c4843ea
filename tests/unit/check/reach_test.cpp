// SPDX-License-Identifier: GPL-2.0-or-later
// Rules out of reach, found among very many without comparing each pair.
#include <gtest/gtest.h>

#include <algorithm>

#include "check/check.hpp"

namespace yett {
namespace {

Prefix prefix(const std::string& text) {
    return *parse_prefix(text);
}

Rule rule_of(std::size_t number, std::vector<AddressTest> src, std::vector<AddressTest> dst,
             NumberRange dport = {0, 65535}) {
    Rule rule;
    rule.name = "r" + std::to_string(number);
    rule.match.src = std::move(src);
    rule.match.dst = std::move(dst);
    rule.match.dport = {dport};
    return rule;
}

Prefix host(std::size_t number) {
    const auto octet = [number](int shift) { return std::to_string(number >> shift & 255); };
    return prefix("10." + octet(16) + '.' + octet(8) + '.' + octet(0));
}

/// Pointers of the warnings with that code.
std::vector<std::string> places(const Ruleset& ruleset, const std::string& code) {
    std::vector<std::string> out;
    for (const auto& found : check(ruleset))
        if (found.code == code) out.push_back(found.pointer);
    return out;
}

using Places = std::vector<std::string>;

TEST(Reach, is_found_among_fifty_thousand_rules) {
    Ruleset ruleset;
    for (std::size_t i = 0; i < 50'000; ++i)
        ruleset.rules.push_back(rule_of(i, {host(i)}, {host(i / 2)}, {80, 90}));
    ruleset.rules.push_back(rule_of(50'000, {host(777)}, {host(388)}, {85, 85}));
    ruleset.rules.push_back(rule_of(50'001, {host(777)}, {host(388)}, {85, 91}));
    EXPECT_EQ(places(ruleset, "unreachable"), Places{"/rules/50000/name"});
    EXPECT_EQ(places(ruleset, "reach-unchecked"), Places{});
}

TEST(Reach, goes_up_every_prefix_that_holds_an_address) {
    struct Row {
        const char* name;
        std::vector<AddressTest> src, dst;         // of the earlier rule
        std::vector<AddressTest> inner, inner_to;  // of the later one
        bool covered;
    };
    const AddressTest wide = prefix("192.0.2.0/24"), half = prefix("192.0.2.0/25"),
                      one = prefix("192.0.2.1"), other = prefix("198.51.100.0/24"),
                      range =
                          AddressRange{prefix("192.0.2.1").address, prefix("192.0.2.9").address},
                      set = SetReference{"s"}, six = prefix("2001:db8::/32");
    const std::vector<Row> rows = {
        {"same", {wide}, {other}, {wide}, {other}, true},
        {"no keys hold all", {}, {}, {one}, {other}, true},
        {"no source holds all", {}, {other}, {one}, {other}, true},
        {"a host in a network", {wide}, {}, {one}, {}, true},
        {"a network in a host", {one}, {}, {wide}, {}, false},
        {"all in a network", {wide}, {}, {}, {}, false},
        {"both sides nested", {wide}, {wide}, {half}, {one}, true},
        {"one side is not", {wide}, {other}, {half}, {one}, false},
        {"one of several", {other, six, wide}, {}, {one}, {}, true},
        {"each of several", {other, wide}, {}, {one, other}, {}, true},
        {"one of them outside", {other, half}, {}, {one, wide}, {}, false},
        {"the same range", {range}, {}, {range}, {}, true},
        {"the same set", {set}, {}, {set}, {}, true},
        {"a set is not a range", {set}, {}, {range}, {}, false},
        {"the other family", {six}, {}, {one}, {}, false},
    };
    for (const Row& row : rows) {
        Ruleset ruleset;
        ruleset.sets = {{"s", Set{}}};
        ruleset.rules = {rule_of(0, row.src, row.dst), rule_of(1, {prefix("203.0.113.1")}, {}),
                         rule_of(2, row.inner, row.inner_to)};
        const Places found = places(ruleset, "unreachable");
        EXPECT_EQ(std::count(found.begin(), found.end(), "/rules/2/name"), row.covered ? 1 : 0)
            << row.name;
    }
}

TEST(Reach, of_a_long_list_of_addresses_is_found_too) {
    Ruleset ruleset;
    std::vector<AddressTest> many;
    for (std::size_t i = 0; i < 300; ++i)
        many.emplace_back(host(i));
    ruleset.rules = {rule_of(0, many, {}), rule_of(1, {host(299)}, {}),
                     rule_of(2, {host(300)}, {})};
    EXPECT_EQ(places(ruleset, "unreachable"), Places{"/rules/1/name"});
}

TEST(Reach, says_where_it_gave_up) {
    Ruleset ruleset;
    for (std::uint32_t i = 0; i < 3500; ++i)
        ruleset.rules.push_back(rule_of(i, {host(1)}, {host(2)}, {i, i}));
    const auto found = places(ruleset, "reach-unchecked");
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0], "/rules/2829/name") << "after four million comparisons";
}

}  // namespace
}  // namespace yett
