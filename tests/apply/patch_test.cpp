// SPDX-License-Identifier: GPL-2.0-or-later
// A few rules of many are changed: what the kernel judges by then, and after a restart.
#include <gtest/gtest.h>

#include "apply/candidate_tests.hpp"
#include "apply/plane_fixture.hpp"
#include "model/packet.hpp"

namespace yett {
namespace {

/// A hundred rules, each of which drops TCP to a port from 1000 on; what else comes passes.
Ruleset hundred_ports() {
    Ruleset ruleset;
    ruleset.name = "ports";
    for (std::uint32_t port = 1000; port < 1100; ++port) {
        Rule rule;
        rule.name = "port-" + std::to_string(port);
        rule.match.proto.push_back({6, 6});
        rule.match.dport.emplace_back(NumberRange{port, port});
        ruleset.rules.push_back(rule);
    }
    return ruleset;
}

class PatchedApply : public testing::PlaneFixture {
  protected:
    Adoption adopt(const Active& saved) {
        std::vector<std::string> warnings;
        const auto adoption = applier_->adopt(saved, warnings);
        EXPECT_TRUE(adoption.ok()) << adoption.error().message;
        return adoption ? *adoption : Adoption::unknown;
    }

    /// Whether the tables were patched.
    bool apply(const Ruleset& ruleset) {
        ApplyOptions options;
        options.generation = ++generation_;
        const auto report = applier_->apply(ruleset, options);
        EXPECT_TRUE(report.ok()) << report.error().message;
        EXPECT_TRUE(!report || report->changed);
        return report && report->patched;
    }

    std::string to_port(int port) {
        const auto packet =
            parse_packet("tcp 192.0.2.1:9 > 198.51.100.7:" + std::to_string(port) + " syn");
        const auto result = plane_->trace(to_frame(*packet), {});
        if (!result) return result.error().message;
        return std::string(result->verdict == YETT_DROP ? "drop " : "pass ") +
               rule_name_of(*result, applier_->active().rule_names);
    }
};

TEST_F(PatchedApply, one_rule_less_and_one_more) {
    Ruleset ruleset = hundred_ports();
    EXPECT_FALSE(apply(ruleset)) << "there was nothing to start from";
    EXPECT_EQ(to_port(1050), "drop port-1050");
    const Rule rule = ruleset.rules[50];
    ruleset.rules.erase(ruleset.rules.begin() + 50);
    EXPECT_TRUE(apply(ruleset));
    EXPECT_EQ(to_port(1049), "drop port-1049");
    EXPECT_EQ(to_port(1050), "pass (policy)");
    EXPECT_EQ(to_port(1051), "drop port-1051");
    ruleset.rules.insert(ruleset.rules.begin(), rule);
    EXPECT_TRUE(apply(ruleset));
    EXPECT_EQ(to_port(1050), "drop port-1050");
    EXPECT_EQ(to_port(1099), "drop port-1099");
    ruleset.rules[0].action = ActionKind::pass;
    EXPECT_TRUE(apply(ruleset));
    EXPECT_EQ(to_port(1050), "pass port-1050");
}

TEST_F(PatchedApply, a_policy_alone) {
    Ruleset ruleset = hundred_ports();
    for (const std::string& name : builtin_names())
        ruleset.builtins[name] = false;  // rules that a policy that drops would bring
    apply(ruleset);
    ruleset.policy[0] = Verdict::drop;
    EXPECT_TRUE(apply(ruleset));
    EXPECT_EQ(to_port(1050), "drop port-1050");
    EXPECT_EQ(to_port(2000), "drop (policy)");
}

TEST_F(PatchedApply, a_refused_patch_leaves_what_the_next_one_starts_from) {
    Ruleset ruleset = hundred_ports();
    apply(ruleset);
    Ruleset other = ruleset;
    other.rules.erase(other.rules.begin());
    ApplyOptions options;
    options.generation = ++generation_;
    options.dry_run = true;
    ASSERT_TRUE(applier_->apply(other, options).ok());
    EXPECT_EQ(to_port(1000), "drop port-1000");
    ruleset.rules.pop_back();
    EXPECT_TRUE(apply(ruleset));
    EXPECT_EQ(to_port(1000), "drop port-1000");
    EXPECT_EQ(to_port(1099), "pass (policy)");
}

TEST_F(PatchedApply, a_restart_adopts_patched_tables) {
    Ruleset ruleset = hundred_ports();
    apply(ruleset);
    ruleset.rules.erase(ruleset.rules.begin() + 50);
    ASSERT_TRUE(apply(ruleset));
    const Active saved = applier_->active();
    const auto word = plane_->word();
    restart();
    EXPECT_EQ(adopt(saved), Adoption::adopted);
    EXPECT_EQ(plane_->word(), word);
    ruleset.rules.pop_back();
    EXPECT_FALSE(apply(ruleset)) << "from tables that are only known by their digest";
    EXPECT_EQ(to_port(1099), "pass (policy)");
    EXPECT_EQ(to_port(1098), "drop port-1098");
}

TEST_F(PatchedApply, patched_tables_that_somebody_changed_are_not_adopted) {
    Ruleset ruleset = hundred_ports();
    apply(ruleset);
    ruleset.rules.pop_back();
    ASSERT_TRUE(apply(ruleset));
    const Active saved = applier_->active();
    auto engine = MappedArray::open(plane_->map(MapId::yett_engine));
    ASSERT_TRUE(engine.ok()) << engine.error().message;
    const std::size_t bank = plane_->word() % YETT_BANKS;
    engine->data()[bank * kEngineOctets + 160] ^= std::byte{1};
    restart();
    EXPECT_EQ(adopt(saved), Adoption::outdated);
}

}  // namespace
}  // namespace yett
