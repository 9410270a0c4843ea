// SPDX-License-Identifier: GPL-2.0-or-later
// "Did you mean": the nearest of a few known words.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace yett {

/// The candidate that takes the fewest edits (insert, delete, replace, swap two neighbours; case is
/// ignored), or an empty view when none is near enough to be a slip: at most one edit for each
/// three characters of `word`. Words over 64 octets have no neighbour. The result is a view of the
/// candidate.
[[nodiscard]] std::string_view closest(std::string_view word,
                                       std::span<const std::string_view> candidates);

/// `did you mean "x"?`, or an empty string when nothing is near.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string_view> candidates);

}  // namespace yett
