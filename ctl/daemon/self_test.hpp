// SPDX-License-Identifier: GPL-2.0-or-later
// Before anything is loaded: is this a machine, and are we a process, that can?
#pragma once

#include <functional>
#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace yett {

/// Checks capabilities and the bpffs below `pin_directory` (mounts one at /sys/fs/bpf when that is
/// where it should be and nothing is), makes the pin directory, and takes the lock that only one
/// daemon can have. The lock goes with the descriptor. Fails with permission, kernel or conflict;
/// one line says which and what to do.
Result<Fd> prepare_machine(const std::string& pin_directory,
                           const std::function<void(const std::string&)>& tell);

/// The lock on a directory that only one daemon may work on; conflict names the option that gives
/// this one another.
Result<Fd> only_daemon_on(const std::string& path, const char* option);

}  // namespace yett
