// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/lists: the entries of a list while it is read.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lists/list.hpp"

namespace yett {

/// A reason in octets, at most: a longer one is cut.
inline constexpr std::size_t kLongestReason = 200;

/// What may stand beside a value.
struct ItemNotes {
    std::int64_t seconds = kNoEnd;
    std::string reason;
};

/// Puts what one text means behind `out`: one value, or the prefixes of a range. Refused, with the
/// mend: host bits, IPv4 written as IPv6. The one reader of new entries, wherever they come from.
Result<void> parse_entries(SetType type, std::string_view text, std::vector<EntryValue>& out);

/// Values as they come, each with its notes; memory for notes is taken once there are some.
class ListItems {
  public:
    explicit ListItems(SetType type) : type_(type) {}

    Result<void> add(std::string_view text, const ItemNotes& notes);
    void add(const EntryValue& value) { push(value, kNoEnd, 0); }
    [[nodiscard]] std::size_t size() const { return values_.size(); }
    [[nodiscard]] SetType type() const { return type_; }
    /// Forgets all behind the first `size`.
    void shrink(std::size_t size);
    void clear() { shrink(0); }
    [[nodiscard]] const EntryValue& at(std::size_t index) const { return values_[index]; }
    /// Takes one of them out where it stands.
    void take_out(std::size_t index);
    [[nodiscard]] bool is_in(std::size_t index) const;
    /// Sorts, takes out what is twice, and counts.
    void finish(List& list) &&;

  private:
    void push(const EntryValue& value, std::int64_t seconds, std::uint32_t why);
    std::uint32_t number_of(const std::string& reason);
    void drop_taken();
    void sort_plain(List& list);
    void sort_with_notes(List& list);

    SetType type_;
    std::vector<EntryValue> values_;
    std::vector<std::int64_t> seconds_;  ///< empty while nothing ends
    std::vector<std::uint32_t> why_;     ///< empty while there is no reason
    std::vector<std::string> reasons_ = {""};
    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::vector<bool> out_;  ///< empty while nothing was taken out
    std::vector<EntryValue> scratch_;
};

/// The error that names the line; what it names already stays.
Error at_line(std::size_t line, const Error& error);

}  // namespace yett
