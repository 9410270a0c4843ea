// SPDX-License-Identifier: GPL-2.0-or-later
// Where in a line of a list the value stands.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace yett {

/// Without spaces, tabs and a carriage return at both ends.
std::string_view trim(std::string_view text);
/// A line of words. Empty: only a comment, or `ipset create`.
Result<std::string_view> value_of_words(std::string_view line);
/// Column `column`, from 1. Empty: a comment, or no such column.
std::string_view value_of_csv(std::string_view line, unsigned column);
/// A flat JSON object. Empty: metadata.
Result<std::string_view> value_of_object(std::string_view line);

}  // namespace yett
