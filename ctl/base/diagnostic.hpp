// SPDX-License-Identifier: GPL-2.0-or-later
// A remark about a rule file, and the place it is about.
#pragma once

#include <cstdint>
#include <string>

namespace yett {

enum class Severity { error, warning };

/// A place in a text. Lines and columns count from 1, columns in octets. Line 0: no place known.
struct Location {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint32_t length = 1;  ///< octets to underline, on that line
};

/// `pointer` (RFC 6901, such as "/rules/3/match/dport") is set by whoever finds the fault in the
/// model; `location` is filled in from the text that the model was read from, where there is one.
struct Diagnostic {
    Severity severity = Severity::error;
    std::string code;     ///< stable, lower case with dashes: "port-range"
    std::string message;  ///< what is wrong
    std::string hint;     ///< did you mean ..., may be empty
    std::string pointer;
    Location location;
    bool at_key = false;  ///< the fault is in the member's name, not in its value
};

}  // namespace yett
