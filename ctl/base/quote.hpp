// SPDX-License-Identifier: GPL-2.0-or-later
// Foreign text in messages: a terminal must not obey it.
#pragma once

#include <string>
#include <string_view>

namespace yett {

/// A control character other than line feed and tab begins at text[i]: C0, DEL, or C1 in UTF-8
/// (U+0080 to U+009F).
[[nodiscard]] bool is_control_character(std::string_view text, std::size_t i);

/// In double quotes, at most 60 characters, fit for a message: what cannot be seen or would steer a
/// terminal (controls, odd spaces, marks without width, marks that turn the direction) is named by
/// its code point, "<U+200B>", an octet that is not UTF-8 "<0x80>".
std::string quote(std::string_view text);

}  // namespace yett
