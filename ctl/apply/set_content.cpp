// SPDX-License-Identifier: GPL-2.0-or-later
// The record of a set, and what each change of it means to the data plane.
#include "apply/set_content.hpp"

#include <algorithm>

namespace yett {
namespace {

std::size_t family_index(const Prefix& prefix) {
    return prefix.address.family == Family::ipv4 ? 0 : 1;
}

/// 0 is "never" and so the latest end of all.
std::uint64_t later(std::uint64_t a, std::uint64_t b) {
    return a == 0 || b == 0 ? 0 : std::max(a, b);
}

bool covers(const Prefix& parent, const Prefix& child) {
    return parent.length <= child.length && contains(parent, child.address);
}

Prefix shortened(const Prefix& prefix, std::uint8_t length) {
    return without_host_bits(Prefix{prefix.address, length});
}

}  // namespace

SetContent::SetContent(const Set& set) : type_(set.type) {
    Entry entry;
    entry.from_ruleset = true;
    for (const auto& prefix : set.prefixes)
        put(without_host_bits(prefix), entry);
    for (const auto& range : set.ports)
        put(range, entry);
}

std::size_t SetContent::count(Family family) const {
    std::size_t total = 0;
    for (const auto number : lengths_[family == Family::ipv4 ? 0 : 1])
        total += number;
    return total;
}

void SetContent::put(const EntryValue& value, const Entry& entry) {
    const auto [place, is_new] = entries_.try_emplace(value);
    if (is_new) {
        if (const auto* prefix = std::get_if<Prefix>(&value)) {
            ++lengths_[family_index(*prefix)][prefix->length];
        }
    } else if (place->second.expires != 0) {
        ends_.erase({place->second.expires, value});
    }
    place->second = entry;
    if (entry.expires != 0) ends_.insert({entry.expires, value});
}

void SetContent::erase(const EntryValue& value) {
    const auto place = entries_.find(value);
    if (place == entries_.end()) return;
    if (place->second.expires != 0) ends_.erase({place->second.expires, value});
    if (const auto* prefix = std::get_if<Prefix>(&value)) {
        --lengths_[family_index(*prefix)][prefix->length];
    }
    entries_.erase(place);
}

void SetContent::carry_over(const SetContent& previous) {
    for (const auto& [value, old] : previous.entries_) {
        if (!old.at_run_time) continue;
        Entry entry = old;
        entry.from_ruleset = entries_.count(value) != 0;
        put(value, entry);
    }
}

void SetContent::restore(const EntryValue& value, const Entry& entry) {
    put(value, entry);
}

void SetContent::restore_removed(const EntryValue& value) {
    const auto place = entries_.find(value);
    if (place == entries_.end() || !place->second.from_ruleset) return;
    removed_.insert(value);
    Entry entry = place->second;
    entry.from_ruleset = false;
    if (entry.at_run_time) {
        put(value, entry);
    } else {
        erase(value);
    }
}

std::uint64_t SetContent::until_with_parents(const Prefix& prefix, std::uint64_t own) const {
    const auto& lengths = lengths_[family_index(prefix)];
    for (int length = prefix.length - 1; length >= 0 && own != 0; --length) {
        if (lengths[length] == 0) continue;
        const auto parent = entries_.find(shortened(prefix, static_cast<std::uint8_t>(length)));
        if (parent != entries_.end()) own = later(own, parent->second.until());
    }
    return own;
}

void SetContent::collect_changes(const Prefix& key, std::map<Prefix, PrefixChange>& out) const {
    const auto own = entries_.find(key);
    if (own == entries_.end()) {
        out[key] = {key, std::nullopt};
    } else {
        out[key] = {key, until_with_parents(key, own->second.until())};
    }
    if (ends_.empty()) return;
    // What it covers stands right behind it: the order is address first, then length.
    for (auto place = entries_.upper_bound(key); place != entries_.end(); ++place) {
        const auto& child = std::get<Prefix>(place->first);
        if (!covers(key, child)) break;
        // Only an entry with an end can lean on a parent.
        const auto until = place->second.until();
        if (until != 0) out[child] = {child, until_with_parents(child, until)};
    }
}

std::vector<PrefixChange> SetContent::changes_of(
    const std::vector<std::pair<EntryValue, std::optional<Entry>>>& touched) const {
    std::vector<PrefixChange> changes;
    if (type_ != SetType::prefix) return changes;
    std::map<Prefix, PrefixChange> by_prefix;
    for (const auto& [value, before] : touched)
        collect_changes(std::get<Prefix>(value), by_prefix);
    for (const auto& [prefix, change] : by_prefix)
        changes.push_back(change);
    std::stable_partition(changes.begin(), changes.end(),
                          [](const PrefixChange& change) { return change.expires.has_value(); });
    return changes;
}

void SetContent::remember(const EntryValue& value, EditResult& result) const {
    const auto place = entries_.find(value);
    result.before.emplace_back(
        value, place == entries_.end() ? std::nullopt : std::optional<Entry>(place->second));
    if (removed_.count(value) != 0) result.removed_before.insert(value);
}

void SetContent::remove_one(const EntryValue& value, EditResult& result) {
    const auto place = entries_.find(value);
    if (place == entries_.end()) {
        ++result.missing;
        return;
    }
    remember(value, result);
    if (place->second.from_ruleset) removed_.insert(value);
    erase(value);
    ++result.deleted;
}

void SetContent::add_one(const EntryValue& value, std::uint64_t expires, std::int64_t now,
                         EditResult& result) {
    remember(value, result);
    Entry entry;
    entry.at_run_time = true;
    entry.added = now;
    entry.expires = expires;
    const auto place = entries_.find(value);
    if (place == entries_.end()) {
        ++result.added;
    } else {
        ++result.refreshed;
        entry.from_ruleset = place->second.from_ruleset;
        if (place->second.at_run_time) entry.added = place->second.added;
    }
    put(value, entry);
}

EditResult SetContent::edit(const SetEdit& edit) {
    EditResult result;
    for (const auto& value : edit.remove)
        remove_one(value, result);
    for (const auto& [value, expires] : edit.add)
        add_one(value, expires, edit.now, result);
    result.changes = changes_of(result.before);
    return result;
}

EditResult SetContent::expire(std::uint64_t now) {
    EditResult result;
    std::vector<EntryValue> over;
    for (const auto& [end, value] : ends_) {
        if (end > now) break;
        over.push_back(value);
    }
    for (const auto& value : over) {
        remember(value, result);
        if (entries_.at(value).from_ruleset) {
            Entry entry;
            entry.from_ruleset = true;
            put(value, entry);
        } else {
            erase(value);
            ++result.deleted;
        }
    }
    result.changes = changes_of(result.before);
    return result;
}

std::vector<PrefixChange> SetContent::undo(const EditResult& result) {
    // Backwards: a value that was removed and then added stands there twice.
    for (auto step = result.before.rbegin(); step != result.before.rend(); ++step) {
        const auto& [value, entry] = *step;
        if (entry) {
            put(value, *entry);
        } else {
            erase(value);
        }
        if (result.removed_before.count(value) != 0) {
            removed_.insert(value);
        } else {
            removed_.erase(value);
        }
    }
    return changes_of(result.before);
}

std::vector<std::pair<EntryValue, Entry>> SetContent::covering(const EntryValue& value) const {
    std::vector<std::pair<EntryValue, Entry>> out;
    if (const auto* prefix = std::get_if<Prefix>(&value)) {
        for (int length = prefix->length; length >= 0; --length) {
            const auto place = entries_.find(shortened(*prefix, static_cast<std::uint8_t>(length)));
            if (place != entries_.end()) out.emplace_back(*place);
        }
        return out;
    }
    const auto& wanted = std::get<NumberRange>(value);
    for (const auto& [key, entry] : entries_) {
        const auto& range = std::get<NumberRange>(key);
        if (range.first <= wanted.first && range.last >= wanted.last) out.emplace_back(key, entry);
    }
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        const auto width = [](const EntryValue& v) {
            return std::get<NumberRange>(v).last - std::get<NumberRange>(v).first;
        };
        return width(a.first) < width(b.first);
    });
    return out;
}

std::vector<PrefixChange> SetContent::prefixes() const {
    std::vector<PrefixChange> out;
    out.reserve(entries_.size());
    for (const auto& [value, entry] : entries_) {
        const auto& prefix = std::get<Prefix>(value);
        out.push_back({prefix, until_with_parents(prefix, entry.until())});
    }
    return out;
}

bool SetContent::same_members(const SetContent& other) const {
    return type_ == other.type_ &&
           std::equal(entries_.begin(), entries_.end(), other.entries_.begin(),
                      other.entries_.end(), [](const auto& a, const auto& b) {
                          return a.first == b.first && a.second.until() == b.second.until();
                      });
}

}  // namespace yett
