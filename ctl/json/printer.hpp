// SPDX-License-Identifier: GPL-2.0-or-later
// The model -> canonical text.
#pragma once

#include <string>

#include "model/ruleset.hpp"

namespace yett {

/// The one canonical form: fixed order of keys, keys without effect left out, a list of one written
/// as the one value, objects on one line where they fit into 100 columns. For every ruleset that
/// the reader can make, read_ruleset(print(r)) gives r again. Ends in a line end.
std::string print(const Ruleset& ruleset);

}  // namespace yett
