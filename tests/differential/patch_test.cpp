// SPDX-License-Identifier: GPL-2.0-or-later
// Trees that were changed in place, again and again, against a scan over the changed boxes.
#include <cstring>

#include "compile/patch.hpp"
#include "differential/engine_fixture.hpp"

namespace yett::testing {
namespace {

class PatchDifferential : public EngineDifferential {
  protected:
    /// What the list of a direction is after a change, told plainly.
    static std::vector<yett_box> changed(const Tables& tables, const RuleChange& change,
                                         int direction, int family) {
        const BoxRun& run = tables.lists[direction][family];
        std::vector<yett_box> boxes;
        for (std::uint32_t i = run.first; i < run.first + run.count; ++i)
            if (tables.boxes[i].rule < change.first) boxes.push_back(tables.boxes[i]);
        const auto& come = change.boxes[direction * YETT_FAMILIES + family].boxes;
        boxes.insert(boxes.end(), come.begin(), come.end());
        for (std::uint32_t i = run.first; i < run.first + run.count; ++i) {
            yett_box box = tables.boxes[i];
            if (box.rule < change.first + change.gone) continue;
            box.rule = box.rule - change.gone + static_cast<__u32>(change.actions.size());
            boxes.push_back(box);
        }
        return boxes;
    }

    static bool lists_are(const Tables& tables, int direction, int family,
                          const std::vector<yett_box>& wanted) {
        const BoxRun& run = tables.lists[direction][family];
        return run.count == wanted.size() &&
               (wanted.empty() || std::memcmp(&tables.boxes[run.first], wanted.data(),
                                              wanted.size() * sizeof(yett_box)) == 0);
    }

    /// Changes the tables, a few times if that can be done without building them anew, and looks
    /// packets up after each change. How often it could.
    int changes(EngineCases& cases, const EngineCase& shape, Tables& tables, int lookups) {
        int done = 0;
        for (int i = 0; i < 8; ++i) {
            const RuleChange change = cases.change(shape, tables);
            Tables next = tables;
            if (!patch(next, change)) continue;
            for (int direction = 0; direction < YETT_DIRECTIONS; ++direction)
                EXPECT_TRUE(lists_are(next, direction, shape.family,
                                      changed(tables, change, direction, shape.family)));
            EXPECT_EQ(next.actions.size(), next.rule_names.size());
            tables = std::move(next);
            ++done;
            if (tables.boxes.empty()) break;
            load(tables);
            std::string report;
            EXPECT_EQ(differences(cases, shape, tables, lookups, report), 0)
                << "seed " << seed_ << ": " << shape.words() << ", change " << i << ": rule "
                << change.first << ", " << change.gone << " gone, " << change.actions.size()
                << " come\n"
                << report;
            EXPECT_EQ(wrong_counts(), 0) << "seed " << seed_ << ": " << shape.words();
            EXPECT_LE(dearest_, most_records(tables)) << "seed " << seed_ << ": " << shape.words();
            if (HasFailure()) break;
        }
        return done;
    }

    static unsigned most_records(const Tables& tables) {
        unsigned most = 0;
        for (const EngineClass& one : tables.report.classes)
            most = std::max(most, one.worst().records);
        return most;
    }
};

TEST_F(PatchDifferential, FindsWhatAScanFinds) {
    const std::uint64_t wanted = number_from_environment("YETT_PATCHES", 6000);
    EngineCases cases(seed_);
    std::uint64_t done = 0, rulesets = 0;
    for (; done < wanted && !HasFailure(); ++rulesets) {
        EngineCase shape = cases.next_case(600);
        // A change that meets rules that count, or that ask for sets, is none of these.
        if (rulesets % 4 != 0) shape.counting = shape.extended = 0;
        Tables tables = cases.tables(shape);
        ASSERT_TRUE(build_engine(tables).ok());
        done += static_cast<std::uint64_t>(changes(cases, shape, tables, 400));
        ASSERT_LT(rulesets, wanted + 1000) << "hardly any ruleset could be changed";
    }
    std::cout << done << " changes of " << rulesets << " rulesets\n";
}

TEST_F(PatchDifferential, FindsWhatAScanFindsInLargeRulesets) {
    constexpr int kRulesets = 6, kBoxes = 5000;
    EngineCases cases(seed_);
    int done = 0;
    for (int i = 0; i < kRulesets && !HasFailure(); ++i) {
        EngineCase shape = cases.next_case(100);
        shape.family = i % 3 == 2 ? YETT_FAMILY_IPV6 : YETT_FAMILY_IPV4;
        shape.boxes = kBoxes;
        shape.pool = i % 2 != 0 ? 300 : kBoxes;
        shape.wide %= 30;
        shape.counting = shape.extended = 0;
        Tables tables = cases.tables(shape);
        ASSERT_TRUE(build_engine(tables).ok());
        done += changes(cases, shape, tables, 2000);
    }
    EXPECT_GT(done, kRulesets * 3) << "hardly any ruleset could be changed, seed " << seed_;
}

}  // namespace
}  // namespace yett::testing
