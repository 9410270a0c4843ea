// SPDX-License-Identifier: GPL-2.0-or-later
// A directory that one process at a time works on.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace yett {

/// Holds the lock as long as the descriptor lives, over a crash too: the kernel lets go. Nothing:
/// somebody else holds it, and did for all of `patience`.
Result<std::optional<Fd>> lock_directory(const std::string& path,
                                         std::chrono::milliseconds patience = {});

}  // namespace yett
