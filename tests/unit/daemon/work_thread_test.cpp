// SPDX-License-Identifier: GPL-2.0-or-later
// The loop answers while the gate works; changes before looks; nothing thrown ends it.
#include "daemon/work_thread.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <vector>

namespace yett {
namespace {

using namespace std::chrono_literals;

TEST(WorkThread, leaves_the_loop_to_others_and_says_what_it_does) {
    Loop loop;
    WorkThread work(loop);
    std::promise<void> begun, may_end;
    bool done = false, seen = false;
    work.post(
        Urgency::change, "long work",
        [&] {
            begun.set_value();
            may_end.get_future().wait();
        },
        [&] {
            done = true;
            loop.stop();
        });
    begun.get_future().wait();
    loop.after(20ms, [&] {
        const auto busy = work.busy();
        seen = busy && busy->what == "long work" && busy->time >= 20ms;
        may_end.set_value();
    });
    loop.run();
    EXPECT_TRUE(done);
    EXPECT_TRUE(seen);
}

TEST(WorkThread, does_changes_before_looks_and_the_same_once) {
    Loop loop;
    WorkThread work(loop);
    std::promise<void> may_go;
    std::vector<std::string> order;
    work.post(Urgency::change, "first", [&] { may_go.get_future().wait(); });
    for (const char* what : {"look 1", "look 2"})
        work.post(
            Urgency::look, what, [&order, what] { order.emplace_back(what); },
            [&] {
                if (order.size() == 4) loop.stop();
            });
    work.post(Urgency::change, "change", [&] { order.emplace_back("change"); });
    for (int i = 0; i < 3; ++i)
        work.post_once("upkeep", [&] { order.emplace_back("upkeep"); });
    may_go.set_value();
    loop.run();
    EXPECT_EQ(order, (std::vector<std::string>{"change", "upkeep", "look 1", "look 2"}));
}

TEST(WorkThread, turns_what_is_thrown_into_an_answer) {
    Loop loop;
    WorkThread work(loop);
    std::vector<int> statuses;
    const auto note = [&](const ApiResponse& response) {
        statuses.push_back(response.status);
        if (statuses.size() == 3) loop.stop();
    };
    work.answer(
        Urgency::look, "memory", []() -> ApiResponse { throw std::bad_alloc(); }, note);
    work.answer(
        Urgency::look, "words", []() -> ApiResponse { throw std::runtime_error("x"); }, note);
    work.post(Urgency::look, "upkeep", [] { throw std::runtime_error("told in the log"); });
    work.answer(
        Urgency::look, "good", [] { return ApiResponse{}; }, note);
    loop.run();
    EXPECT_EQ(statuses, (std::vector<int>{507, 500, 200}));
}

TEST(WorkThread, ends_what_was_begun_and_drops_what_waits) {
    Loop loop;
    bool begun = false, late = false;
    {
        WorkThread work(loop);
        std::promise<void> started;
        work.post(Urgency::change, "begun", [&] {
            started.set_value();
            std::this_thread::sleep_for(20ms);
            begun = true;
        });
        work.post(Urgency::change, "late", [&] { late = true; });
        started.get_future().wait();
    }
    EXPECT_TRUE(begun);
    EXPECT_FALSE(late);
}

}  // namespace
}  // namespace yett
