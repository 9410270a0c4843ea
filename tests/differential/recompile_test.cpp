// SPDX-License-Identifier: GPL-2.0-or-later
// Tables of an edited rule file, changed or built anew: all but the image is the same.
#include <gtest/gtest.h>

#include <cstring>
#include <iostream>
#include <vector>

#include "differential/edits.hpp"
#include "json/printer.hpp"

namespace yett::testing {
namespace {

yett_ruleset without_trees(yett_ruleset header) {
    std::memset(header.trees, 0, sizeof header.trees);
    return header;
}

template <typename Element>
bool same(const std::vector<Element>& a, const std::vector<Element>& b) {
    return a.size() == b.size() &&
           (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(Element)) == 0);
}

std::vector<yett_box> list(const Tables& tables, int direction, int family) {
    const BoxRun& run = tables.lists[direction][family];
    const auto first = tables.boxes.begin() + run.first;
    return {first, first + run.count};
}

/// What differs, in words; empty: nothing.
std::string difference(const Tables& changed, const Tables& built) {
    const yett_ruleset a = without_trees(changed.ruleset), b = without_trees(built.ruleset);
    if (std::memcmp(&a, &b, sizeof a) != 0) return "header";
    if (!same(changed.actions, built.actions)) return "actions";
    if (!same(changed.limits, built.limits)) return "limits";
    if (changed.rule_names != built.rule_names) return "names";
    for (int direction = 0; direction < YETT_DIRECTIONS; ++direction)
        for (int family = 0; family < YETT_FAMILIES; ++family)
            if (!same(list(changed, direction, family), list(built, direction, family)))
                return "boxes of direction " + std::to_string(direction) + ", family " +
                       std::to_string(family);
    return {};
}

TEST(Recompile, SaysWhatCompileSays) {
    constexpr int kRulesets = 1000;
    std::cout << "seed: YETT_SEED=" << seed_of_run() << "\n";
    Generator generator(seed_of_run());
    int changed = 0;
    for (int i = 0; i < kRulesets; ++i) {
        const Ruleset before = generator.ruleset(), after = edited(generator, before);
        const Slots slots = slots_for_all({before, after});
        const Result<Tables> old = compile(before, slots), built = compile(after, slots);
        if (!old || !built) continue;
        const auto patched = recompile(*old, {before, slots}, {after, slots});
        if (!patched) continue;
        ++changed;
        ASSERT_EQ(difference(*patched, *built), "") << "seed " << seed_of_run() << "\n"
                                                    << print(before) << "\n"
                                                    << print(after);
    }
    std::cout << changed << " of " << kRulesets << " changed\n";
    EXPECT_GT(changed, kRulesets / 4) << "seed " << seed_of_run();
}

/// What all boxes hang on is none of the rules.
TEST(Recompile, LeavesToCompileWhatIsNotARule) {
    Ruleset before;
    before.rules = {Rule{}, Rule{}};
    before.rules[0].name = "first";
    before.rules[1].name = "second";
    const auto can_be_changed = [&](const Ruleset& after, const Slots& slots) {
        const Slots old_slots = slots_for(before);
        const Result<Tables> tables = compile(before, old_slots);
        return recompile(tables.value(), {before, old_slots}, {after, slots}).has_value();
    };
    Ruleset after = before;
    after.rules[1].action = ActionKind::pass;
    EXPECT_TRUE(can_be_changed(after, slots_for(after)));

    Ruleset closed = after;
    closed.policy[0] = Verdict::drop;
    EXPECT_FALSE(can_be_changed(closed, slots_for(closed))) << "built-ins come with it";
    closed.builtins.clear();
    for (const std::string& name : builtin_names())
        closed.builtins[name] = false;
    Ruleset open = closed;
    open.policy[0] = Verdict::pass;
    std::swap(before, open);
    EXPECT_TRUE(can_be_changed(closed, slots_for(closed))) << "a policy has no box";
    std::swap(before, open);
    Ruleset excepted = after;
    excepted.exceptions["vlan_depth"] = Verdict::pass;
    EXPECT_FALSE(can_be_changed(excepted, slots_for(excepted)));
    Ruleset guarded = after;
    guarded.failsafe.emplace_back();
    EXPECT_FALSE(can_be_changed(guarded, slots_for(guarded)));
    Ruleset limited = after;
    limited.rules[1].limit = Limit{};
    EXPECT_FALSE(can_be_changed(limited, slots_for(limited)));
    Ruleset counted = after;
    counted.rules[1].action = ActionKind::count;
    EXPECT_FALSE(can_be_changed(counted, slots_for(counted)));
}

}  // namespace
}  // namespace yett::testing
