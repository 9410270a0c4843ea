// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/json: the canonical form as a tree, before it is laid out.
#pragma once

#include "json/layout.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// What print() prints: every member that is not at its default.
Value canonical(const Ruleset& ruleset);

}  // namespace yett
