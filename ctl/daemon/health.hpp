// SPDX-License-Identifier: GPL-2.0-or-later
// Whether this gate does what was wished of it, answered also while the gate is busy.
#pragma once

#include <string>
#include <vector>

#include "api/json_text.hpp"
#include "api/loop.hpp"
#include "api/router.hpp"
#include "base/result.hpp"
#include "daemon/gate.hpp"
#include "daemon/work_thread.hpp"

namespace yett {

struct Check {
    const char* name;
    bool ok;
    std::string message;  ///< what is wrong, where it is
};

/// What must hold for this gate to do what was wished of it, now and after a reboot.
std::vector<Check> checks_of(Gate& gate, const Result<std::vector<Attachment>>& attachments);
bool is_healthy(const std::vector<Check>& checks);

/// GET /v1/health: the gate's own answer, or after 50 ms its last one and how long it has been busy
/// with what. For the loop's thread; gate, work and loop must outlive it.
class Health {
  public:
    Health(Gate& gate, WorkThread& work, Loop& loop) : gate_(gate), work_(work), loop_(loop) {}

    void ask(Reply reply);
    /// Has the gate look again, so that the last answer is young when it is needed.
    void refresh();

  private:
    struct Waiting;
    [[nodiscard]] ApiResponse last() const;

    Gate& gate_;
    WorkThread& work_;
    Loop& loop_;
    std::vector<Check> checks_;
    std::chrono::steady_clock::time_point looked_{};  ///< when they were so
    std::vector<std::shared_ptr<Waiting>> waiting_;
    bool asked_ = false;
};

}  // namespace yett
