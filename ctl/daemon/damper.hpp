// SPDX-License-Identifier: GPL-2.0-or-later
// What follows an event, where events can come by the hundred.
#pragma once

#include <chrono>
#include <functional>

#include "api/loop.hpp"

namespace yett {

/// What is to be done, perhaps elsewhere; `done` is called on the loop's thread when it is.
using DampedWork = std::function<void(std::function<void()> done)>;

/// Does its work at once when it is asked for after a quiet time, else once for all that asked
/// meanwhile: not before `pause` is over, nor before three times as long as the work took. Whatever
/// comes, three quarters of the time are for others. The loop must outlive it, and must not run
/// after it is gone.
class Damper {
  public:
    Damper(Loop& loop, std::chrono::milliseconds pause, DampedWork work);
    Damper(const Damper&) = delete;
    Damper& operator=(const Damper&) = delete;

    void ask();

  private:
    using Clock = std::chrono::steady_clock;
    void schedule();
    void run();

    Loop& loop_;
    std::chrono::milliseconds pause_;
    DampedWork work_;
    bool asked_ = false, working_ = false;
    Clock::time_point next_{};
};

}  // namespace yett
