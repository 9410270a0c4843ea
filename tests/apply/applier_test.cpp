// SPDX-License-Identifier: GPL-2.0-or-later
// Applying to a real, unpinned data plane: what packets are judged by before, between and after.
#include "apply/applier.hpp"

#include <gtest/gtest.h>

#include <ctime>

#include "apply/candidate_tests.hpp"
#include "apply/set_tables.hpp"
#include "model/packet.hpp"

namespace yett {
namespace {

EntryValue entry(const std::string& text, SetType type = SetType::prefix) {
    auto value = parse_entry(type, text);
    EXPECT_TRUE(value.ok()) << text;
    return *value;
}

Prefix prefix(const std::string& text) {
    return entry(text).prefix();
}

/// Drops what comes from the set "bad" and TCP to the ports of "closed"; passes the rest.
Ruleset make_ruleset(const std::vector<std::string>& bad, std::uint32_t port = 23) {
    Ruleset ruleset;
    ruleset.name = "test";
    Set sources;
    for (const auto& text : bad)
        sources.prefixes.push_back(prefix(text));
    Set ports;
    ports.type = SetType::port;
    ports.ports.push_back({port, port});
    ruleset.sets = {{"bad", sources}, {"closed", ports}};
    Rule by_source;
    by_source.name = "by-source";
    by_source.match.src.emplace_back(SetReference{"bad"});
    Rule by_port;
    by_port.name = "by-port";
    by_port.match.proto.push_back({6, 6});
    by_port.match.dport.emplace_back(SetReference{"closed"});
    ruleset.rules = {by_source, by_port};
    return ruleset;
}

class ApplierTest : public ::testing::Test {
  protected:
    void SetUp() override {
        auto plane = DataPlane::open({""});
        ASSERT_TRUE(plane.ok()) << plane.error().message;
        plane_.emplace(std::move(*plane));
        restart();
    }

    /// A new record over the same maps, as after a restart of the daemon.
    void restart() {
        auto applier = Applier::open(*plane_);
        ASSERT_TRUE(applier.ok()) << applier.error().message;
        applier_.emplace(std::move(*applier));
    }

    Result<ApplyReport> apply(const Ruleset& ruleset, bool dry_run = false) {
        ApplyOptions options;
        options.generation = ++generation_;
        options.dry_run = dry_run;
        return applier_->apply(ruleset, options);
    }

    void must_apply(const Ruleset& ruleset) {
        const auto report = apply(ruleset);
        ASSERT_TRUE(report.ok()) << report.error().message;
        ASSERT_TRUE(report->changed);
        EXPECT_TRUE(report->warnings.empty());
    }

    /// "drop by-source", "pass (policy)".
    std::string judge(const std::string& words) {
        const auto packet = parse_packet(words);
        EXPECT_TRUE(packet.ok());
        const auto result = plane_->trace(to_frame(*packet), {});
        if (!result) return result.error().message;
        return std::string(result->verdict == YETT_DROP ? "drop " : "pass ") +
               rule_name_of(*result, applier_->active().rule_names);
    }

    std::string from(const std::string& source) {
        return judge("udp " + source + ":9 > 198.51.100.7:9");
    }

    Result<EditResult> edit(const std::string& set, SetEdit change) {
        return applier_->edit(set, change);
    }

    std::size_t kernel_entries() {
        const auto usage = applier_->set_usage();
        return usage.entries[0] + usage.entries[1];
    }

