// SPDX-License-Identifier: GPL-2.0-or-later
// Many events, little work; none forgotten.
#include "daemon/damper.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <utility>

namespace yett {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Asks every millisecond for `length`, and gives when the work was done, in milliseconds from
/// then.
std::vector<long> runs_of(std::chrono::milliseconds length, std::chrono::milliseconds pause,
                          std::chrono::milliseconds cost, int& asked) {
    Loop loop;
    std::vector<long> runs;
    const auto begin = Clock::now();
    const auto since = [&] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
    };
    Damper damper(loop, pause, [&](std::function<void()> done) {
        runs.push_back(since());
        loop.after(cost, std::move(done));
    });
    loop.every(1ms, [&] {
        if (since() >= length.count()) return;
        ++asked;
        damper.ask();
    });
    loop.after(length + 4 * (pause + cost) + 200ms, [&] { loop.stop(); });
    loop.run();
    return runs;
}

TEST(Damper, works_at_once_and_then_once_for_all_that_ask) {
    int asked = 0;
    const auto runs = runs_of(300ms, 100ms, 0ms, asked);
    ASSERT_GE(runs.size(), 2u);
    EXPECT_LT(runs.front(), 100) << "the first is not kept waiting";
    EXPECT_LE(runs.size(), 5u) << asked << " asked";
    for (std::size_t i = 1; i < runs.size(); ++i)
        EXPECT_GE(runs[i] - runs[i - 1], 99);
}

TEST(Damper, works_once_more_after_the_last_that_asked) {
    Loop loop;
    int runs = 0;
    Damper damper(loop, 50ms, [&](const std::function<void()>& done) {
        ++runs;
        done();
    });
    damper.ask();
    EXPECT_EQ(runs, 1);
    damper.ask();
    damper.ask();
    EXPECT_EQ(runs, 1);
    loop.after(500ms, [&] { loop.stop(); });
    loop.run();
    EXPECT_EQ(runs, 2);
}

TEST(Damper, leaves_three_quarters_of_the_time_to_others) {
    int asked = 0;
    const auto runs = runs_of(300ms, 1ms, 20ms, asked);
    ASSERT_GE(runs.size(), 2u);
    for (std::size_t i = 1; i < runs.size(); ++i)
        EXPECT_GE(runs[i] - runs[i - 1], 79);
}

}  // namespace
}  // namespace yett
