// SPDX-License-Identifier: GPL-2.0-or-later
// What is different between two rulesets, in lines for an operator.
#pragma once

#include <string>
#include <vector>

#include "model/ruleset.hpp"

namespace yett::cli {

/// "+ name" is new, "- name" is gone, "~ name" is another one under the same name; sets, policies,
/// interfaces and the rest likewise, with a word before the name. Comments and tests do not count.
std::vector<std::string> changes(const Ruleset& before, const Ruleset& after);

}  // namespace yett::cli
