// SPDX-License-Identifier: GPL-2.0-or-later
// Compiled boxes against the reference judge, without a kernel: random rulesets, random packets.
#include <gtest/gtest.h>

#include <iostream>

#include "differential/compare.hpp"
#include "differential/evaluator.hpp"
#include "differential/generator.hpp"
#include "json/printer.hpp"

namespace yett::testing {
namespace {

constexpr int kPacketsForEachRuleset = 200;

/// Also what no packet in words can say: behind too many IPv6 extension headers nothing can be
/// read.
PacketView view_with_unknowns(Generator& generator, const Sample& sample) {
    PacketView view = view_of(sample.packet, sample.direction, sample.iface);
    if (view.family != Family::ipv6 || !generator.chance(15)) return view;
    constexpr std::uint32_t kBehind = YETT_FIELD_BIT(PROTO) | YETT_FIELD_BIT(FRAGMENT) |
                                      YETT_FIELD_BIT(SPORT) | YETT_FIELD_BIT(DPORT) |
                                      YETT_FIELD_BIT(TCP_FLAGS) | YETT_FIELD_BIT(ICMP_TYPE) |
                                      YETT_FIELD_BIT(ICMP_CODE);
    view.known &= ~kBehind;
    view.unknown |= kBehind;
    return view;
}

/// Packets on which the two differ; the first is described in `report`.
int differences(const Ruleset& ruleset, const Slots& slots, const Tables& tables,
                Generator& generator, int packets, std::string& report) {
    const std::vector<Rule> rules = effective_rules(ruleset);
    int count = 0;
    for (int i = 0; i < packets; ++i) {
        const Sample sample = generator.sample();
        if (!early_reason(ruleset, sample.packet, sample.direction).empty()) continue;
        const PacketView view = view_with_unknowns(generator, sample);
        const Judgement expected = judge(ruleset, rules, view);
        const Judgement got = evaluate(tables, slots, ruleset, view);
        if (same(expected, got)) continue;
        if (count++ == 0)
            report = to_text(sample.packet) + " unknown " + std::to_string(view.unknown) +
                     "\n  model: " + words(expected) + "\n  boxes: " + words(got);
    }
    return count;
}

TEST(NativeDifferential, BoxesJudgeLikeTheModel) {
    const std::uint64_t packets = number_from_environment("YETT_PACKETS", 1'000'000) / 2;
    std::cout << "seed: YETT_SEED=" << seed_of_run() << "\n";
    Generator generator(seed_of_run());
    for (std::uint64_t done = 0; done < packets; done += kPacketsForEachRuleset) {
        const Ruleset ruleset = generator.ruleset();
        const Slots slots = slots_for(ruleset);
        const Result<Tables> tables = compile(ruleset, slots);
        // Three sets at once, or too many boxes: refused in words, which is an answer too.
        if (!tables) {
            EXPECT_EQ(tables.error().kind, ErrorKind::invalid) << tables.error().message;
            continue;
        }
        std::string report;
        const int wrong =
            differences(ruleset, slots, *tables, generator, kPacketsForEachRuleset, report);
        ASSERT_EQ(wrong, 0) << "after " << done << " packets, seed " << seed_of_run() << "\n"
                            << report << "\n"
                            << print(ruleset);
    }
}

}  // namespace
}  // namespace yett::testing
