// SPDX-License-Identifier: GPL-2.0-or-later
// What is wrong with a command line, and what was probably meant.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace CLI {
class App;
}

namespace yett::cli {

/// The error for arguments that CLI11 refused with `complaint`: a verb or an option that does not
/// exist is named, with the nearest that does.
Error usage_error(CLI::App& app, const std::vector<std::string>& arguments,
                  const std::string& complaint);

/// Whether the arguments ask for JSON: where they cannot be parsed, the answer is JSON all the
/// same.
bool wants_json(const std::vector<std::string>& arguments, bool& pretty);

}  // namespace yett::cli
