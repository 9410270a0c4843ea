// SPDX-License-Identifier: GPL-2.0-or-later
// Limits in rule files: every spelling, and every mistake.
#include <gtest/gtest.h>

#include "json/printer.hpp"
#include "json/rate.hpp"
#include "json/reader.hpp"

namespace yett {
namespace {

std::string ruleset_with(const std::string& keys) {
    return R"({"version": 1, "name": "n", "rules": [{"name": "r", "match": {}, )" + keys + "}]}";
}

TEST(Rate, reads_and_prints) {
    struct Row {
        const char* text;
        Rate rate;
        const char* printed;
    };
    const Row rows[] = {
        {"50/s", {50, 1, false}, "50/s"},
        {"600/min", {600, 60, false}, "600/min"},
        {"1/h", {1, 3600, false}, "1/h"},
        {"10MB/s", {10000000, 1, true}, "10MB/s"},
        {"1500B/s", {1500, 1, true}, "1500B/s"},
        {"500 kB/s", {500000, 1, true}, "500kB/s"},
        {"100Mbit/s", {12500000, 1, true}, "12500kB/s"},
        {"1Gbit/s", {125000000, 1, true}, "125MB/s"},
        {"6GB/min", {6000000000, 60, true}, "6GB/min"},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.text);
        const auto rate = parse_rate(row.text);
        ASSERT_TRUE(rate.ok()) << rate.error().message;
        EXPECT_EQ(*rate, row.rate);
        EXPECT_EQ(print_rate(*rate), row.printed);
        EXPECT_EQ(*parse_rate(row.printed), row.rate);
    }
}

TEST(Rate, refuses_what_is_none) {
    for (const char* text : {"",         "/",
                             "50",       "/s",
                             "50/",      "50/d",
                             "-1/s",     "0/s",
                             "05/s",     "1.5/s",
                             "50pps",    "10mB/s",
                             "10MB",     "2000000000/s",
                             "99B/s",    "1B/h",
                             "1000GB/s", "99999999999999999999/s",
                             "1 MB /s",  "50/s "}) {
        SCOPED_TRACE(text);
        EXPECT_FALSE(parse_rate(text).ok());
    }
}

TEST(LimitReader, reads_every_key) {
    struct Row {
        const char* text;
        Limit limit;
    };
    const Row rows[] = {
        {R"({"per": "src", "rate": "50/s", "burst": 100})",
         {LimitPer::src, {50, 1, false}, 100, 32, 64}},
        {R"({"per": "src", "rate": "50/s", "prefix4": 24, "prefix6": 56})",
         {LimitPer::src, {50, 1, false}, 0, 24, 56}},
        {R"({"per": "src_prefix", "rate": "50/s"})", {LimitPer::src, {50, 1, false}, 0, 24, 48}},
        {R"({"per": "src_prefix", "prefix4": 16, "rate": "50/s"})",
         {LimitPer::src, {50, 1, false}, 0, 16, 48}},
        {R"({"per": "dst", "rate": "1MB/s", "burst": "64kB"})",
         {LimitPer::dst, {1000000, 1, true}, 64000, 32, 64}},
        {R"({"per": "tuple", "rate": "1/min"})", {LimitPer::tuple, {1, 60, false}, 0, 32, 128}},
        {R"({"burst": "2MB", "rate": "1MB/s", "per": "global"})",
         {LimitPer::global, {1000000, 1, true}, 2000000, 32, 64}},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.text);
        const std::string keys = std::string("\"limit\": ") + row.text + R"(, "action": "pass")";
        const Document document = read_ruleset(ruleset_with(keys));
        ASSERT_TRUE(document.ok()) << document.diagnostics.front().message;
        EXPECT_EQ(document.ruleset.rules[0].limit, row.limit);
        const std::string printed = print(document.ruleset);
        EXPECT_EQ(read_ruleset(printed).ruleset, document.ruleset) << printed;
        EXPECT_EQ(print(read_ruleset(printed).ruleset), printed);
    }
}

TEST(LimitReader, names_the_mistake) {
    struct Row {
        const char* keys;
        const char* code;
    };
    const Row rows[] = {
        {R"("limit": {"per": "src", "rate": "50/s"}, "action": "drop")", "limit-action"},
        {R"("limit": {"per": "src", "rate": "50/s"}, "action": "count")", "limit-action"},
        {R"("limit": {"per": "src"}, "action": "pass")", "missing-key"},
        {R"("limit": {"rate": "50/s"}, "action": "pass")", "missing-key"},
        {R"("limit": {"per": "sorce", "rate": "50/s"}, "action": "pass")", "bad-value"},
        {R"("limit": {"per": "src", "rate": 50}, "action": "pass")", "wrong-type"},
        {R"("limit": {"per": "src", "rate": "50"}, "action": "pass")", "bad-rate"},
        {R"("limit": {"per": "src", "rate": "5/s", "burst": 0}, "action": "pass")", "out-of-range"},
        {R"("limit": {"per": "src", "rate": "5/s", "burst": "1MB"}, "action": "pass")",
         "burst-unit"},
        {R"("limit": {"per": "src", "rate": "5kB/s", "burst": 1000}, "action": "pass")",
         "out-of-range"},
        {R"("limit": {"per": "src", "rate": "5/s", "prefix4": 33}, "action": "pass")",
         "out-of-range"},
        {R"("limit": {"per": "src", "rate": "5/s", "prefix6": 0}, "action": "pass")",
         "out-of-range"},
        {R"("limit": {"per": "global", "rate": "5/s", "prefix4": 8}, "action": "pass")",
         "prefix-of-global"},
        {R"("over": "drop", "action": "pass")", "over-without-limit"},
        {R"("limit": {"per": "src", "rate": "5/s"}, "over": "reject", "action": "pass")",
         "bad-value"},
        {R"("limit": {"per": "src", "rate": "5/s"}, "for": "1h", "action": "pass")",
         "for-without-ban"},
        {R"("spoofable": true, "action": "drop")", "for-without-ban"},
        {R"("beats_bans": true, "action": "drop")", "beats-bans-action"},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.keys);
        const Document document = read_ruleset(ruleset_with(row.keys));
        ASSERT_EQ(document.diagnostics.size(), 1u);
        EXPECT_EQ(document.diagnostics[0].code, row.code) << document.diagnostics[0].message;
        EXPECT_NE(document.diagnostics[0].location.line, 0u);
    }
}

TEST(LimitReader, reads_the_keys_about_bans) {
    const Document document = read_ruleset(
        R"({"version": 1, "name": "n", "never_ban": "@friends",
            "sets": {"friends": {"type": "prefix", "entries": ["192.0.2.0/24"]}},
            "rules": [
              {"name": "a", "match": {}, "limit": {"per": "src", "rate": "5/s"}, "over": "ban",
               "for": "1h", "spoofable": true, "beats_bans": true, "action": "pass"},
              {"name": "b", "match": {}, "action": "ban", "spoofable": true}]})");
    ASSERT_TRUE(document.ok()) << document.diagnostics.front().message;
    const Ruleset& ruleset = document.ruleset;
    EXPECT_EQ(ruleset.never_ban, SetReference{"friends"});
    EXPECT_TRUE(ruleset.rules[0].over_bans && ruleset.rules[0].spoofable);
    EXPECT_TRUE(ruleset.rules[0].beats_bans);
    EXPECT_EQ(ruleset.rules[0].ban_seconds, 3600u);
    EXPECT_TRUE(ruleset.rules[1].spoofable);
    EXPECT_EQ(read_ruleset(print(ruleset)).ruleset, ruleset);
}

}  // namespace
}  // namespace yett
