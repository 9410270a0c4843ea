// SPDX-License-Identifier: GPL-2.0-or-later
// For how long hooks were open that should have been filtered: somebody took the filter away, or an
// interface came and could not be attached at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>

#include "apply/attach.hpp"

namespace yett {

/// Adds up what is seen from time to time. A hook that is found open counts as open since it was
/// last seen filtered: the figure is never too small.
class Coverage {
  public:
    using Time = std::chrono::steady_clock::time_point;
    struct Figures {
        std::uint64_t times = 0;
        std::chrono::milliseconds open{};
    };

    /// `filtered` and `open`: all hooks that should be filtered and whose interface exists.
    void look(const std::set<Hook>& filtered, const std::set<Hook>& open, Time now);
    [[nodiscard]] Figures of(const Hook& hook) const;

  private:
    struct Seen {
        Figures figures;
        Time at;
        bool known = false;  ///< it should have been filtered when it was last looked at
        bool open = false;
    };
    void forget_others(const std::set<Hook>& filtered, const std::set<Hook>& open);

    std::map<Hook, Seen> seen_;
};

}  // namespace yett
