// SPDX-License-Identifier: GPL-2.0-or-later
// What the machine refuses, in words: the one place where an errno becomes an Error.
#pragma once

#include <cerrno>
#include <string>

#include "base/result.hpp"

namespace yett {

/// `what` (such as "cannot write /var/lib/yett/state.json") and the reason, with what to do about
/// it. The kind is `permission` where somebody may not, `kernel` where the machine is short of
/// something or broken, and else `otherwise`: a file that is not there means one thing to who names
/// it and another to who made it.
[[nodiscard]] Error system_error(const std::string& what, int code = errno,
                                 ErrorKind otherwise = ErrorKind::internal);

/// The machine is short of something or broken, whatever was asked of it: no fault of the one who
/// asked, nor of what was asked for.
[[nodiscard]] bool is_of_the_machine(int code);

}  // namespace yett
