// SPDX-License-Identifier: GPL-2.0-or-later
// The loaded programs against the reference judge: random rulesets, random packets, through
// BPF_PROG_TEST_RUN.
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <memory>

#include "abi/reasons.h"
#include "differential/bank.hpp"
#include "differential/compare.hpp"
#include "differential/crowded.hpp"
#include "differential/edits.hpp"
#include "differential/generator.hpp"
#include "json/printer.hpp"

namespace yett::testing {
namespace {

constexpr std::uint64_t kPacketsForEachRuleset = 500;

constexpr const char* kReasonNames[] = {
#define YETT_REASON_NAME(name, text, kind, words) text,
    YETT_REASONS(YETT_REASON_NAME)
#undef YETT_REASON_NAME
};

Judgement judgement_of(const yett_trace_result& result, const Tables& tables) {
    Judgement judgement;
    judgement.verdict = static_cast<Verdict>(result.verdict);
    judgement.reason = result.reason < YETT_REASON_COUNT ? kReasonNames[result.reason] : "?";
    if (result.rule == YETT_NO_RULE) return judgement;
    judgement.rule = static_cast<int>(result.rule);
    judgement.rule_name =
        result.rule < tables.rule_names.size() ? tables.rule_names[result.rule] : "?";
    return judgement;
}

class KernelDifferential : public ::testing::Test {
  protected:
    void SetUp() override {
        Result<DataPlane> opened = DataPlane::open({.pin_directory = ""});
        if (!opened && opened.error().kind == ErrorKind::permission)
            GTEST_SKIP() << opened.error().message << ": " << opened.error().hint;
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        plane_ = std::make_unique<DataPlane>(*std::move(opened));
        Result<BankWriter> writer = BankWriter::open(*plane_);
        ASSERT_TRUE(writer.ok()) << writer.error().message;
        writer_ = std::make_unique<BankWriter>(*std::move(writer));
    }

    /// One packet through the programs and past the judge. Empty: they agree.
    std::string difference(const Ruleset& ruleset, const std::vector<Rule>& rules,
                           const Slots& slots, const Tables& tables, std::uint64_t word,
                           const Sample& sample) {
        const Judgement expected =
            judge(ruleset, rules, sample.packet, sample.direction, sample.iface);
        yett_trace_request request{};
        request.word = word;
        request.iface = interface_slot(slots, sample.iface);
        request.direction = static_cast<std::uint32_t>(sample.direction);
        // Without a word about it, the programs look into an empty table of connections.
        const auto& state = sample.packet.state;
        request.state = state ? 1 + static_cast<std::uint32_t>(*state) : 0;
        const Result<yett_trace_result> result = plane_->trace(to_frame(sample.packet), request);
        if (!result) return to_text(sample.packet) + ": " + result.error().message;
        const Judgement got = judgement_of(*result, tables);
        if (same(expected, got)) return {};
        return to_text(sample.packet) + (request.direction ? " (egress, " : " (ingress, ") +
               sample.iface + ")\n  model:    " + words(expected) + "\n  programs: " + words(got) +
               "\n  known " + std::to_string(result->known) + " unknown " +
               std::to_string(result->unknown) + "\n" + print(ruleset);
    }

