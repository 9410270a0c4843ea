// SPDX-License-Identifier: GPL-2.0-or-later
// What is left of a ruleset when it cannot be brought into force: its interfaces stay covered, and
// who always gets in does.
#pragma once

#include <string>

#include "model/ruleset.hpp"

namespace yett {

/// What must be known of a ruleset to go on with its pinned tables without its text: name,
/// interfaces, policy, failsafe, and which sets there are. Of addresses in sets, of which there may
/// be many and the kernel has them, only those that the failsafe asks for.
Ruleset skeleton_of(const Ruleset& ruleset);

/// What is certain of a rule file, however damaged or invalid it is elsewhere: interfaces and
/// failsafe entries that can be read whole, each by itself. Never a wider failsafe than was
/// written.
Ruleset salvage(const std::string& text);

/// Failsafe, and drop both ways on the interfaces of `skeleton`.
Ruleset lockdown_of(const Ruleset& skeleton);

}  // namespace yett
