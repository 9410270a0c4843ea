// SPDX-License-Identifier: GPL-2.0-or-later
// What all changes of sets have in common: how they are asked for, and what became of them.
#pragma once

#include <functional>
#include <string>

#include "cli/remote.hpp"

namespace yett::cli {

/// Asks, and shows the answer in words, or as it is with -j. Exit code 1 when something was not
/// there, 8 when the change is in force but could not be saved: that is said, too.
int ask_and_show_edit(const Context& context, const std::string& method, const std::string& target,
                      const std::string& body, const std::function<void(const Json&)>& show);

}  // namespace yett::cli
