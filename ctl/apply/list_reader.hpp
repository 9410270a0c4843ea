// SPDX-License-Identifier: GPL-2.0-or-later
// Lists of addresses as they are found in the world: one a line, with comments, as ranges, in a
// column of CSV, or as one JSON object a line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apply/entry.hpp"
#include "base/result.hpp"

namespace yett {

/// automatic: a line that begins with "{" is JSON, another is words.
enum class ListFormat : std::uint8_t { automatic, plain, csv, ndjson };
std::optional<ListFormat> parse_list_format(std::string_view text);

struct ListOptions {
    SetType type = SetType::prefix;
    ListFormat format = ListFormat::automatic;
    unsigned column = 1;        ///< of CSV
    bool skip_invalid = false;  ///< counts lines that make no sense, in place of failing
};

struct List {
    std::vector<EntryValue> values;  ///< in order, each once
    std::size_t lines = 0;
    std::size_t duplicate = 0;  ///< were there before
    std::size_t contained = 0;  ///< kept, though another entry of the list covers them
    std::size_t skipped = 0;    ///< made no sense
};

/// Takes a list in pieces. Lines of words: comments begin with "#", ";" or "//"; a value, a range
/// "a-b", or a line of `ipset save`. CSV: fields parted by "," ";" or tab, perhaps in quotes; a
/// first line whose column is no value is a heading. JSON: the first of the keys cidr, prefix,
/// network, ip, address, range, mac, iface, value; an object with "type" "metadata" is none. A
/// range becomes the prefixes that make it up.
class ListReader {
  public:
    explicit ListReader(const ListOptions& options) : options_(options) {}

    /// Fails with kind usage, and the number of the line.
    Result<void> feed(std::string_view piece);
    /// After the last piece.
    Result<List> finish();
    [[nodiscard]] std::size_t lines() const { return list_.lines; }
    [[nodiscard]] std::size_t values() const { return list_.values.size(); }

  private:
    Result<void> line(std::string_view text);
    /// Empty text: the line has no value.
    Result<std::string_view> value_of(std::string_view text);
    Result<void> take(std::string_view text);

    ListOptions options_;
    List list_;
    std::string rest_;  ///< of a line that goes on in the next piece
};

/// The fewest prefixes that make up the range.
std::vector<EntryValue> to_prefixes(const AddressRange& range);

}  // namespace yett
