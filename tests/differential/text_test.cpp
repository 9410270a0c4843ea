// SPDX-License-Identifier: GPL-2.0-or-later
// Rulesets to text and back, packets to words and back: nothing may change on the way.
#include <gtest/gtest.h>

#include "differential/generator.hpp"
#include "json/printer.hpp"
#include "json/reader.hpp"

namespace yett::testing {
namespace {

std::string first_complaint(const Document& document) {
    return document.diagnostics.empty() ? "" : document.diagnostics.front().message;
}

/// Rule files have no "not" inside of "not"; the model has.
void flatten(Match& match) {
    for (Match& part : match.negated)
        part.negated.clear();
    std::erase(match.negated, Match{});
}

TEST(TextDifferential, RulesetsSurviveTheirText) {
    constexpr int kRulesets = 500;
    Generator generator(seed_of_run());
    for (int i = 0; i < kRulesets; ++i) {
        Ruleset ruleset = generator.ruleset();
        for (Rule& rule : ruleset.rules)
            flatten(rule.match);
        for (Match& entry : ruleset.failsafe)
            flatten(entry);
        const std::string text = print(ruleset);
        const Document document = read_ruleset(text);
        ASSERT_TRUE(document.ok())
            << first_complaint(document) << "\nseed " << seed_of_run() << "\n"
            << text;
        ASSERT_EQ(print(document.ruleset), text) << "seed " << seed_of_run();
        ASSERT_EQ(effective_rules(document.ruleset), effective_rules(ruleset))
            << "seed " << seed_of_run() << "\n"
            << text;
    }
}

/// The generator also makes packets that no text may ask for; those are not compared.
TEST(TextDifferential, PacketsSurviveTheirWords) {
    constexpr int kPackets = 20000;
    Generator generator(seed_of_run());
    int compared = 0;
    for (int i = 0; i < kPackets; ++i) {
        PacketSpec packet = generator.sample().packet;
        // ICMP of the other family has no type that words could name; the generator sets one.
        packet.icmp_type = packet.icmp_code = 0;
        const std::string text = to_text(packet);
        const Result<PacketSpec> read = parse_packet(text);
        if (!read) continue;
        ++compared;
        ASSERT_EQ(to_text(*read), text) << "seed " << seed_of_run();
        ASSERT_EQ(to_frame(*read), to_frame(packet)) << text << "\nseed " << seed_of_run();
    }
    EXPECT_GT(compared, kPackets / 2);
}

}  // namespace
}  // namespace yett::testing
