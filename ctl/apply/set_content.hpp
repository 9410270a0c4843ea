// SPDX-License-Identifier: GPL-2.0-or-later
// What a set holds, from whom, since when, why, and until when: the daemon's own record.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apply/entry.hpp"
#include "apply/entry_table.hpp"
#include "base/result.hpp"
#include "model/ruleset.hpp"

namespace yett {

struct Entry {
    bool from_ruleset = false;  ///< an entry of the ruleset, or of the set's file
    bool from_file = false;     ///< of the set's file
    bool at_run_time = false;
    bool removed = false;       ///< of the ruleset, but taken out at run time
    std::int64_t added = 0;     ///< at run time: seconds since 1970, UTC
    std::uint64_t expires = 0;  ///< at run time: CLOCK_BOOTTIME nanoseconds, 0 = never
    std::uint16_t reason = 0;   ///< see SetContent::reason()

    bool operator==(const Entry&) const = default;
    [[nodiscard]] bool is_listed() const { return from_ruleset && !removed; }
    [[nodiscard]] bool is_member() const { return is_listed() || at_run_time; }
    /// When it is no member any more: what the ruleset lists never expires.
    [[nodiscard]] std::uint64_t until() const { return is_listed() ? 0 : expires; }
    [[nodiscard]] bool is_over(std::uint64_t now) const { return until() != 0 && until() <= now; }
};

/// A change. Whatever stands in both lists is added, not removed.
struct SetEdit {
    std::vector<EntryValue> add;
    std::uint64_t expires = 0;  ///< of all that is added: CLOCK_BOOTTIME nanoseconds, 0 = never
    std::vector<std::uint64_t> ends;  ///< not empty: of each, instead of `expires`
    std::vector<EntryValue> remove;
    std::int64_t now = 0;  ///< `added` of what is new
    std::string reason;
    std::vector<std::uint32_t> why;  ///< not empty: of each, which of `reasons`; 0 is `reason`
    std::vector<std::string> reasons;

    /// Sorts both lists and takes out what is twice (the last end holds) or in both.
    void normalize();
    [[nodiscard]] std::uint64_t end_of(std::size_t index) const {
        return ends.empty() ? expires : ends[index];
    }
    [[nodiscard]] const std::string& reason_of(std::size_t index) const {
        return why.empty() || why[index] == 0 ? reason : reasons[why[index]];
    }
};

/// What became, or is to become, of an entry, and why, in words.
using EntrySink = std::function<void(const EntryValue&, const Entry&, std::string_view reason)>;
/// Gives one after the other to the sink.
using EntryLines = std::function<void(const EntrySink&)>;

struct EditResult {
    std::size_t added = 0;      ///< were no members before
    std::size_t refreshed = 0;  ///< were members before
    std::size_t deleted = 0;
    std::size_t missing = 0;  ///< were to be removed, and were no members
};

/// Overlaps are kept verbatim; a value is a member while any entry that covers it is.
class SetContent {
  public:
    explicit SetContent(SetType type) : type_(type) {}
    explicit SetContent(const Set& set);

    [[nodiscard]] SetType type() const { return type_; }
    /// Members; those whose time is over count until they are swept.
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::size_t count(EntryKind kind) const {
        return count_[static_cast<std::size_t>(kind)];
    }
    [[nodiscard]] std::size_t listed() const { return listed_; }
    [[nodiscard]] std::size_t removed() const { return removed_; }
    /// None of these members: Entry::is_member() is false.
    [[nodiscard]] Entry find(const EntryValue& value) const;
    [[nodiscard]] const std::string& reason(std::uint16_t number) const;
    /// Stays with a set through edits and rulesets; a set that was removed and made anew, or got
    /// another type, has another one.
    [[nodiscard]] std::uint64_t identity() const { return identity_; }
    /// Another one after each change: two contents of one revision are the same.
    [[nodiscard]] std::uint64_t revision() const { return revision_; }
    /// EntryTable::steps() of all that is held here.
    [[nodiscard]] std::uint64_t steps() const { return four_.steps() + wide_.steps(); }

    /// Calls use(value, entry), in no order, also for what was removed.
    template <typename Use>
    void for_each(Use use) const {
        const auto each = [&](const EntryValue& value, const EntryNote& note) {
            use(value, to_entry(note));
        };
        four_.for_each(each);
        wide_.for_each(each);
    }
    /// The members in order. Kept until the next change, or forget_order().
    [[nodiscard]] const std::vector<EntryValue>& in_order() const;
    void forget_order() { order_.reset(); }

    /// Room for so many more: of IPv4, and of all else.
    void reserve(std::size_t more4, std::size_t more_wide);
    /// For these; edit() then takes no memory.
    void reserve_for(const SetEdit& edit);
    /// The set's file lists these, and nothing else.
    void set_file(const std::vector<EntryValue>& values);
    /// Takes over what was added at run time to a set of the same name and type.
    void carry_over(const SetContent& previous);
    /// Puts one entry as it was saved; `reason` in words.
    void restore(const EntryValue& value, Entry entry, std::string_view reason = {});

    /// What an edit will come to. It must be normalized.
    [[nodiscard]] EditResult preview(const SetEdit& edit) const;
    EditResult edit(const SetEdit& edit);
    /// Every entry that an edit will change, as it will be.
    void foresee(const SetEdit& edit, const EntrySink& use) const;
    /// Every entry that is another than in `before`, or is no more, as it is here.
    void differences(const SetContent& before, const EntrySink& use) const;

    /// Whether some entry may be over at `now` (CLOCK_BOOTTIME nanoseconds).
    [[nodiscard]] bool ends_before(std::uint64_t now) const { return next_end_ <= now; }
    /// Takes out run-time entries whose time is over. Returns those that are no members any more.
    std::vector<EntryValue> expire(std::uint64_t now);
    /// Entries that cover all of `value`, the closest first.
    [[nodiscard]] std::vector<std::pair<EntryValue, Entry>> covering(const EntryValue& value) const;

    /// Whether packets see no difference.
    [[nodiscard]] bool same_members(const SetContent& other) const;

  private:
    [[nodiscard]] static Entry to_entry(const EntryNote& note);
    /// As the edit's addition of that index makes it; but for the reason's number.
    [[nodiscard]] static Entry added(Entry entry, const SetEdit& edit, std::size_t index);
    [[nodiscard]] static Entry taken_out(const Entry& entry);
    void put(const EntryValue& value, const Entry& entry);
    void count_in(const EntryValue& value, const Entry& entry, int sign);
    std::uint16_t number_of(std::string_view reason);

    SetType type_;
    std::uint64_t identity_ = fresh_salt();
    std::uint64_t revision_ = fresh_salt();
    EntryTable<Record4> four_;
    EntryTable<WideRecord> wide_;
    std::size_t count_[kEntryKinds] = {};  ///< members by kind
    std::size_t size_ = 0;                 ///< all of them
    std::size_t listed_ = 0;
    std::size_t removed_ = 0;
    std::size_t lengths_[3][129] = {};  ///< prefixes by kind and length, removed ones, too
    std::uint64_t next_end_ = UINT64_MAX;
    std::vector<std::string> reasons_ = {""};
    std::map<std::string, std::uint16_t, std::less<>> reason_numbers_;
    mutable std::shared_ptr<const std::vector<EntryValue>> order_;  ///< a copy shares it
};

}  // namespace yett
