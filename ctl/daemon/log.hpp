// SPDX-License-Identifier: GPL-2.0-or-later
// The log: stderr, one line each, with levels that journald understands.
#pragma once

#include <string>

#include "base/result.hpp"

namespace yett {

/// "debug", "info", "warn", "error" or "off"; else kind usage.
Result<void> start_log(const std::string& level);

}  // namespace yett
