// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/json: what is wrong with a text that is no JSON, in an operator's words.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"

namespace yett {

/// Offset of the first octet from `from` on that is no white space, comma, colon or comment; at
/// most `limit`. Stops in front of a comment that is not closed. Between two tokens of valid JSON
/// nothing else stands.
std::size_t skip_gap(std::string_view text, std::size_t from, std::size_t limit);

struct TextFault {
    std::size_t offset = 0;
    Diagnostic diagnostic;  ///< without location
};

/// Faults that need no grammar: size over `octets`, byte order mark, NUL, ill-formed UTF-8 (RFC
/// 3629).
std::optional<TextFault> refuse_encoding(std::string_view text, std::size_t octets);

/// Where the parser stopped.
struct SyntaxFault {
    std::string_view text;
    std::size_t last_end = 0;       ///< behind the last good token
    std::size_t end = 0;            ///< behind the last octet read
    std::vector<std::size_t> open;  ///< offsets of the open brackets, outermost first
};

using Locate = std::function<Location(std::size_t begin, std::size_t end)>;

/// `what` is the message of the parser's exception. The code of the result is "json-syntax".
Diagnostic explain_syntax(const SyntaxFault& fault, std::string_view what, const Locate& locate);

}  // namespace yett
