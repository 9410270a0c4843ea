// SPDX-License-Identifier: GPL-2.0-or-later
// What the command line says and does while the daemon says nothing.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "cli/verb.hpp"

namespace yett::cli {

/// Where packets are filtered now, whatever the daemon does: "filtering goes on at eth0 (ingress,
/// egress)". Only root can look.
std::string where_filtering(const Context& context);

/// A daemon that works on something is waited for; one that is stopped, or does nothing, is not.
class Silence {
  public:
    explicit Silence(const Context& context) : context_(context) {}

    void connected(pid_t listener);
    /// Asked again and again while no answer comes. Tells the operator once. False: give up.
    bool go_on(pid_t listener);
    /// The error of a request that got no answer, with what the operator has to know.
    [[nodiscard]] Error explain(Error error) const;

  private:
    const Context& context_;
    std::uint64_t ticks_ = 0;  ///< of the daemon's CPU time when it was last looked at
    int unaccepted_ = 0;       ///< how often asked without having been accepted
    bool told_ = false;
    std::string found_;  ///< what is the matter with the daemon
};

/// What /proc/PID/stat says of a process. Pure.
struct ProcessActivity {
    char state = 0;  ///< as in proc(5); 0: cannot be told
    std::uint64_t ticks = 0;
};
ProcessActivity parse_stat(const std::string& stat);

}  // namespace yett::cli
