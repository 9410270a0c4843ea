// SPDX-License-Identifier: GPL-2.0-or-later
// The tables of rules, reasons, interfaces and sets, as show, counters and set list print them.
#pragma once

#include <string>

#include "cli/remote.hpp"
#include "cli/verb.hpp"

namespace yett::cli {

/// Each takes the array of that name, where nothing else is said, from the daemon's answer (see
/// ctl/api/README.md).
std::string rules_table(const Context& context, const Json& rules);
std::string reasons_table(const Context& context, const Json& reasons);
std::string interfaces_table(const Context& context, const Json& interfaces);
std::string sets_table(const Context& context, const Json& sets);
/// Of the whole answer: the table of buckets is summed up below.
std::string limits_table(const Context& context, const Json& answer);
std::string bans_table(const Context& context, const Json& bans);
std::string entries_table(const Context& context, const Json& entries);

}  // namespace yett::cli
