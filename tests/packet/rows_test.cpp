// SPDX-License-Identifier: GPL-2.0-or-later
// Every row through the real programs: traced, and run with all its counters.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "check/judge.hpp"
#include "packet/shared_plane.hpp"

namespace yett::corpus {

std::ostream& operator<<(std::ostream& out, const Expect& expect) {
    return out << (expect.verdict == Verdict::pass ? "pass" : "drop") << " by \"" << expect.rule
               << "\", reason " << expect.reason;
}

namespace {

bool agrees(const Expect& wanted, const Expect& got) {
    return wanted.verdict == got.verdict && wanted.rule == got.rule &&
           (wanted.reason.empty() || wanted.reason == got.reason);
}

void trace_row(Plane& plane, const Row& row, Direction direction) {
    const auto judged = plane.trace(row.frame, direction, row.iface);
    ASSERT_TRUE(judged.ok()) << judged.error().message;
    const Expect got = {judged->verdict, judged->rule, judged->reason};
    EXPECT_TRUE(agrees(row.expect, got)) << "wanted " << row.expect << "\n   got " << got;
}

std::string to_text(const Plane::Counters& counters) {
    std::string text;
    for (const auto& [label, counter] : counters)
        text +=
            fmt::format("\n    {}: {} packets, {} octets", label, counter.packets, counter.bytes);
    return text;
}

/// What is done to the frame, and every counter that moves.
void run_alone(Plane& plane, const Row& row, Hook hook) {
    const auto action = plane.run(row.frame, hook, row.iface);
    ASSERT_TRUE(action.ok()) << action.error().message;
    EXPECT_EQ(*action, expected_action(row, hook));
    const auto moved = plane.moved();
    ASSERT_TRUE(moved.ok());
    const Plane::Counters wanted = expected_counters(row, hook);
    EXPECT_EQ(to_text(*moved), to_text(wanted));
}

/// Traced, then run: what moved after both must be what the run alone moves.
void run_row(Plane& plane, const Row& row, Hook hook) {
    for (const Octets& frame : row.before)
        ASSERT_TRUE(plane.run(frame, hook, row.iface).ok());
    if (!row.before.empty()) {
        ASSERT_TRUE(plane.moved().ok());
    }
    if (hook != Hook::tc_ingress) trace_row(plane, row, direction_of(hook));
    run_alone(plane, row, hook);
}

/// The reference knows packets in words; it must have said the same.
void judge_row(Plane& plane, const Row& row) {
    const auto packet = parse_packet(row.words);
    ASSERT_TRUE(packet.ok());
    const Judgement said =
        judge(plane.ruleset(), *packet, direction_of(row.hooks.front()), row.iface);
    const Expect got = {said.verdict, said.rule_name, said.reason};
    EXPECT_TRUE(agrees(row.expect, got)) << "wanted " << row.expect << "\nreference " << got;
}

/// Rows of one ruleset together, so that it is put in force once.
std::vector<Row> rows_by_ruleset() {
    std::vector<Row> rows = all_rows();
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.ruleset < b.ruleset; });
    return rows;
}

class Rows : public SharedPlane {};

TEST_F(Rows, have_the_verdict_rule_reason_and_counters_that_they_name) {
    std::size_t verdicts = 0;
    const std::vector<Row> rows = rows_by_ruleset();
    for (const Row& row : rows) {
        SCOPED_TRACE(row.subject + ": " + row.name);
        const auto loaded = plane().load(row.ruleset);
        ASSERT_TRUE(loaded.ok()) << loaded.error().message;
        if (!row.words.empty()) judge_row(plane(), row);
        for (const Hook hook : row.hooks) {
            SCOPED_TRACE(name_of(hook));
            if (!row.before.empty()) plane().forget_bans();
            ASSERT_TRUE(plane().forget_connections().ok());
            run_row(plane(), row, hook);
            if (!row.before.empty()) plane().forget_bans();
            ++verdicts;
        }
    }
    std::printf("%zu rows, %zu verdicts\n", rows.size(), verdicts);
    EXPECT_GE(verdicts, 40000u);
}

/// A flow is remembered when it comes a second time; from the third on its rule is not searched.
TEST_F(Rows, of_a_remembered_flow_are_judged_as_at_first_sight) {
    constexpr int kTimes = 4;
    for (const Row& row : rows_by_ruleset()) {
        if (!row.before.empty()) continue;
        SCOPED_TRACE(row.subject + ": " + row.name);
        ASSERT_TRUE(plane().load(row.ruleset).ok());
        const Hook hook = row.hooks.front();
        for (int time = 0; time < kTimes; ++time) {
            SCOPED_TRACE(fmt::format("{}, time {}", name_of(hook), time + 1));
            plane().forget_bans();
            ASSERT_TRUE(plane().forget_connections().ok());
            run_alone(plane(), row, hook);
        }
        if (HasFailure()) return;
    }
}

}  // namespace
}  // namespace yett::corpus
