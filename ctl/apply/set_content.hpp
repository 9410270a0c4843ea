// SPDX-License-Identifier: GPL-2.0-or-later
// What a set holds, and since when, and until when: the daemon's own record, from which maps are
// written.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// A prefix or a range of ports, by the type of its set.
using EntryValue = std::variant<Prefix, NumberRange>;

/// Fails with kind usage; the message says what is wrong with the text.
Result<EntryValue> parse_entry(SetType type, std::string_view text);
std::string to_text(const EntryValue& value);

struct Entry {
    bool from_ruleset = false;
    bool at_run_time = false;
    std::int64_t added = 0;     ///< at run time: seconds since 1970, UTC
    std::uint64_t expires = 0;  ///< at run time: CLOCK_BOOTTIME nanoseconds, 0 = never

    bool operator==(const Entry&) const = default;
    /// When it is no member any more: what the ruleset lists never expires.
    [[nodiscard]] std::uint64_t until() const { return from_ruleset ? 0 : expires; }
};

struct SetEdit {
    std::vector<EntryValue> remove;                         ///< first
    std::vector<std::pair<EntryValue, std::uint64_t>> add;  ///< with `expires` of Entry
    std::int64_t now = 0;                                   ///< `added` of what is new
};

/// What the data plane must be told about one prefix.
struct PrefixChange {
    Prefix prefix;
    std::optional<std::uint64_t> expires;  ///< empty: remove it

    bool operator==(const PrefixChange&) const = default;
};

struct EditResult {
    std::size_t added = 0;      ///< were no members before
    std::size_t refreshed = 0;  ///< were members before
    std::size_t deleted = 0;
    std::size_t missing = 0;  ///< were to be removed, and were no members
    std::vector<PrefixChange>
        changes;  ///< additions first, so that nothing covered is uncovered on the way
    std::vector<std::pair<EntryValue, std::optional<Entry>>> before;  ///< for undo()
    std::set<EntryValue> removed_before;  ///< those of `before` that were in removed()
};

/// Overlaps are kept verbatim; a value is a member while any entry that covers it is. The longest
/// prefix is what the data plane finds, so what it is told for a prefix is the latest end of that
/// prefix and all that cover it.
class SetContent {
  public:
    explicit SetContent(SetType type) : type_(type) {}
    explicit SetContent(const Set& set);

    [[nodiscard]] SetType type() const { return type_; }
    [[nodiscard]] const std::map<EntryValue, Entry>& entries() const { return entries_; }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] std::size_t count(Family family) const;
    /// Listed by the ruleset and removed at run time.
    [[nodiscard]] const std::set<EntryValue>& removed() const { return removed_; }

    /// Takes over what was added at run time to a set of the same name and type.
    void carry_over(const SetContent& previous);
    /// Puts one entry as it was saved.
    void restore(const EntryValue& value, const Entry& entry);
    void restore_removed(const EntryValue& value);

    EditResult edit(const SetEdit& edit);
    /// Takes an edit back. Returns what the data plane must be told for that.
    std::vector<PrefixChange> undo(const EditResult& result);

    /// Removes run-time entries whose time is over at `now` (CLOCK_BOOTTIME nanoseconds).
    EditResult expire(std::uint64_t now);
    [[nodiscard]] bool ends_before(std::uint64_t now) const {
        return !ends_.empty() && ends_.begin()->first <= now;
    }
    /// Entries that cover all of `value`, the closest first.
    [[nodiscard]] std::vector<std::pair<EntryValue, Entry>> covering(const EntryValue& value) const;

    /// All prefixes, as the data plane must hold them.
    [[nodiscard]] std::vector<PrefixChange> prefixes() const;
    /// Whether packets see no difference.
    [[nodiscard]] bool same_members(const SetContent& other) const;

  private:
    void put(const EntryValue& value, const Entry& entry);
    void erase(const EntryValue& value);
    void remember(const EntryValue& value, EditResult& result) const;
    void remove_one(const EntryValue& value, EditResult& result);
    void add_one(const EntryValue& value, std::uint64_t expires, std::int64_t now,
                 EditResult& result);
    [[nodiscard]] std::uint64_t until_with_parents(const Prefix& prefix, std::uint64_t own) const;
    /// `key` and what it covers.
    void collect_changes(const Prefix& key, std::map<Prefix, PrefixChange>& out) const;
    [[nodiscard]] std::vector<PrefixChange> changes_of(
        const std::vector<std::pair<EntryValue, std::optional<Entry>>>& touched) const;

    SetType type_;
    std::map<EntryValue, Entry> entries_;
    std::set<EntryValue> removed_;
    std::set<std::pair<std::uint64_t, EntryValue>> ends_;  ///< run-time entries that end
    std::size_t lengths_[2][129] = {};                     ///< entries by family and length
};

}  // namespace yett
