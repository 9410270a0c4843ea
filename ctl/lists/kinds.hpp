// SPDX-License-Identifier: GPL-2.0-or-later
// What a text is that is no list: so that a person need not guess.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace yett {

struct ForeignKind {
    std::string what;  ///< "an HTML page"
    std::string hint;  ///< what to do about it, may be empty
};

/// By the first octets of a file: UTF-16, compressed, a program. Empty: it may be text.
std::optional<ForeignKind> foreign_file(std::string_view beginning);
/// By a line that is no value. Empty: nothing that is known.
std::optional<ForeignKind> foreign_line(std::string_view line);
/// The same for a line that begins as a command of ipset does: only what nft would write.
std::optional<ForeignKind> foreign_command(std::string_view line);

}  // namespace yett
