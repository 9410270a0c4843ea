// SPDX-License-Identifier: GPL-2.0-or-later
// The matching engine's headers, run natively, against a scan over all boxes by the law.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "differential/engine_fixture.hpp"

namespace yett::testing {
namespace {

/// By YETT_MODE: how many lookups, and how many large rulesets.
struct Extent {
    std::uint64_t lookups = 10'000'000;
    int large = 4;
};

Extent extent() {
    const char* mode = std::getenv("YETT_MODE");
    if (mode && std::string(mode) == "long") return {1'000'000'000, 100};
    if (mode && std::string(mode) == "quick") return {300'000, 1};
    return {};
}

TEST_F(EngineDifferential, FindsWhatAScanFinds) {
    constexpr int kForEachRuleset = 2000;
    const std::uint64_t lookups = number_from_environment("YETT_LOOKUPS", extent().lookups);
    EngineCases cases(seed_);
    std::uint64_t done = 0, rulesets = 0;
    for (; done < lookups && !HasFatalFailure(); done += kForEachRuleset, ++rulesets)
        hold(cases, cases.next_case(600), kForEachRuleset);
    EXPECT_GT(recalled_, done / 100) << "flows are not remembered";
    std::cout << done << " lookups, " << recalled_ << " of remembered flows, " << rulesets
              << " rulesets\n";
}

TEST_F(EngineDifferential, FindsWhatAScanFindsInLargeRulesets) {
    EngineCases cases(seed_);
    const int rounds = extent().large;
    for (int i = 0; i < rounds && !HasFatalFailure(); ++i) {
        EngineCase shape = cases.next_case(100);
        if (shape.family == YETT_FAMILY_OTHER) shape.family = YETT_FAMILY_IPV4;
        shape.boxes = std::min(20000, YETT_MAX_COUNTERS);
        shape.pool = i % 2 ? 300 : 6000;
        shape.wide %= 60;
        hold(cases, shape, 10000);
    }
}

/// Trees that are smaller because there is no room for fast ones.
TEST_F(EngineDifferential, SlowerTreesFindWhatAScanFinds) {
    constexpr int kRulesets = 150;
    EngineCases cases(seed_);
    int slower = 0;
    for (int i = 0; i < kRulesets; ++i) {
        const EngineCase shape = cases.next_case(2000);
        Tables tables = cases.tables(shape);
        ASSERT_TRUE(build_engine(tables).ok());
        EXPECT_EQ(tables.report.fallback, "") << shape.words();
        const std::size_t most = tables.report.octets - 1;
        if (!build_engine(tables, most).ok()) continue;  // there are no smaller ones
        ++slower;
        EXPECT_LE(tables.report.octets, most);
        EXPECT_NE(tables.report.fallback.find("smaller and slower"), std::string::npos);
        load(tables);
        std::string report;
        ASSERT_EQ(differences(cases, shape, tables, 1000, report), 0)
            << "seed " << seed_ << ": " << shape.words() << "\n"
            << report;
        ASSERT_EQ(wrong_counts(), 0) << "seed " << seed_ << ": " << shape.words();
    }
    EXPECT_GT(slower, kRulesets / 10) << "seed " << seed_;
}

yett_packet packet_of(const EngineClass& one, const std::array<std::uint64_t, 8>& numbers) {
    yett_packet packet{};
    packet.trace_id = 1;  // searched for each time
    const bool ipv6 = one.family == YETT_FAMILY_IPV6;
    packet.family = static_cast<__u8>(one.family);
    packet.direction = static_cast<__u8>(one.direction);
    packet.known = YETT_ALL_FIELDS;
    packet.src = {ipv6 ? numbers[YETT_CUT_SRC] : 0,
                  numbers[ipv6 ? YETT_CUT_SRC_LOW : YETT_CUT_SRC]};
    packet.dst = {ipv6 ? numbers[YETT_CUT_DST] : 0,
                  numbers[ipv6 ? YETT_CUT_DST_LOW : YETT_CUT_DST]};
    if (!ipv6) packet.src.lo &= 0xffffffff, packet.dst.lo &= 0xffffffff;
    packet.sport = static_cast<__u16>(numbers[YETT_CUT_SPORT]);
    packet.dport = static_cast<__u16>(numbers[YETT_CUT_DPORT]);
    packet.proto = static_cast<__u8>(numbers[YETT_CUT_PROTO]);
    return packet;
}

/// Packets that no rule decides read every record of the leaves that the compiler says they come
/// to.
TEST_F(EngineDifferential, PathsAreAsDearAsComputed) {
    constexpr int kRulesets = 60;
    EngineCases cases(seed_);
    int driven = 0;
    for (int i = 0; i < kRulesets; ++i) {
        const EngineCase shape = cases.next_case(500);
        Tables tables = cases.tables(shape);
        ASSERT_TRUE(build_engine(tables).ok());
        load(tables);
        for (const EngineClass& one : tables.report.classes) {
            if (one.packets != YETT_CLASS_PORTS) continue;
            for (const EnginePath& path : one.joined()) {
                yett_packet packet = packet_of(one, path.numbers(static_cast<std::uint64_t>(i)));
                ASSERT_TRUE(native_engine_classify(&packet));
                ASSERT_LE(packet.compared, one.worst().records) << shape.words();
                if (packet.rule != YETT_NO_RULE) continue;
                ASSERT_GE(packet.compared, path.records) << shape.words() << ", seed " << seed_;
                ++driven;
            }
        }
    }
    EXPECT_GT(driven, kRulesets / 4) << "too few paths end without a rule, seed " << seed_;
}

/// The tests above can fail: a record that lost a bit is seen.
TEST_F(EngineDifferential, DamageIsSeen) {
    constexpr int kRulesets = 200;
    EngineCases cases(1);
    int seen = 0;
    for (int i = 0; i < kRulesets; ++i) {
        EngineCase shape = cases.next_case(100);
        Tables tables = cases.tables(shape);
        ASSERT_TRUE(build_engine(tables).ok());
        for (std::size_t word = 8; word < tables.engine.size(); word += 4)
            tables.engine[word] ^= 1;
        load(tables);
        std::string report;
        seen += differences(cases, shape, tables, 200, report) > 0;
    }
    EXPECT_GT(seen, kRulesets / 2);
}

}  // namespace
}  // namespace yett::testing
