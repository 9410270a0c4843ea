// SPDX-License-Identifier: GPL-2.0-or-later
// What a list comes to, and what was said about how to read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apply/entry.hpp"
#include "base/result.hpp"

namespace yett {

/// automatic: line by line, what begins with "{" or "[" is JSON, with a command of ipset one, all
/// else words. ndjson: each line is a JSON value by itself. json: one value or several, each over
/// as many lines as it likes.
enum class ListFormat : std::uint8_t { automatic, plain, csv, ndjson, json };
inline constexpr const char* kListFormats = "auto, plain, csv, ndjson or json";
std::optional<ListFormat> parse_list_format(std::string_view text);

/// A column of CSV, from 1, or the first and the last address of a range in two of them.
struct ListColumns {
    unsigned first = 1;
    unsigned last = 1;
    bool chosen = false;  ///< false: nobody named a column
    bool alone = false;   ///< "2-2": whatever stands beside it
};

inline constexpr unsigned kMostListColumns = 1000;
/// "2", "1-2", "2-2".
std::optional<ListColumns> parse_list_columns(std::string_view text);

struct ListOptions {
    SetType type = SetType::prefix;
    ListFormat format = ListFormat::automatic;
    ListColumns columns;
    bool skip_invalid = false;  ///< counts what makes no sense, in place of failing
    bool may_end = true;        ///< entries may have an end of their own
    std::string set;            ///< of an ipset dump; empty: the one there is
    std::string key;            ///< of JSON objects; empty: the usual ones
    std::string pointer;        ///< where in a JSON document the list stands (RFC 6901)
    std::int64_t now = 0;       ///< seconds since 1970: ends that are over by then do not count
};

/// Nothing was said about the end of an entry.
inline constexpr std::int64_t kNoEnd = -1;

struct List {
    std::vector<EntryValue> values;     ///< in order, each once
    std::vector<std::int64_t> seconds;  ///< empty, or of each value: until its end, 0 = never
    std::vector<std::uint32_t> why;     ///< empty, or of each value: which of `reasons`
    std::vector<std::string> reasons;   ///< the first is empty
    std::vector<EntryValue> lifted;     ///< what the list says is no entry any more, in order
    std::size_t lines = 0;
    std::size_t read = 0;               ///< values in the list; a range counts as its prefixes
    std::size_t duplicate = 0;          ///< were there before; the last one holds
    std::size_t contained = 0;          ///< kept, though another entry of the list covers them
    std::size_t over = 0;               ///< had ended already
    std::size_t skipped = 0;            ///< made no sense
    std::vector<std::string> problems;  ///< the first of what was skipped, with its line
    std::string looks_like;             ///< "an HTML page": of the first thing that made no sense
};

/// Refused without --force, kind conflict: a list of which nothing was understood, an empty one in
/// place of what a set holds (`replace`), and one that holds every address of a family.
Result<void> check_list(const List& list, bool replace);

}  // namespace yett
