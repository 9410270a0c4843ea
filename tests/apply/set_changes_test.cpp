// SPDX-License-Identifier: GPL-2.0-or-later
// Large sets in a real data plane: what a ruleset leaves alone, what a crash in the middle of a
// change leaves, and that neither takes time by the square.
#include <gtest/gtest.h>

#include "apply/applier.hpp"
#include "apply/plane_fixture.hpp"

namespace yett {
namespace {

EntryValue number(std::size_t i) {
    return EntryValue::from_words(EntryKind::prefix4, 0, 0xcb000000u + i * 3, 32);
}

SetEdit edit_of(std::size_t from, std::size_t to) {
    SetEdit edit;
    for (; from < to; ++from)
        edit.add.push_back(number(from));
    edit.now = 1234;
    return edit;
}

/// A rule that drops what comes from the set "bad".
Ruleset ruleset_with(const std::string& rule_name) {
    Ruleset ruleset;
    ruleset.name = "test";
    ruleset.sets = {{"bad", Set{}}};
    Rule rule;
    rule.name = rule_name;
    rule.match.src.emplace_back(SetReference{"bad"});
    ruleset.rules = {rule};
    return ruleset;
}

class SetChanges : public testing::PlaneFixture {
  protected:
    void must_apply(const Ruleset& ruleset, bool dry_run = false) {
        ApplyOptions options;
        options.generation = ++generation_;
        options.dry_run = dry_run;
        const auto report = applier_->apply(ruleset, options);
        ASSERT_TRUE(report.ok()) << report.error().message;
    }

    void must_edit(SetEdit edit) {
        const auto done = applier_->edit("bad", edit);
        ASSERT_TRUE(done.ok()) << done.error().message;
    }

    const SetContent& content() { return applier_->active().sets.at("bad"); }

    /// Those of these numbers that packets see as members.
    std::size_t in_kernel(std::size_t count) {
        const auto tables = SetTables::open(*plane_);
        EXPECT_TRUE(tables.ok());
        const auto slot = applier_->active().slots.address_sets.at("bad");
        std::size_t found = 0;
        for (std::size_t i = 0; i < count; ++i)
            found += tables->find(number(i), slot).has_value();
        EXPECT_EQ(tables->usage().entries[0], found) << "and nothing else is there";
        return found;
    }

    std::vector<std::string> adopt(const Active& saved) {
        restart();
        std::vector<std::string> warnings;
        const auto adoption = applier_->adopt(saved, warnings);
        EXPECT_TRUE(adoption.ok() && *adoption == Adoption::adopted);
        return warnings;
    }
};

TEST_F(SetChanges, a_ruleset_that_says_the_same_of_a_set_does_not_touch_it) {
    must_apply(ruleset_with("before"));
    must_edit(edit_of(0, 2000));
    const auto steps = content().steps();
    const auto revision = content().revision();
    const auto slot = applier_->active().slots.address_sets.at("bad");
    must_apply(ruleset_with("dry"), true);
    must_apply(ruleset_with("after"));
    EXPECT_EQ(applier_->active().ruleset.rules[0].name, "after");
    EXPECT_EQ(content().steps(), steps) << "no entry was looked at";
    EXPECT_EQ(content().revision(), revision);
    EXPECT_EQ(applier_->active().slots.address_sets.at("bad"), slot);
    EXPECT_EQ(in_kernel(2000), 2000u);
    must_edit(edit_of(2000, 2001));
    EXPECT_EQ(in_kernel(2001), 2001u);
}

TEST_F(SetChanges, what_was_taken_out_at_run_time_comes_back_with_the_next_ruleset) {
    auto ruleset = ruleset_with("before");
    ruleset.sets[0].second.prefixes = {number(0).prefix(), number(1).prefix()};
    must_apply(ruleset);
    SetEdit gone;
    gone.remove = {number(0)};
    must_edit(gone);
    EXPECT_EQ(in_kernel(2), 1u);
    ruleset.rules[0].name = "after";
    must_apply(ruleset);
    EXPECT_EQ(in_kernel(2), 2u);
}

TEST_F(SetChanges, are_told_before_anything_is_written) {
    auto ruleset = ruleset_with("rule");
    ruleset.sets[0].second.max_entries = 5;
    must_apply(ruleset);
    std::vector<EntryValue> told;
    const auto note = [&](const EntryLines& lines) {
        EXPECT_EQ(applier_->set_usage().entries[0], 0u);
        lines([&](const EntryValue& value, const Entry& entry, std::string_view) {
            EXPECT_TRUE(entry.at_run_time);
            told.push_back(value);
        });
    };
    auto too_many = edit_of(0, 6);
    EXPECT_FALSE(applier_->edit("bad", too_many, note).ok());
    EXPECT_TRUE(told.empty()) << "what is refused is not told";
    auto edit = edit_of(0, 5);
    ASSERT_TRUE(applier_->edit("bad", edit, note).ok());
    EXPECT_EQ(told, edit.add);
}

/// The daemon wrote the change down, and died while it wrote the tables.
TEST_F(SetChanges, that_a_crash_cut_in_the_tables_are_finished_as_they_were_written_down) {
    must_apply(ruleset_with("rule"));
    must_edit(edit_of(0, 1000));
    auto saved = applier_->active();
    SetEdit change = edit_of(1000, 3000);
    for (std::size_t i = 0; i < 500; ++i)
        change.remove.push_back(number(i));
    change.normalize();
    saved.sets.at("bad").edit(change);
    saved.unfinished = {"bad"};
    SetEdit half = edit_of(1000, 1700);
    must_edit(half);
    EXPECT_TRUE(adopt(saved).empty());
    EXPECT_EQ(content().size(), 2500u);
    EXPECT_EQ(in_kernel(3000), 2500u);
    EXPECT_EQ(content().revision(), saved.sets.at("bad").revision()) << "the record has it all";
}

TEST_F(SetChanges, that_were_not_written_down_are_as_the_kernel_has_them) {
    must_apply(ruleset_with("rule"));
    const auto saved = applier_->active();
    SetEdit edit = edit_of(0, 1);
    edit.expires = std::uint64_t{1} << 50;
    must_edit(edit);
    edit.expires = std::uint64_t{1} << 51;
    EXPECT_EQ(adopt(saved).size(), 1u);
    EXPECT_EQ(content().find(number(0)).expires, std::uint64_t{1} << 50);
    const auto with_the_first_end = applier_->active();
    must_edit(edit);
    EXPECT_EQ(adopt(with_the_first_end).size(), 1u);
    EXPECT_EQ(content().find(number(0)).expires, std::uint64_t{1} << 51);
}

/// Counted in places looked at, so that a busy machine changes nothing.
TEST_F(SetChanges, at_a_start_grow_with_the_entries_and_not_with_their_square) {
    double of_few = 0;
    for (const std::size_t count : {30'000, 240'000}) {
        must_apply(ruleset_with("rule-" + std::to_string(count)));
        const auto saved = applier_->active();  // as if no file knew of the entries
        const auto before = content().size();
        must_edit(edit_of(before, count));
        adopt(saved);
        ASSERT_EQ(content().size(), count);
        const auto steps = static_cast<double>(content().steps()) / static_cast<double>(count);
        if (of_few == 0) of_few = steps;
        EXPECT_LT(steps, of_few * 1.6) << count << " entries";
    }
}

}  // namespace
}  // namespace yett
