// SPDX-License-Identifier: GPL-2.0-or-later
// Lists of addresses as they are found in the world, each by its grammar.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "lists/csv.hpp"
#include "lists/ipset.hpp"
#include "lists/items.hpp"
#include "lists/json_list.hpp"
#include "lists/list.hpp"

namespace yett {

/// Takes a list in pieces, as plain lines (`words.hpp`), files of ipset, CSV or JSON. A list is
/// taken whole, or refused with the line and what it is instead; what is left out with
/// `skip_invalid` is counted. Memory: the entries, a line of at most 64 KiB, a JSON value of at
/// most 64 MiB.
class ListReader {
  public:
    explicit ListReader(const ListOptions& options);
    ListReader(const ListReader&) = delete;
    ListReader& operator=(const ListReader&) = delete;

    /// Fails with kind usage, and the number of the line.
    Result<void> feed(std::string_view piece);
    /// After the last piece.
    Result<List> finish();
    [[nodiscard]] std::size_t lines() const { return list_.lines; }
    [[nodiscard]] std::size_t values() const {
        return items_.size() + lifted_.size() + ipset_.values();
    }

  private:
    enum class Way : std::uint8_t { nothing, words, ipset, csv, json };

    Result<void> line(std::string_view text);
    Result<void> take(std::string_view text);
    Result<void> take_words(std::string_view text);
    Result<void> take_json(std::string_view text);
    Result<void> read_json();
    Result<void> begin_text(std::string_view& text);
    [[nodiscard]] Way way_of(std::string_view trimmed) const;
    [[nodiscard]] std::size_t longest() const;
    /// Counts it, or fails with it.
    Result<void> problem(std::size_t line, const Error& error);
    [[nodiscard]] Error named(std::string_view text, const Error& error);
    Result<void> finish_open();

    ListOptions options_;
    List list_;
    ListItems items_;
    ListItems lifted_;
    IpsetFile ipset_;
    CsvFile csv_;
    JsonList json_list_;
    std::string rest_;            ///< of a line that goes on in the next piece
    std::string json_;            ///< a value that goes on in the next line
    std::size_t json_line_ = 0;   ///< where the last one began
    std::size_t json_ended_ = 0;  ///< and where it was read
    std::size_t json_depth_ = 0;
    bool json_string_ = false;
    bool json_escape_ = false;
    bool json_by_line_ = false;  ///< a value has ended in the line where it began
};

}  // namespace yett
