// SPDX-License-Identifier: GPL-2.0-or-later
// "Did you mean": the nearest of a few known words.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace yett {

/// The candidates that take the fewest edits (insert, delete, replace, swap two neighbours; case is
/// ignored), all of them where several take as few; none when that is no slip: at most one edit for
/// each three characters of `word`, and the digits of a word that has some are meant ("af11" is no
/// slip of "af12", nor "eth1" of "eth0"). Words over 64 octets have no neighbour. The results are
/// views of the candidates.
[[nodiscard]] std::vector<std::string_view> nearest(std::string_view word,
                                                    std::span<const std::string_view> candidates);

/// The one that is nearest, or an empty view when none is, or several are.
[[nodiscard]] std::string_view closest(std::string_view word,
                                       std::span<const std::string_view> candidates);

/// `did you mean "x"?`, or `did you mean "x" or "y"?`: whom a hint names alone, it has not chosen
/// among equals. Empty when nothing is near, or more than three are.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string_view> candidates);

}  // namespace yett