    std::optional<DataPlane> plane_;
    std::optional<Applier> applier_;
    std::uint64_t generation_ = 0;
};

std::uint64_t boot_now() {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec);
}

SetEdit add(const std::string& text, std::uint64_t expires = 0) {
    SetEdit edit;
    edit.add = {entry(text)};
    edit.expires = expires;
    return edit;
}

TEST_F(ApplierTest, switches_and_counts_generations) {
    must_apply(make_ruleset({"192.0.2.0/24"}));
    EXPECT_EQ(from("192.0.2.1"), "drop by-source");
    EXPECT_EQ(from("203.0.113.1"), "pass (policy)");
    EXPECT_EQ(judge("tcp 203.0.113.1:9 > 198.51.100.7:23"), "drop by-port");
    const auto word = plane_->word();
    must_apply(make_ruleset({"203.0.113.0/24"}, 24));
    EXPECT_EQ(generation_of(plane_->word()), 2u);
    EXPECT_NE(bank_of(plane_->word()), bank_of(word));
    EXPECT_EQ(from("192.0.2.1"), "pass (policy)");
    EXPECT_EQ(from("203.0.113.1"), "drop by-source");
    EXPECT_EQ(judge("tcp 192.0.2.1:9 > 198.51.100.7:23"), "pass (policy)");
    EXPECT_EQ(kernel_entries(), 1u) << "the old set is freed";
}

TEST_F(ApplierTest, the_same_content_is_a_no_op) {
    must_apply(make_ruleset({"192.0.2.0/24"}));
    const auto word = plane_->word();
    const auto report = apply(make_ruleset({"192.0.2.0/24"}));
    ASSERT_TRUE(report.ok());
    EXPECT_FALSE(report->changed);
    EXPECT_EQ(report->generation, 1u);
    EXPECT_EQ(plane_->word(), word);
}

TEST_F(ApplierTest, an_unchanged_set_keeps_its_slot_and_its_entries) {
    must_apply(make_ruleset({"192.0.2.0/24"}));
    const auto slots = applier_->active().slots;
    must_apply(make_ruleset({"192.0.2.0/24"}, 25));
    EXPECT_EQ(applier_->active().slots.prefix_sets, slots.prefix_sets);
    EXPECT_NE(applier_->active().slots.port_sets, slots.port_sets);
    EXPECT_EQ(from("192.0.2.1"), "drop by-source");
}

TEST_F(ApplierTest, nothing_changes_when_a_test_fails) {
    must_apply(make_ruleset({"192.0.2.0/24"}));
    const auto word = plane_->word();
    auto broken = make_ruleset({"203.0.113.0/24"});
    PacketTest good, bad;
    good.packet = "udp 203.0.113.1:9 > 198.51.100.7:9";
    bad.packet = "udp 192.0.2.1:9 > 198.51.100.7:9";
    broken.tests = {good, bad};
    const auto report = apply(broken);
    ASSERT_TRUE(report.ok()) << report.error().message;
    EXPECT_FALSE(report->changed);
    ASSERT_EQ(report->failed_tests.size(), 1u);
    EXPECT_EQ(report->failed_tests[0].pointer, "/tests/1");
    EXPECT_EQ(plane_->word(), word);
    EXPECT_EQ(from("192.0.2.1"), "drop by-source");
    EXPECT_EQ(from("203.0.113.1"), "pass (policy)");
    EXPECT_EQ(kernel_entries(), 1u) << "what was staged is freed";
}

TEST_F(ApplierTest, nothing_changes_on_a_dry_run_or_when_the_record_cannot_be_written) {
    must_apply(make_ruleset({"192.0.2.0/24"}));
    const auto word = plane_->word();
    const auto dry = apply(make_ruleset({"203.0.113.0/24"}), true);
    ASSERT_TRUE(dry.ok());
    EXPECT_FALSE(dry->changed);
    ApplyOptions options;
    options.generation = ++generation_;
    options.before_switch = [](const Active&) {
        return Result<void>(Error{ErrorKind::internal, "no space left", ""});
    };
    const auto refused = applier_->apply(make_ruleset({"203.0.113.0/24"}), options);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().message, "no space left");
    EXPECT_EQ(plane_->word(), word);
    EXPECT_EQ(kernel_entries(), 1u);
}

TEST_F(ApplierTest, entries_added_at_run_time_survive_a_reload) {
    must_apply(make_ruleset({"192.0.2.0/24"}));
    ASSERT_TRUE(edit("bad", add("203.0.113.7")).ok());
    EXPECT_EQ(from("203.0.113.7"), "drop by-source");
    must_apply(make_ruleset({"192.0.2.0/25"}));
    EXPECT_EQ(from("203.0.113.7"), "drop by-source");
    EXPECT_EQ(from("192.0.2.200"), "pass (policy)");
    auto other_type = make_ruleset({});
    other_type.sets.erase(other_type.sets.begin());
    other_type.rules.erase(other_type.rules.begin());
    must_apply(other_type);
    EXPECT_EQ(kernel_entries(), 0u);
}

TEST_F(ApplierTest, edits_are_exact_with_overlaps) {
    must_apply(make_ruleset({}));
    for (const auto* text : {"192.0.2.0/24", "192.0.2.128/25", "192.0.2.200"}) {
        ASSERT_TRUE(edit("bad", add(text)).ok());
    }
    const auto drop = [&](const char* text) {
        SetEdit edit;
        edit.remove.push_back(entry(text));
        const auto result = applier_->edit("bad", edit);
        ASSERT_TRUE(result.ok());
        EXPECT_EQ(result->deleted, 1u);
    };
    drop("192.0.2.0/24");
    EXPECT_EQ(from("192.0.2.1"), "pass (policy)");
    EXPECT_EQ(from("192.0.2.200"), "drop by-source");
    drop("192.0.2.200");
    EXPECT_EQ(from("192.0.2.200"), "drop by-source") << "the /25 still covers it";
    drop("192.0.2.128/25");
    EXPECT_EQ(from("192.0.2.200"), "pass (policy)");
    EXPECT_EQ(kernel_entries(), 0u);
}

