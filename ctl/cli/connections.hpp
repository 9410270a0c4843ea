// SPDX-License-Identifier: GPL-2.0-or-later
// The part of yett show that asks for connections.
#pragma once

#include "cli/verb.hpp"

namespace yett::cli {

/// Declares the filters on `command`, and gives what runs.
Run add_show_connections(CLI::App& command);

}  // namespace yett::cli
