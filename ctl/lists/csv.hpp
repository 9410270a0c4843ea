// SPDX-License-Identifier: GPL-2.0-or-later
// Records of CSV (RFC 4180), and the value in one or two of their columns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lists/items.hpp"

namespace yett {

/// Fields stand apart by one of "," ";" tab "|", the same in the whole list: the one that its first
/// record has most of. Quotes as in RFC 4180: doubled inside, over several lines. A record that
/// begins with "#" is a comment. The first record is a heading when its column begins with a letter
/// and is no value.
class CsvFile {
  public:
    explicit CsvFile(const ListOptions& options) : options_(options) {}

    /// A line, without its line feed. A record that goes on in the next one is kept.
    Result<void> line(std::string_view text, std::size_t number, ListItems& items);
    /// A record is open, since this line; 0: none is.
    [[nodiscard]] std::size_t open_since() const { return begun_; }
    /// What was kept of it is forgotten.
    void give_up();

  private:
    void choose_separator(std::string_view record);
    Result<void> split(std::string_view record);
    Result<void> record(ListItems& items);
    [[nodiscard]] Result<void> refuse_mask() const;
    Result<std::string> value_of(const ListItems& items) const;
    [[nodiscard]] bool is_heading() const;

    ListOptions options_;
    std::string rest_;
    std::size_t begun_ = 0;
    char separator_ = 0;
    bool first_ = true;
    std::vector<std::string> fields_;
};

}  // namespace yett
