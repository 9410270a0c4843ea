// SPDX-License-Identifier: GPL-2.0-or-later
// The thread that the gate belongs to, so that what takes long does not keep the loop from
// answering.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "api/loop.hpp"
#include "api/router.hpp"

namespace yett {

/// Who goes first: what keeps the gate right, and what changes it, before those who only look.
enum class Urgency { change, look };

/// Does one piece of work after the other, in the order in which they come, changes before looks.
/// All functions but the work itself are for the loop's thread. The loop must outlive it.
class WorkThread {
  public:
    struct Busy {
        std::string what;
        std::chrono::milliseconds time{};  ///< since it was begun
    };

    /// Where no thread can be made, the loop does the work itself, and health waits for it.
    explicit WorkThread(Loop& loop);
    WorkThread(const WorkThread&) = delete;
    WorkThread& operator=(const WorkThread&) = delete;
    /// Ends what was begun and drops what waits.
    ~WorkThread();

    /// `then` is called on the loop's thread when the work is done.
    void post(Urgency urgency, std::string what, std::function<void()> work,
              std::function<void()> then = {});
    /// Nothing, when the same waits already.
    void post_once(std::string what, std::function<void()> work);
    /// Does `run` and replies. What it throws becomes an answer.
    void answer(Urgency urgency, std::string what, std::function<ApiResponse()> run, Reply reply);

    /// What is being done at this moment.
    [[nodiscard]] std::optional<Busy> busy() const;

  private:
    using Clock = std::chrono::steady_clock;
    struct Work {
        std::string what;
        std::function<void()> run, then;
    };
    void go_on();
    static void run(Work& work);
    void tell(Work& work);

    Loop& loop_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Work> waiting_[2];
    std::string doing_;  ///< empty: nothing
    Clock::time_point since_{};
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace yett
