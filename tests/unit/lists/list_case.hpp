// SPDX-License-Identifier: GPL-2.0-or-later
// A list as a row: text and options in, entries or the exact complaint out.
#pragma once

#include <gtest/gtest.h>

#include <span>
#include <sstream>
#include <string>

#include "lists/list_reader.hpp"

namespace yett {

struct ListCase {
    const char* name;
    const char* options;  ///< words: csv, column=2, type=port, skip, replace ...
    std::string text;
    /// Values, each with "~SECONDS" and "(REASON)" where it has them; then "lifted", "over",
    /// "skipped" where there are some. Or the message and, behind " | ", the hint.
    const char* expected;
};

struct CaseOptions {
    ListOptions list;
    bool replace = false;
};

inline CaseOptions case_options(const char* words) {
    CaseOptions options;
    options.list.now = 1'800'000'000;  // 2027-01-15T08:00:00Z
    std::istringstream in(words);
    for (std::string word; in >> word;) {
        const auto value = word.substr(std::min(word.find('=') + 1, word.size()));
        if (const auto format = parse_list_format(word)) {
            options.list.format = *format;
        } else if (word.starts_with("column")) {
            options.list.columns = parse_list_columns(value).value();
        } else if (word.starts_with("type=")) {
            options.list.type = value == "port"  ? SetType::port
                                : value == "mac" ? SetType::mac
                                                 : SetType::iface;
        } else if (word.starts_with("set=")) {
            options.list.set = value;
        } else if (word.starts_with("key=")) {
            options.list.key = value;
        } else if (word.starts_with("pointer=")) {
            options.list.pointer = value;
        } else if (word == "skip") {
            options.list.skip_invalid = true;
        } else if (word == "file") {
            options.list.may_end = false;
        } else if (word == "replace") {
            options.replace = true;
        } else {
            ADD_FAILURE() << "no such option: " << word;
        }
    }
    return options;
}

inline Result<List> read_list(const ListOptions& options, std::string_view text,
                              std::size_t piece) {
    ListReader reader(options);
    for (std::size_t at = 0; at < text.size(); at += piece) {
        if (auto fed = reader.feed(text.substr(at, piece)); !fed) return fed.error();
    }
    return reader.finish();
}

inline std::string words_of(const Error& error) {
    return error.message + (error.hint.empty() ? "" : " | " + error.hint);
}

inline std::string words_of(const List& list) {
    std::string out;
    for (std::size_t i = 0; i < list.values.size(); ++i) {
        out += (out.empty() ? "" : " ") + to_text(list.values[i]);
        if (!list.seconds.empty() && list.seconds[i] != kNoEnd)
            out += "~" + std::to_string(list.seconds[i]);
        if (!list.why.empty() && list.why[i] != 0) out += "(" + list.reasons[list.why[i]] + ")";
    }
    for (const auto& value : list.lifted)
        out += " lifted " + to_text(value);
    if (list.over > 0) out += " over " + std::to_string(list.over);
    if (list.skipped > 0) out += " skipped " + std::to_string(list.skipped);
    return out;
}

inline std::string result_of(const ListCase& row, std::size_t piece) {
    const auto options = case_options(row.options);
    const auto list = read_list(options.list, row.text, piece);
    if (!list) return words_of(list.error());
    EXPECT_EQ(list->read, list->values.size() + list->duplicate);
    const auto good = check_list(*list, options.replace);
    return good ? words_of(*list) : "refused: " + words_of(good.error());
}

/// Whatever the pieces are that a list comes in, it comes to the same.
inline void expect_cases(std::span<const ListCase> rows) {
    for (const auto& row : rows) {
        for (const std::size_t piece : {1u, 7u, 100'000u}) {
            SCOPED_TRACE(row.name);
            EXPECT_EQ(result_of(row, piece), row.expected);
        }
    }
}

}  // namespace yett
