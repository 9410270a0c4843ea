// SPDX-License-Identifier: GPL-2.0-or-later
// The record of a set.
#include "apply/set_content.hpp"

#include <algorithm>
#include <numeric>

#include "apply/set_tables.hpp"

namespace yett {
namespace {

constexpr std::uint8_t kFromRuleset = 1, kFromFile = 2, kAtRunTime = 4, kRemoved = 8;
constexpr std::size_t kMostReasons = 65535;

std::uint8_t flags_of(const Entry& entry) {
    return static_cast<std::uint8_t>(
        (entry.from_ruleset ? kFromRuleset : 0) | (entry.from_file ? kFromFile : 0) |
        (entry.at_run_time ? kAtRunTime : 0) | (entry.removed ? kRemoved : 0));
}

std::size_t kind_index(const EntryValue& value) {
    return static_cast<std::size_t>(value.kind());
}

void sort_and_unite(std::vector<EntryValue>& values) {
    if (!std::is_sorted(values.begin(), values.end())) std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// Keeps the last of equal values, with its end and its reason.
void sort_with_notes(SetEdit& edit) {
    std::vector<std::size_t> order(edit.add.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return edit.add[a] < edit.add[b]; });
    std::vector<EntryValue> values;
    std::vector<std::uint64_t> ends;
    std::vector<std::uint32_t> why;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i + 1 < order.size() && edit.add[order[i]] == edit.add[order[i + 1]]) continue;
        values.push_back(edit.add[order[i]]);
        if (!edit.ends.empty()) ends.push_back(edit.ends[order[i]]);
        if (!edit.why.empty()) why.push_back(edit.why[order[i]]);
    }
    edit.add = std::move(values);
    edit.ends = std::move(ends);
    edit.why = std::move(why);
}

}  // namespace

void SetEdit::normalize() {
    if (ends.empty() && why.empty()) {
        sort_and_unite(add);
    } else {
        sort_with_notes(*this);
    }
    sort_and_unite(remove);
    if (add.empty() || remove.empty()) return;
    std::erase_if(remove, [&](const EntryValue& value) {
        return std::binary_search(add.begin(), add.end(), value);
    });
}

SetContent::SetContent(const Set& set) : type_(set.type) {
    Entry entry;
    entry.from_ruleset = true;
    for (const auto& prefix : set.prefixes)
        put(EntryValue(prefix), entry);
    for (const auto& range : set.ports)
        put(EntryValue(range), entry);
    for (const auto& macs : set.macs)
        put(EntryValue(macs), entry);
    for (const auto& name : set.ifaces)
        put(EntryValue::of_interface(name), entry);
}

Entry SetContent::to_entry(const EntryNote& note) {
    Entry entry;
    entry.from_ruleset = (note.flags & kFromRuleset) != 0;
    entry.from_file = (note.flags & kFromFile) != 0;
    entry.at_run_time = (note.flags & kAtRunTime) != 0;
    entry.removed = (note.flags & kRemoved) != 0;
    entry.added = note.added;
    entry.expires = SetTables::from_ticks(note.expires);
    entry.reason = note.reason;
    return entry;
}

Entry SetContent::find(const EntryValue& value) const {
    return to_entry(value.is_ipv4() ? four_.find(value) : wide_.find(value));
}

void SetContent::count_in(const EntryValue& value, const Entry& entry, int sign) {
    const auto change = static_cast<std::size_t>(sign);  // -1 wraps, and so takes away
    if (flags_of(entry) == 0) return;
    if (entry.is_member()) count_[kind_index(value)] += change;
    if (entry.is_member()) size_ += change;
    if (entry.is_listed()) listed_ += change;
    if (entry.removed) removed_ += change;
    if (value.is_prefix()) lengths_[kind_index(value)][value.length()] += change;
}

