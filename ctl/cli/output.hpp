// SPDX-License-Identifier: GPL-2.0-or-later
// What the command line prints: tables, units, errors. Text from outside loses its control
// characters here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cli/remote.hpp"
#include "cli/verb.hpp"

namespace yett::cli {

/// 999 -> "999", 1234 -> "1.2k", 3400000000 -> "3.4G": powers of 1000, at most four characters and
/// a unit.
std::string with_unit(std::uint64_t number);
/// 59 -> "59s", 3600 -> "1h", 90061 -> "1d1h": the two greatest units.
std::string duration(std::uint64_t seconds);
/// Control characters and what is not UTF-8 become \xNN, so that no name can steer a terminal.
std::string printable(std::string_view text);

/// Columns of text. Numbers stand right, words stand left.
class Table {
  public:
    enum class Align { left, right };
    struct Column {
        std::string title;
        Align align = Align::left;
    };
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    /// As many cells as columns.
    void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    /// terse: no titles, cells parted by one tab.
    [[nodiscard]] std::string text(bool terse) const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

/// Prints the figure for the mode: raw digits with -t, with a unit else.
std::string figure(const Context& context, std::uint64_t number);

/// Writes to stdout, with a newline at the end. What it does not take is told by finish_output().
void print(std::string_view text);
/// The same without the newline.
void print_raw(std::string_view text);
/// Writes to stderr, where that can be: nothing depends on it.
void complain(std::string_view text);
/// What is printed must have arrived: `code`, or an error when it has not.
int finish_output(int code);

/// Prints the error (with -j as a JSON object on stdout, else as words on stderr) and gives its
/// exit code.
int fail(const Context& context, const Error& error);

/// 8, and words, where the answer to a change says that it is on no disk yet; else 0.
int exit_code_of_saving(const Json& value);

}  // namespace yett::cli
