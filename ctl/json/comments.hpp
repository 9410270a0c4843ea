// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/json: carries the comments of a text over to the values that are printed in its place.
#pragma once

#include "json/layout.hpp"
#include "json/source.hpp"

namespace yett {

/// `root` is the canonical value of what `source` says. A comment belongs to the key or element
/// behind it, or to the one before it on its line; where that is not printed, to what is printed
/// around it. No comment is lost, and of several empty lines one is kept.
/// Gives back the lines that stand behind the whole.
std::vector<std::string> attach_comments(const Source& source, Value& root);

}  // namespace yett
