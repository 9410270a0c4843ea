// SPDX-License-Identifier: GPL-2.0-or-later
// Applying to a real, unpinned data plane: what packets are judged by before, between and after.
#include "apply/applier.hpp"

#include <gtest/gtest.h>

#include <ctime>

#include "apply/candidate_tests.hpp"
#include "apply/plane_fixture.hpp"
#include "apply/rulesets.hpp"
#include "apply/set_tables.hpp"
#include "differential/crowded.hpp"
#include "model/packet.hpp"

namespace yett {
namespace {

class ApplierTest : public testing::PlaneFixture {
  protected:
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

    std::string judge_on(const std::string& iface, const std::string& words) {
        const auto& slots = applier_->active().slots.interfaces;
        const auto slot = slots.find(iface);
        yett_trace_request request{};
        request.iface = slot == slots.end() ? 0 : slot->second;
        const auto result = plane_->trace(to_frame(*parse_packet(words)), request);
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

TEST_F(ApplierTest, says_that_fast_trees_do_not_fit) {
    const auto report = apply(testing::crowded_ruleset(100'000));
    ASSERT_TRUE(report.ok()) << report.error().message;
    ASSERT_EQ(report->warnings.size(), 1u);
    EXPECT_NE(report->warnings[0].find("MiB of the 32.0 MiB that there are"), std::string::npos)
        << report->warnings[0];
    EXPECT_EQ(judge("udp [2001:db8::1]:9 > [2001:db8::2]:9"), "pass (policy)");
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
    EXPECT_EQ(applier_->active().slots.address_sets, slots.address_sets);
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

TEST_F(ApplierTest, tests_are_judged_by_what_the_file_says_of_its_sets) {
    auto ruleset = make_ruleset({"192.0.2.0/24"});
    PacketTest listed, stranger, closed;
    listed.packet = "udp 192.0.2.1:9 > 198.51.100.7:9";
    stranger.packet = "udp 203.0.113.1:9 > 198.51.100.7:9";
    closed.packet = "tcp 203.0.113.1:9 > 198.51.100.7:23";
    stranger.expect = Verdict::pass;
    ruleset.tests = {listed, stranger, closed};
    must_apply(ruleset);
    ASSERT_TRUE(edit("bad", add("203.0.113.0/24")).ok());
    SetEdit open;
    open.remove = {entry("23", SetType::port)};
    ASSERT_TRUE(edit("closed", open).ok());
    ruleset.comment = "an edit that has nothing to do with either";
    must_apply(ruleset);
    EXPECT_EQ(from("203.0.113.1"), "drop by-source") << "what was added holds for packets";
    EXPECT_EQ(from("192.0.2.1"), "drop by-source");
    EXPECT_EQ(kernel_entries(), 2u) << "the tests' own sets are empty again";
    ruleset.tests[1].expect = Verdict::drop;
    const auto report = apply(ruleset);
    ASSERT_TRUE(report.ok()) << report.error().message;
    EXPECT_EQ(report->failed_tests.size(), 1u) << "and a wrong test fails as before";
}

TEST_F(ApplierTest, a_test_may_say_what_sets_hold_for_it) {
    auto ruleset = make_ruleset({"192.0.2.0/24"});
    PacketTest listed, other, gone;
    listed.packet = gone.packet = "udp 192.0.2.1:9 > 198.51.100.7:9";
    other.packet = "udp 203.0.113.1:9 > 198.51.100.7:9";
    Set hold;
    hold.prefixes = {*parse_prefix("203.0.113.0/24")};
    other.sets = {{"bad", hold}};
    gone.sets = {{"bad", Set{}}};
    gone.expect = Verdict::pass;
    ruleset.tests = {listed, other, gone, other};
    must_apply(ruleset);
    EXPECT_EQ(from("203.0.113.1"), "pass (policy)") << "no packet is judged by it";
    EXPECT_EQ(kernel_entries(), 1u);
    ruleset.tests[3].expect = Verdict::pass;
    const auto report = apply(ruleset);
    ASSERT_TRUE(report.ok()) << report.error().message;
    ASSERT_EQ(report->failed_tests.size(), 1u);
    EXPECT_EQ(report->failed_tests[0].pointer, "/tests/3");
    EXPECT_EQ(from("192.0.2.1"), "drop by-source");
}

TEST_F(ApplierTest, nothing_changes_on_a_dry_run_or_when_a_candidate_is_dropped) {
    must_apply(make_ruleset({"192.0.2.0/24"}));
    const auto word = plane_->word();
    const auto dry = apply(make_ruleset({"203.0.113.0/24"}), true);
    ASSERT_TRUE(dry.ok());
    EXPECT_FALSE(dry->changed);
    ApplyOptions options;
    options.generation = ++generation_;
    {
        const auto candidate = applier_->stage(make_ruleset({"203.0.113.0/24"}), options);
        ASSERT_TRUE(candidate.ok()) << candidate.error().message;
        EXPECT_TRUE(candidate->may_switch());
        EXPECT_EQ(candidate->next().generation, generation_);
        EXPECT_EQ(kernel_entries(), 2u) << "beside";
    }
    EXPECT_EQ(plane_->word(), word);
    EXPECT_EQ(kernel_entries(), 1u);
}

TEST_F(ApplierTest, what_was_accepted_once_is_not_asked_again) {
    auto ruleset = make_ruleset({"192.0.2.0/24"});
    ruleset.sets[0].second.max_entries = 1;
    ruleset.tests.push_back(
        {.packet = "udp 192.0.2.1:9 > 198.51.100.7:9", .expect = Verdict::pass});
    ApplyOptions options;
    SetContent blocked(ruleset.sets[0].second);
    blocked.edit(add("203.0.113.7"));
    options.remembered.emplace("bad", blocked);
    options.generation = ++generation_;
    EXPECT_FALSE(applier_->apply(ruleset, options).ok()) << "max_entries";
    ruleset.sets[0].second.max_entries.reset();
    const auto tested = applier_->apply(ruleset, options);
    ASSERT_TRUE(tested.ok());
    EXPECT_FALSE(tested->failed_tests.empty());
    ruleset.sets[0].second.max_entries = 1;
    options.bringing_back = true;
    const auto report = applier_->apply(ruleset, options);
    ASSERT_TRUE(report.ok()) << report.error().message;
    EXPECT_TRUE(report->changed);
    EXPECT_EQ(from("203.0.113.7"), "drop by-source") << "it was added at run time";
}

TEST_F(ApplierTest, accepted_sets_come_back_in_less_memory_than_they_take) {
    auto small = Applier::open(*plane_, 1);
    ASSERT_TRUE(small.ok());
    applier_.emplace(std::move(*small));
    ApplyOptions options;
    options.generation = ++generation_;
    EXPECT_FALSE(applier_->apply(make_ruleset({"192.0.2.0/24"}), options).ok());
    options.bringing_back = true;
    ASSERT_TRUE(applier_->apply(make_ruleset({"192.0.2.0/24"}), options).ok());
    EXPECT_EQ(from("192.0.2.1"), "drop by-source");
    SetEdit many;
    for (int i = 0; i < 100'000; ++i)
        many.add.push_back(
            entry("198.51." + std::to_string(i / 256 % 256) + "." + std::to_string(i % 256)));
    EXPECT_FALSE(edit("bad", many).ok()) << "more than that is refused";
}

TEST_F(ApplierTest, held_tables_judge_on_and_their_sets_live) {
    must_apply(make_ruleset({"192.0.2.0/24"}));
    ASSERT_TRUE(edit("bad", add("203.0.113.7")).ok());
    Active known;
    known.generation = applier_->active().generation;
    known.slots = applier_->active().slots;
    known.ruleset.sets = make_ruleset({}).sets;
    for (const auto& [name, set] : known.ruleset.sets)
        known.sets.emplace(name, SetContent(set.type));
    auto again = Applier::open(*plane_);
    ASSERT_TRUE(again.ok());
    applier_.emplace(std::move(*again));
    std::vector<std::string> notes;
    ASSERT_TRUE(applier_->hold(std::move(known), notes).ok());
    const auto verdict = [&](const std::string& words) {
        return judge(words).substr(0, 4);  // which rule it was is not known
    };
    EXPECT_EQ(verdict("udp 192.0.2.1:9 > 198.51.100.7:9"), "drop");
    EXPECT_EQ(verdict("udp 203.0.113.7:9 > 198.51.100.7:9"), "drop");
    EXPECT_EQ(verdict("tcp 203.0.113.9:9 > 198.51.100.7:23"), "drop");
    EXPECT_EQ(verdict("udp 203.0.113.8:9 > 198.51.100.7:9"), "pass");
    ASSERT_TRUE(edit("bad", add("203.0.113.8")).ok());
    EXPECT_EQ(verdict("udp 203.0.113.8:9 > 198.51.100.7:9"), "drop");
    must_apply(make_ruleset({}));
    EXPECT_EQ(from("203.0.113.8"), "drop by-source") << "added at run time, before the new ruleset";
    EXPECT_EQ(from("192.0.2.1"), "drop by-source") << "its text was not there to tell";
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

constexpr const char* kKnown = "udp 203.0.113.1:9 > 198.51.100.7:9 smac 02:00:5e:10:00:01";
constexpr const char* kStranger = "udp 203.0.113.1:9 > 198.51.100.7:9 smac 02:00:5e:10:00:02";

TEST_F(ApplierTest, macs_are_edited_expire_and_survive_a_restart) {
    must_apply(link_ruleset({"02:00:5e:10:00:01"}, {}));
    EXPECT_EQ(judge_on("eth0", kKnown), "drop by-mac");
    EXPECT_EQ(judge_on("eth0", kStranger), "pass (policy)");
    SetEdit edit;
    edit.add = {entry("02:00:5e:00:00:00/24", SetType::mac)};
    ASSERT_TRUE(applier_->edit("macs", edit).ok());
    EXPECT_EQ(judge_on("eth0", kStranger), "drop by-mac");
    edit = {};
    edit.remove = {entry("02:00:5e:00:00:00/24", SetType::mac)};
    ASSERT_TRUE(applier_->edit("macs", edit).ok());
    EXPECT_EQ(judge_on("eth0", kStranger), "pass (policy)");
    edit = {};
    edit.add = {entry("02:00:5e:10:00:02", SetType::mac)};
    edit.expires = 1;
    ASSERT_TRUE(applier_->edit("macs", edit).ok());
    EXPECT_EQ(judge_on("eth0", kStranger), "pass (policy)") << "its time is over";
    const auto ended = applier_->expire(boot_now());
    ASSERT_TRUE(ended.ok());
    EXPECT_EQ(ended->at("macs").size(), 1u);
    EXPECT_EQ(kernel_entries(), 1u);
    const auto saved = applier_->active();
    restart();
    std::vector<std::string> warnings;
    ASSERT_TRUE(applier_->adopt(saved, warnings).ok());
    EXPECT_TRUE(warnings.empty());
    EXPECT_EQ(judge_on("eth0", kKnown), "drop by-mac");
}

TEST_F(ApplierTest, a_hundred_thousand_macs) {
    must_apply(link_ruleset({}, {}));
    SetEdit edit;
    for (std::uint64_t i = 0; i < 100'000; ++i)
        edit.add.push_back(EntryValue(MacRange{0x02005e000000 + i * 7, 0x02005e000000 + i * 7}));
    edit.expires = boot_now() + 3600'000'000'000;
    ASSERT_TRUE(applier_->edit("macs", edit).ok());
    EXPECT_EQ(kernel_entries(), 100'000u);
    const std::string words = "udp 203.0.113.1:9 > 198.51.100.7:9 smac ";
    EXPECT_EQ(judge_on("eth0", words + mac_text(0x02005e000000 + 99'999 * 7)), "drop by-mac");
    EXPECT_EQ(judge_on("eth0", words + mac_text(0x02005e000001)), "pass (policy)");
}

TEST_F(ApplierTest, sets_of_interfaces_hold_names_that_come_later) {
    must_apply(link_ruleset({}, {"eth0"}));
    EXPECT_EQ(judge_on("eth0", kKnown), "drop by-iface");
    SetEdit edit;
    edit.add = {entry("wlan7", SetType::iface)};
    edit.remove = {entry("eth0", SetType::iface)};
    ASSERT_TRUE(applier_->edit("inside", edit).ok());
    EXPECT_EQ(judge_on("eth0", kKnown), "pass (policy)");
    EXPECT_EQ(judge_on("wlan7", kKnown), "pass (policy)") << "it has no slot yet";
    ASSERT_TRUE(applier_->register_interface("wlan7").ok());
    EXPECT_EQ(judge_on("wlan7", kKnown), "drop by-iface");
    // The set keeps its slot, the interface too, as long as it is attached.
    auto next = link_ruleset({}, {"eth0"});
    next.rules[0].name = "renamed";
    ApplyOptions options;
    options.generation = ++generation_;
    options.attached = {"wlan7"};
    ASSERT_TRUE(applier_->apply(next, options).ok());
    EXPECT_EQ(judge_on("wlan7", kKnown), "drop by-iface");
}

TEST_F(ApplierTest, a_slot_of_an_interface_that_went_says_nothing_of_the_next) {
    must_apply(link_ruleset({}, {}));
    SetEdit edit;
    edit.add = {entry("wlan7", SetType::iface)};
    ASSERT_TRUE(applier_->edit("inside", edit).ok());
    ASSERT_TRUE(applier_->register_interface("wlan7").ok());
    const auto slot = applier_->active().slots.interfaces.at("wlan7");
    auto next = link_ruleset({}, {});
    next.rules[0].name = "renamed";
    must_apply(next);  // wlan7 is not attached: its slot is free
    ASSERT_EQ(applier_->active().slots.interfaces.count("wlan7"), 0u);
    ASSERT_TRUE(applier_->register_interface("eth9").ok());
    ASSERT_EQ(applier_->active().slots.interfaces.at("eth9"), slot);
    EXPECT_EQ(judge_on("eth9", kKnown), "pass (policy)");
}

TEST_F(ApplierTest, a_dry_run_leaves_sets_of_interfaces_alone) {
    must_apply(link_ruleset({"02:00:5e:10:00:01"}, {"eth0"}));
    const auto dry = apply(link_ruleset({}, {"eth1"}), true);
    ASSERT_TRUE(dry.ok()) << dry.error().message;
    EXPECT_EQ(judge_on("eth0", kStranger), "drop by-iface");
    EXPECT_EQ(judge_on("", kKnown), "drop by-mac");
    must_apply(link_ruleset({}, {"eth1"}));
    EXPECT_EQ(judge_on("eth0", kKnown), "pass (policy)");
    EXPECT_EQ(judge_on("eth1", kKnown), "drop by-iface");
    EXPECT_EQ(kernel_entries(), 0u);
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
