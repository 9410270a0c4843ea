// SPDX-License-Identifier: GPL-2.0-or-later
// Foreign text that is kept: fit for files, messages and terminals.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace yett {

/// As quote() shows it, without quotes: what cannot be seen is named ("<U+200B>"). At most
/// `octets`, with "..." at the end when that was not all. Applied again it changes nothing.
std::string visible(std::string_view text, std::size_t octets);

}  // namespace yett