    std::unique_ptr<DataPlane> plane_;
    std::unique_ptr<BankWriter> writer_;
};

TEST_F(KernelDifferential, ProgramsJudgeLikeTheModel) {
    const std::uint64_t packets = number_from_environment("YETT_PACKETS", 1'000'000);
    std::cout << "seed: YETT_SEED=" << seed_of_run() << "\n";
    Generator generator(seed_of_run());
    std::uint64_t done = 0, rulesets = 0, refused = 0;
    while (done < packets) {
        const Ruleset ruleset = generator.ruleset();
        const Slots slots = slots_for(ruleset);
        const Result<Tables> tables = compile(ruleset, slots);
        refused += !tables;
        if (!tables) continue;
        ++rulesets;
        const std::vector<Rule> rules = effective_rules(ruleset);
        const Result<std::uint64_t> word = writer_->write(ruleset, slots, *tables);
        ASSERT_TRUE(word.ok()) << word.error().message;
        for (std::uint64_t i = 0; i < kPacketsForEachRuleset; ++i, ++done) {
            const std::string report =
                difference(ruleset, rules, slots, *tables, *word, generator.sample());
            ASSERT_TRUE(report.empty()) << "packet " << done << ", ruleset " << rulesets
                                        << ", seed " << seed_of_run() << "\n"
                                        << report;
        }
    }
    std::cout << done << " packets, " << rulesets << " rulesets, " << refused << " refused\n";
}

/// Rule files that are edited again and again, their tables changed each time.
TEST_F(KernelDifferential, EditedRulesetsJudgeLikeTheModel) {
    constexpr int kRulesets = 150, kEdits = 4, kPackets = 100;
    std::cout << "seed: YETT_SEED=" << seed_of_run() << "\n";
    Generator generator(seed_of_run());
    int changed = 0;
    for (int i = 0; i < kRulesets; ++i) {
        std::vector<Ruleset> versions{generator.ruleset()};
        for (int edit = 0; edit < kEdits; ++edit)
            versions.push_back(edited(generator, versions.back()));
        const Slots slots = slots_for_all(versions);
        std::optional<Tables> tables;
        if (auto built = compile(versions[0], slots)) tables = std::move(*built);
        for (int edit = 1; tables && edit <= kEdits; ++edit) {
            const Ruleset& ruleset = versions[edit];
            tables = recompile(*tables, {versions[edit - 1], slots}, {ruleset, slots});
            if (!tables) break;
            ++changed;
            const std::vector<Rule> rules = effective_rules(ruleset);
            const Result<std::uint64_t> word = writer_->write(ruleset, slots, *tables);
            ASSERT_TRUE(word.ok()) << word.error().message;
            for (int j = 0; j < kPackets; ++j)
                ASSERT_EQ(difference(ruleset, rules, slots, *tables, *word, generator.sample()), "")
                    << "seed " << seed_of_run();
        }
    }
    EXPECT_GT(changed, kRulesets / 2) << "seed " << seed_of_run();
}

/// A hundred thousand rules whose fast trees do not fit.
TEST_F(KernelDifferential, SlowerTreesJudgeLikeTheModel) {
    constexpr int kPackets = 300;
    const Ruleset ruleset = crowded_ruleset(100'000);
    const Slots slots = slots_for(ruleset);
    const Result<Tables> tables = compile(ruleset, slots);
    ASSERT_TRUE(tables.ok()) << tables.error().message;
    ASSERT_NE(tables->report.fallback.find(" MiB of the 32.0 MiB that there are"),
              std::string::npos)
        << "they do fit: " << tables->report.octets << " octets";
    const std::vector<Rule> rules = effective_rules(ruleset);
    const Result<std::uint64_t> word = writer_->write(ruleset, slots, *tables);
    ASSERT_TRUE(word.ok()) << word.error().message;
    std::mt19937_64 random(seed_of_run());
    for (int i = 0; i < kPackets; ++i) {
        const auto port = [&] { return std::to_string(random() % 65536); };
        const auto packet =
            parse_packet("tcp [2001:db8::1]:" + port() + " > [2001:db8::2]:" + port() + " ack");
        ASSERT_TRUE(packet.ok()) << packet.error().message;
        EXPECT_EQ(difference(ruleset, rules, slots, *tables, *word,
                             {*packet, Direction::ingress, "eth0"}),
                  "")
            << "seed " << seed_of_run();
    }
}

/// The tests above can fail: one damaged table in the kernel is seen.
TEST_F(KernelDifferential, DamageInTheMapsIsSeen) {
    constexpr int kRulesets = 50, kPackets = 200;
    Generator generator(1);
    int seen = 0;
    for (int i = 0; i < kRulesets; ++i) {
        const Ruleset ruleset = generator.ruleset();
        const Slots slots = slots_for(ruleset);
        Result<Tables> tables = compile(ruleset, slots);
        if (!tables) continue;
        for (yett_box& box : tables->boxes)
            box.named &= ~YETT_FIELD_BIT(PROTO);
        ASSERT_TRUE(build_engine(*tables).ok());
        const Result<std::uint64_t> word = writer_->write(ruleset, slots, *tables);
        ASSERT_TRUE(word.ok()) << word.error().message;
        const std::vector<Rule> rules = effective_rules(ruleset);
        for (int j = 0; j < kPackets; ++j)
            seen += !difference(ruleset, rules, slots, *tables, *word, generator.sample()).empty();
    }
    EXPECT_GT(seen, 0);
}

}  // namespace
}  // namespace yett::testing
