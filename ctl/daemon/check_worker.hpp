// SPDX-License-Identifier: GPL-2.0-or-later
// Rule files that are only to be checked: anybody who may read can send them, and they can be made
// to take long. Each is judged by a process of its own, with bounds and without privileges, while
// the loop goes on.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "api/loop.hpp"
#include "api/router.hpp"

namespace yett {

struct CheckLimits {
    unsigned seconds = 20;                            ///< of CPU; three times that by the clock
    std::uint64_t bytes = std::uint64_t{1536} << 20;  ///< of memory
    std::size_t at_once = 2;
    std::size_t of_uid = 1;
};

/// Lives as long as the loop does. Its processes end with this one.
class CheckWorkers {
  public:
    CheckWorkers(Loop& loop, CheckLimits limits = {}) : loop_(loop), limits_(limits) {}

    /// Replies as `check_ruleset()` does; 503 when there are as many as may be, or when the time is
    /// over; 413 when the memory does not do.
    void start(const ApiRequest& request, Reply reply);

  private:
    struct Job;
    void finish(const std::shared_ptr<Job>& job);

    Loop& loop_;
    CheckLimits limits_;
    std::size_t running_ = 0;
    std::map<uid_t, std::size_t> by_uid_;
};

/// The first argument of a process that checks; the limits of time and memory are the next two.
inline constexpr const char* kCheckWorker = "--check-worker";

/// What such a process is: from standard input to standard output. Gives its exit code.
int run_check_worker(const char* seconds, const char* bytes);

/// The answer to POST /v1/ruleset/check.
ApiResponse check_ruleset(const std::string& text);

}  // namespace yett