/// An entry without any origin goes.
void SetContent::put(const EntryValue& value, const Entry& entry) {
    order_.reset();
    revision_ = fresh_salt();
    count_in(value, find(value), -1);
    count_in(value, entry, 1);
    const EntryNote note{static_cast<std::uint32_t>(entry.added),
                         SetTables::to_ticks(entry.expires), entry.reason, flags_of(entry)};
    const auto change = [&](auto& table) {
        if (note.flags == 0) {
            table.erase(value);
        } else {
            table.put(value, note);
        }
    };
    if (value.is_ipv4()) {
        change(four_);
    } else {
        change(wide_);
    }
    if (note.flags != 0 && note.expires != 0)
        next_end_ = std::min(next_end_, SetTables::from_ticks(note.expires));
}

std::uint16_t SetContent::number_of(std::string_view reason) {
    if (reason.empty()) return 0;
    const auto found = reason_numbers_.find(reason);
    if (found != reason_numbers_.end()) return found->second;
    if (reasons_.size() > kMostReasons) return 0;
    const auto number = static_cast<std::uint16_t>(reasons_.size());
    reasons_.emplace_back(reason);
    reason_numbers_.emplace(std::string(reason), number);
    return number;
}

const std::string& SetContent::reason(std::uint16_t number) const {
    return reasons_[number < reasons_.size() ? number : 0];
}

const std::vector<EntryValue>& SetContent::in_order() const {
    if (order_) return *order_;
    std::vector<EntryValue> values;
    values.reserve(size());
    for_each([&](const EntryValue& value, const Entry& entry) {
        if (entry.is_member()) values.push_back(value);
    });
    std::sort(values.begin(), values.end());
    order_ = std::make_shared<const std::vector<EntryValue>>(std::move(values));
    return *order_;
}

void SetContent::reserve(std::size_t more4, std::size_t more_wide) {
    if (more4 > 0) four_.reserve(four_.size() + more4);
    if (more_wide > 0) wide_.reserve(wide_.size() + more_wide);
}

void SetContent::reserve_for(const SetEdit& edit) {
    (void)number_of(edit.reason);
    std::size_t more[2] = {};
    for (const auto& value : edit.add)
        more[value.is_ipv4() ? 0 : 1] += !find(value).is_member();
    reserve(more[0], more[1]);
}

void SetContent::set_file(const std::vector<EntryValue>& values) {
    std::vector<EntryValue> before;
    for_each([&](const EntryValue& value, const Entry& entry) {
        if (entry.from_file) before.push_back(value);
    });
    std::sort(before.begin(), before.end());
    for (const auto& value : before) {
        if (std::binary_search(values.begin(), values.end(), value)) continue;
        Entry entry = find(value);
        entry.from_file = entry.from_ruleset = entry.removed = false;
        put(value, entry);
    }
    if (before.empty()) {
        const auto four = static_cast<std::size_t>(std::count_if(
            values.begin(), values.end(), [](const EntryValue& value) { return value.is_ipv4(); }));
        reserve(four, values.size() - four);
    }
    for (const auto& value : values) {
        Entry entry = find(value);
        if (entry.from_file) continue;
        entry.from_file = entry.from_ruleset = true;
        put(value, entry);
    }
}

void SetContent::carry_over(const SetContent& previous) {
    identity_ = previous.identity_;
    std::size_t more[2] = {};
    previous.for_each([&](const EntryValue& value, const Entry& old) {
        more[value.is_ipv4() ? 0 : 1] += old.at_run_time;
    });
    reserve(more[0], more[1]);
    previous.for_each([&](const EntryValue& value, const Entry& old) {
        if (!old.at_run_time) return;
        Entry entry = find(value);
        entry.at_run_time = true;
        entry.added = old.added;
        entry.expires = old.expires;
        entry.reason = number_of(previous.reason(old.reason));
        put(value, entry);
    });
}

void SetContent::restore(const EntryValue& value, Entry entry, std::string_view reason) {
    entry.reason = number_of(reason);
    put(value, entry);
}

EditResult SetContent::preview(const SetEdit& edit) const {
    EditResult result;
    for (const auto& value : edit.add)
        ++(find(value).is_member() ? result.refreshed : result.added);
    for (const auto& value : edit.remove)
        ++(find(value).is_member() ? result.deleted : result.missing);
    return result;
}

Entry SetContent::added(Entry entry, const SetEdit& edit, std::size_t index) {
    if (!entry.at_run_time) entry.added = edit.now;
    entry.at_run_time = true;
    entry.expires = SetTables::from_ticks(SetTables::to_ticks(edit.end_of(index)));
    return entry;
}

