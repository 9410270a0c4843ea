// SPDX-License-Identifier: GPL-2.0-or-later
// Limits as the data plane reads them: costs, bursts, clocks, masks.
#include <gtest/gtest.h>

#include "compile/compile.hpp"

namespace yett {
namespace {

yett_limit compiled(const Limit& limit) {
    Ruleset ruleset;
    Rule rule{"r", {}, ActionKind::pass, 0, {}};
    rule.limit = limit;
    ruleset.rules = {rule};
    Slots slots;
    std::uint32_t next = 1;
    for (const std::string& name : counter_names(ruleset))
        slots.counters[name] = next++;
    auto tables = compile(ruleset, slots);
    EXPECT_TRUE(tables.ok());
    EXPECT_EQ(tables->limits.size(), 1u);
    EXPECT_EQ(tables->actions.back().limit, 1u);
    EXPECT_EQ(tables->limits[0].counter, slots.counters.at("r"));
    EXPECT_EQ(tables->limits[0].over_counter, slots.counters.at("(over:r)"));
    return tables->limits[0];
}

double nanoseconds(std::uint64_t cost) {
    return static_cast<double>(cost) / (1 << YETT_LIMIT_COST_BITS);
}

TEST(CompiledLimit, costs_are_exact_to_a_thousandth) {
    const Rate rates[] = {{1, 3600, false},    {1, 60, false},          {10, 1, false},
                          {100000, 1, false},  {999999999, 1, false},   {100, 1, true},
                          {10000000, 1, true}, {100000000000, 1, true}, {7, 60, false}};
    for (const Rate& rate : rates) {
        SCOPED_TRACE(rate.amount);
        const yett_limit limit = compiled({LimitPer::src, rate, 0, 32, 64});
        const double expected = 1e9 * rate.seconds / static_cast<double>(rate.amount);
        EXPECT_NEAR(nanoseconds(limit.cost), expected, expected / 1000);
        EXPECT_EQ(limit.unit, rate.octets ? YETT_UNIT_OCTETS : YETT_UNIT_PACKETS);
    }
}

TEST(CompiledLimit, bursts_are_times) {
    const auto seconds = [](const Limit& limit) {
        return static_cast<double>(compiled(limit).burst) / (1e9 * (1 << YETT_METER_NS_SHIFT));
    };
    EXPECT_NEAR(seconds({LimitPer::src, {50, 1, false}, 100, 32, 64}), 2, 0.001);
    EXPECT_NEAR(seconds({LimitPer::src, {10, 1, false}, 0, 32, 64}), 0.5, 0.001);
    EXPECT_NEAR(seconds({LimitPer::src, {100000, 1, false}, 0, 32, 64}), 0.1, 0.001);
    EXPECT_NEAR(seconds({LimitPer::src, {1000000, 1, true}, 0, 32, 64}), 0.1, 0.001);
    EXPECT_NEAR(seconds({LimitPer::src, {1000, 1, true}, 0, 32, 64}), 65.536, 0.01);
}

TEST(CompiledLimit, a_burst_beyond_all_time_is_cut) {
    const yett_limit limit = compiled({LimitPer::src, {1, 3600, false}, kMostBurst, 32, 64});
    EXPECT_EQ(limit.burst, 1ull << 60);
}

TEST(CompiledLimit, short_bursts_get_the_fine_clock) {
    const auto fine = [](Rate rate, std::uint64_t burst) {
        return (compiled({LimitPer::src, rate, burst, 32, 64}).flags & YETT_LIMIT_FINE_CLOCK) != 0;
    };
    EXPECT_FALSE(fine({10, 1, false}, 0));
    EXPECT_FALSE(fine({100000, 1, false}, 0));
    EXPECT_TRUE(fine({100000, 1, false}, 100));
    EXPECT_TRUE(fine({10, 1, false}, 1));
    EXPECT_TRUE(fine({1000000000, 1, true}, 1514));
}

TEST(CompiledLimit, prefix_lengths_are_masks) {
    const yett_limit whole = compiled({LimitPer::tuple, {1, 1, false}, 0, 32, 128});
    EXPECT_EQ(whole.mask4, 0xffffffffu);
    EXPECT_EQ(whole.mask6_hi, ~0ull);
    EXPECT_EQ(whole.mask6_lo, ~0ull);
    const yett_limit cut = compiled({LimitPer::src, {1, 1, false}, 0, 24, 48});
    EXPECT_EQ(cut.mask4, 0xffffff00u);
    EXPECT_EQ(cut.mask6_hi, 0xffffffffffff0000ull);
    EXPECT_EQ(cut.mask6_lo, 0u);
    const yett_limit odd = compiled({LimitPer::src, {1, 1, false}, 0, 1, 65});
    EXPECT_EQ(odd.mask4, 0x80000000u);
    EXPECT_EQ(odd.mask6_hi, ~0ull);
    EXPECT_EQ(odd.mask6_lo, 1ull << 63);
}

}  // namespace
}  // namespace yett
