// SPDX-License-Identifier: GPL-2.0-or-later
// Lines of words: a value, perhaps what yett writes behind it, perhaps a comment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "lists/items.hpp"

namespace yett {

/// What is wrong with a list, and what to do.
Error wrong(std::string message, std::string hint = "");

/// Without spaces, tabs and a carriage return at both ends.
std::string_view trim(std::string_view text);

struct WordRules {
    bool comments = true;  ///< "#", ";" and "//" begin one at the start of a word
    bool inside = true;    ///< "#" and ";" begin one inside of a word as well
    bool escapes = true;   ///< a backslash keeps the next character of a quoted word
};

struct Word {
    std::string text;
    bool quoted = false;
};

/// Fails when a quote does not end.
Result<std::vector<Word>> split_words(std::string_view line, const WordRules& rules);

/// "2026-05-01T09:30:00Z", perhaps with a fraction, which is dropped, or an offset "+02:00":
/// seconds since 1970.
std::optional<std::int64_t> parse_time(std::string_view text);

/// What an entry's own end comes to: `seconds` is ready for ItemNotes. `over`: it lies behind us.
struct EndOfEntry {
    std::int64_t seconds = kNoEnd;
    bool over = false;
};
/// Of "until" and "expires". Fails when it is no time, or further away than ten years.
Result<EndOfEntry> end_at(std::string_view time, const ListOptions& options);
/// Fails when entries of this set, or in this place, have no end.
Result<void> allow_end(std::int64_t seconds, const ListOptions& options);

/// VALUE | FIRST - LAST | VALUE [timeout TIME] [until TIME] [reason "TEXT"], and a comment. A line
/// of nothing but a comment gives nothing. False: its time is over, and it is left out.
Result<bool> read_words(std::string_view line, const ListOptions& options, ListItems& items);

/// One entry as a line that read_words takes back without loss.
std::string entry_line(std::string_view value, std::string_view until, std::string_view reason);

}  // namespace yett