Entry SetContent::taken_out(const Entry& entry) {
    Entry left;
    left.from_ruleset = left.removed = entry.from_ruleset;
    left.from_file = entry.from_file;
    return left;
}

EditResult SetContent::edit(const SetEdit& edit) {
    EditResult result;
    const std::string* last_reason = nullptr;
    std::uint16_t reason = 0;
    for (std::size_t i = 0; i < edit.add.size(); ++i) {
        const Entry before = find(edit.add[i]);
        ++(before.is_member() ? result.refreshed : result.added);
        Entry entry = added(before, edit, i);
        if (last_reason != &edit.reason_of(i)) {
            last_reason = &edit.reason_of(i);
            reason = number_of(*last_reason);
        }
        if (reason != 0) entry.reason = reason;
        put(edit.add[i], entry);
    }
    for (const auto& value : edit.remove) {
        const Entry entry = find(value);
        ++(entry.is_member() ? result.deleted : result.missing);
        if (entry.is_member()) put(value, taken_out(entry));
    }
    return result;
}

void SetContent::foresee(const SetEdit& edit, const EntrySink& use) const {
    for (std::size_t i = 0; i < edit.add.size(); ++i) {
        const Entry before = find(edit.add[i]);
        const Entry after = added(before, edit, i);
        const std::string &why = reason(before.reason), &given = edit.reason_of(i);
        if (after == before && (given.empty() || given == why)) continue;
        use(edit.add[i], after, given.empty() ? why : given);
    }
    for (const auto& value : edit.remove) {
        const Entry entry = find(value);
        if (entry.is_member()) use(value, taken_out(entry), "");
    }
}

void SetContent::differences(const SetContent& before, const EntrySink& use) const {
    for_each([&](const EntryValue& value, const Entry& entry) {
        Entry there = before.find(value);
        const bool same_reason = before.reason(there.reason) == reason(entry.reason);
        there.reason = entry.reason;
        if (!same_reason || there != entry) use(value, entry, reason(entry.reason));
    });
    before.for_each([&](const EntryValue& value, const Entry&) {
        if (flags_of(find(value)) == 0) use(value, Entry(), "");
    });
}

std::vector<EntryValue> SetContent::expire(std::uint64_t now) {
    std::vector<EntryValue> over, gone;
    next_end_ = UINT64_MAX;
    for_each([&](const EntryValue& value, const Entry& entry) {
        if (entry.expires == 0) return;
        if (entry.expires <= now)
            over.push_back(value);
        else
            next_end_ = std::min(next_end_, entry.expires);
    });
    for (const auto& value : over) {
        Entry entry = find(value);
        entry.at_run_time = false;
        entry.added = 0;
        entry.expires = 0;
        entry.reason = 0;
        put(value, entry);
        if (!entry.is_member()) gone.push_back(value);
    }
    return gone;
}

std::vector<std::pair<EntryValue, Entry>> SetContent::covering(const EntryValue& value) const {
    std::vector<std::pair<EntryValue, Entry>> out;
    if (value.is_prefix()) {
        for (int length = value.length(); length >= 0; --length) {
            if (lengths_[kind_index(value)][length] == 0) continue;
            const auto parent = value.parent(static_cast<std::uint8_t>(length));
            if (const auto entry = find(parent); entry.is_member()) out.emplace_back(parent, entry);
        }
        return out;
    }
    for_each([&](const EntryValue& key, const Entry& entry) {
        if (entry.is_member() && key.covers(value)) out.emplace_back(key, entry);
    });
    if (type_ != SetType::port) return out;
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        const auto width = [](const NumberRange& range) { return range.last - range.first; };
        return width(a.first.ports()) < width(b.first.ports());
    });
    return out;
}

bool SetContent::same_members(const SetContent& other) const {
    if (type_ != other.type_ || size() != other.size()) return false;
    bool same = true;
    for_each([&](const EntryValue& value, const Entry& entry) {
        if (!same || !entry.is_member()) return;
        const Entry there = other.find(value);
        same = there.is_member() && there.until() == entry.until();
    });
    return same;
}

}  // namespace yett