TEST_F(ApplierTest, an_entry_that_has_ended_is_no_member_before_it_is_swept) {
    must_apply(make_ruleset({}));
    ASSERT_TRUE(edit("bad", add("192.0.2.1", 1)).ok());
    EXPECT_EQ(from("192.0.2.1"), "pass (policy)");
    ASSERT_TRUE(edit("bad", add("192.0.2.0/24")).ok());
    EXPECT_EQ(from("192.0.2.1"), "drop by-source") << "the /24 covers it";
    const auto ended = applier_->expire(boot_now());
    ASSERT_TRUE(ended.ok());
    EXPECT_EQ(ended->at("bad").size(), 1u);
    EXPECT_EQ(kernel_entries(), 1u);
}

TEST_F(ApplierTest, a_full_set_refuses_before_anything_changes) {
    auto ruleset = make_ruleset({"192.0.2.1"});
    ruleset.sets[0].second.max_entries = 2;
    must_apply(ruleset);
    SetEdit two;
    two.add = {entry("192.0.2.2"), entry("192.0.2.3")};
    const auto refused = applier_->edit("bad", two);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::kernel);
    EXPECT_EQ(from("192.0.2.2"), "pass (policy)");
    EXPECT_EQ(applier_->active().sets.at("bad").size(), 1u);
    EXPECT_TRUE(edit("bad", add("192.0.2.2")).ok());
    EXPECT_TRUE(edit("bad", add("192.0.2.2")).ok()) << "refreshing needs no room";
    EXPECT_FALSE(edit("nothing", add("192.0.2.2")).ok());
}

TEST_F(ApplierTest, ports_are_edited_too) {
    must_apply(make_ruleset({}));
    SetEdit edit;
    edit.remove.push_back(entry("23", SetType::port));
    edit.add.push_back(entry("8000-8100", SetType::port));
    ASSERT_TRUE(applier_->edit("closed", edit).ok());
    EXPECT_EQ(judge("tcp 203.0.113.1:9 > 198.51.100.7:23"), "pass (policy)");
    EXPECT_EQ(judge("tcp 203.0.113.1:9 > 198.51.100.7:8100"), "drop by-port");
    EXPECT_EQ(judge("tcp 203.0.113.1:9 > 198.51.100.7:8101"), "pass (policy)");
}

TEST_F(ApplierTest, a_restart_adopts_what_it_wrote_down) {
    must_apply(make_ruleset({"192.0.2.0/24"}));
    const auto saved = applier_->active();
    const auto word = plane_->word();
    ASSERT_TRUE(edit("bad", add("203.0.113.7")).ok());  // after the record was written
    restart();
    std::vector<std::string> warnings;
    const auto adoption = applier_->adopt(saved, warnings);
    ASSERT_TRUE(adoption.ok()) << adoption.error().message;
    EXPECT_EQ(*adoption, Adoption::adopted);
    EXPECT_EQ(plane_->word(), word);
    EXPECT_EQ(warnings.size(), 1u);
    EXPECT_EQ(applier_->active().sets.at("bad").size(), 2u) << "the kernel is believed";
    EXPECT_EQ(from("203.0.113.7"), "drop by-source");
}

TEST_F(ApplierTest, tables_that_somebody_changed_are_not_adopted) {
    must_apply(make_ruleset({"192.0.2.0/24"}));
    auto saved = applier_->active();
    saved.ruleset.policy[0] = Verdict::drop;
    restart();
    std::vector<std::string> warnings;
    const auto adoption = applier_->adopt(saved, warnings);
    ASSERT_TRUE(adoption.ok());
    EXPECT_EQ(*adoption, Adoption::outdated);
    EXPECT_EQ(from("203.0.113.1"), "pass (policy)") << "nothing was switched";
}

TEST_F(ApplierTest, an_unknown_generation_is_not_disturbed_before_the_switch) {
    must_apply(make_ruleset({"192.0.2.0/24"}));
    const auto names = applier_->active().rule_names;
    restart();
    std::vector<std::string> warnings;
    const auto adoption = applier_->adopt({}, warnings);
    ASSERT_TRUE(adoption.ok());
    EXPECT_EQ(*adoption, Adoption::unknown);
    const auto dry = apply(make_ruleset({"203.0.113.0/24"}), true);
    ASSERT_TRUE(dry.ok()) << dry.error().message;
    EXPECT_EQ(from("192.0.2.1").substr(0, 4), "drop");
    must_apply(make_ruleset({"203.0.113.0/24"}));
    EXPECT_EQ(from("192.0.2.1"), "pass (policy)");
    EXPECT_EQ(kernel_entries(), 1u) << "slots of the unknown generation are freed";
}

}  // namespace
}  // namespace yett
