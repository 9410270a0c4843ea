// SPDX-License-Identifier: GPL-2.0-or-later
// The model -> canonical text.
#pragma once

#include <string>

#include "json/reader.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// The one canonical form: fixed order of keys, keys without effect left out, a list of one written
/// as the one value, objects on one line where they fit into 120 columns. For every ruleset that
/// the reader can make, read_ruleset(print(r)) gives r again. Ends in a line end.
std::string print(const Ruleset& ruleset);

/// The canonical form of a document that is ok(), with the comments of its text and empty lines
/// between rules. Formatting the result again changes nothing, and it reads back to the same model.
std::string format(const Document& document);

}  // namespace yett
