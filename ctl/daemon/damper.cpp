// SPDX-License-Identifier: GPL-2.0-or-later
// Many events, little work.
#include "daemon/damper.hpp"

#include <algorithm>
#include <utility>

namespace yett {

Damper::Damper(Loop& loop, std::chrono::milliseconds pause, DampedWork work)
    : loop_(loop), pause_(pause), work_(std::move(work)) {}

void Damper::ask() {
    if (std::exchange(asked_, true)) return;
    if (!working_) schedule();
}

void Damper::schedule() {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_ - Clock::now());
    if (left.count() <= 0) return run();
    loop_.after(left, [this] { run(); });
}

void Damper::run() {
    asked_ = false;
    working_ = true;
    work_([this, begin = Clock::now()] {
        const auto end = Clock::now();
        next_ = end + std::max<Clock::duration>(pause_, 3 * (end - begin));
        working_ = false;
        if (asked_) schedule();
    });
}

}  // namespace yett
