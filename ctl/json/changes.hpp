// SPDX-License-Identifier: GPL-2.0-or-later
// What is different between two rulesets, in lines for an operator.
#pragma once

#include <string>
#include <vector>

#include "model/ruleset.hpp"

namespace yett {

/// "+ name" is a rule that is new, "- name" one that is gone, "~ name: key 1 -> 2" one of another
/// value under the same name; sets, interfaces and every other key of the file likewise, with their
/// key before the name. Empty exactly when the rulesets are equal. A line may hold text that stands
/// in a ruleset.
std::vector<std::string> changes(const Ruleset& before, const Ruleset& after);

}  // namespace yett
