// SPDX-License-Identifier: GPL-2.0-or-later
// Patterns of interfaces' names: "eth*". A "*" is any run of characters, all else is itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yett {

[[nodiscard]] bool is_pattern(std::string_view name);
/// Does the pattern (or the name) mean this interface? No pattern means lo: what a host says to
/// itself is filtered by nobody who does not name it.
[[nodiscard]] bool means_interface(std::string_view pattern, std::string_view name);
[[nodiscard]] bool any_means(const std::vector<std::string>& patterns, std::string_view name);

}  // namespace yett
