// SPDX-License-Identifier: GPL-2.0-or-later
// How long things took, for reports to people.
#pragma once

#include <chrono>
#include <cstdint>

namespace yett {

class Stopwatch {
  public:
    /// Microseconds since the last lap, or since it was made.
    std::uint64_t lap() {
        const auto now = std::chrono::steady_clock::now();
        const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(now - last_);
        last_ = now;
        return static_cast<std::uint64_t>(passed.count());
    }

  private:
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace yett
