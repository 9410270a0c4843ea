// SPDX-License-Identifier: GPL-2.0-or-later
// From single values to a list in order.
#include "lists/items.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>

#include "base/quote.hpp"
#include "json/values.hpp"
#include "lists/words.hpp"
#include "model/names.hpp"
#include "model/ranges.hpp"

namespace yett {
namespace {

Error usage(const Error& error) {
    return {ErrorKind::usage, error.message, error.hint};
}

Result<void> take_addresses(std::string_view text, std::vector<EntryValue>& out) {
    const auto prefixes = parse_set_addresses(text);
    if (!prefixes) {
        // A rule file may name a set in that place; an entry cannot.
        const bool odd = prefixes.error().hint.find('@') != std::string::npos;
        return Error{ErrorKind::usage, prefixes.error().message,
                     odd ? "write it like 192.0.2.1, 192.0.2.0/24, 192.0.2.1-192.0.2.9"
                         : prefixes.error().hint};
    }
    for (const auto& prefix : *prefixes) {
        if (has_host_bits(prefix))
            return Error{ErrorKind::usage, to_text(prefix) + " has bits set behind its length",
                         "did you mean " + to_text(without_host_bits(prefix)) + "?"};
        if (const auto four = ipv4_inside(prefix))
            return Error{
                ErrorKind::usage,
                to_text(prefix) + " is IPv4 written as IPv6, and matches no packet of IPv4",
                "write " + to_text(*four)};
        out.emplace_back(prefix);
    }
    return {};
}

Result<void> take_ports(std::string_view text, std::vector<EntryValue>& out) {
    const auto range = parse_set_ports(text);
    if (!range) return usage(range.error());
    if (range->first > range->last)
        return Error{ErrorKind::usage, fmt::format("the range {} is reversed", quote(text)),
                     fmt::format("did you mean {}-{}?", range->last, range->first)};
    out.emplace_back(*range);
    return {};
}

/// The common case without a detour: a dotted quad. Nothing: let others say what it is.
std::optional<EntryValue> quick_ipv4(std::string_view text) {
    std::uint32_t address = 0, number = 0, digits = 0, dots = 0;
    for (const char c : text) {
        if (c == '.') {
            if (digits == 0 || number > 255) return std::nullopt;
            address = address << 8 | number;
            number = digits = 0;
            ++dots;
        } else if (c < '0' || c > '9' || (digits > 0 && number == 0)) {
            return std::nullopt;
        } else {
            number = number * 10 + static_cast<std::uint32_t>(c - '0');
            if (++digits > 3) return std::nullopt;
        }
    }
    if (dots != 3 || digits == 0 || number > 255) return std::nullopt;
    return EntryValue::from_words(EntryKind::prefix4, 0, address << 8 | number, 32);
}

/// Every address of the family: sums the sizes of what nothing else covers.
bool holds_everything(const std::vector<EntryValue>& values, EntryKind kind) {
    const unsigned bits = kind == EntryKind::prefix4 ? 32 : 128;
    unsigned __int128 left = 0;  // 2^bits; of 128 that wraps to 0, as the sum does
    if (bits == 32) left = static_cast<unsigned __int128>(1) << 32;
    bool any = false;
    const EntryValue* outer = nullptr;
    for (const auto& value : values) {
        if (value.kind() != kind || (outer != nullptr && outer->covers(value))) continue;
        outer = &value;
        any = true;
        if (value.length() == 0) return true;
        left -= static_cast<unsigned __int128>(1) << (bits - value.length());
    }
    return any && left == 0;
}

}  // namespace

Result<void> parse_entries(SetType type, std::string_view text, std::vector<EntryValue>& out) {
    switch (type) {
        case SetType::prefix:
            return take_addresses(text, out);
        case SetType::port:
            return take_ports(text, out);
        case SetType::mac: {
            const auto macs = parse_set_mac(text);
            if (!macs) return usage(macs.error());
            out.emplace_back(*macs);
            return {};
        }
        case SetType::iface:
            break;
    }
    if (!is_interface_name(text))
        return Error{ErrorKind::usage, quote(text) + " is no name of an interface",
                     "at most 15 characters, no space, no '/', no ':' and no leading '@'"};
    out.push_back(EntryValue::of_interface(text));
    return {};
}

Result<void> ListItems::add(std::string_view text, const ItemNotes& notes) {
    const auto why = number_of(notes.reason);
    if (type_ == SetType::prefix) {
        if (const auto quick = quick_ipv4(text)) {
            push(*quick, notes.seconds, why);
            return {};
        }
    }
    scratch_.clear();
    if (auto done = parse_entries(type_, text, scratch_); !done) return done;
    for (const auto& value : scratch_)
        push(value, notes.seconds, why);
    return {};
}

std::uint32_t ListItems::number_of(const std::string& reason) {
    if (reason.empty()) return 0;
    const auto [found, fresh] =
        numbers_.emplace(reason, static_cast<std::uint32_t>(reasons_.size()));
    if (fresh) reasons_.push_back(reason);
    return found->second;
}

void ListItems::push(const EntryValue& value, std::int64_t seconds, std::uint32_t why) {
    if (seconds != kNoEnd && seconds_.empty()) seconds_.resize(values_.size(), kNoEnd);
    if (why != 0 && why_.empty()) why_.resize(values_.size(), 0);
    if (seconds != kNoEnd || !seconds_.empty()) seconds_.push_back(seconds);
    if (why != 0 || !why_.empty()) why_.push_back(why);
    values_.push_back(value);
}

void ListItems::shrink(std::size_t size) {
    values_.resize(std::min(size, values_.size()));
    seconds_.resize(std::min(size, seconds_.size()));
    why_.resize(std::min(size, why_.size()));
    out_.clear();
}

void ListItems::take_out(std::size_t index) {
    out_.resize(values_.size());
    out_[index] = true;
}

bool ListItems::is_in(std::size_t index) const {
    return index >= out_.size() || !out_[index];
}

void ListItems::drop_taken() {
    if (out_.empty()) return;
    std::size_t to = 0;
    for (std::size_t i = 0; i < values_.size(); ++i) {
        if (!is_in(i)) continue;
        values_[to] = values_[i];
        if (!seconds_.empty()) seconds_[to] = seconds_[i];
        if (!why_.empty()) why_[to] = why_[i];
        ++to;
    }
    shrink(to);
}

void ListItems::sort_plain(List& list) {
    std::sort(values_.begin(), values_.end());
    values_.erase(std::unique(values_.begin(), values_.end()), values_.end());
    list.values = std::move(values_);
}

/// Of equal values the last holds, with its notes.
void ListItems::sort_with_notes(List& list) {
    std::vector<std::uint32_t> order(values_.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return values_[a] < values_[b]; });
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto at = order[i];
        if (i + 1 < order.size() && values_[at] == values_[order[i + 1]]) continue;
        list.values.push_back(values_[at]);
        if (!seconds_.empty()) list.seconds.push_back(seconds_[at]);
        if (!why_.empty()) list.why.push_back(why_[at]);
    }
    if (!why_.empty()) list.reasons = std::move(reasons_);
}

void ListItems::finish(List& list) && {
    drop_taken();
    list.read = values_.size();
    if (seconds_.empty() && why_.empty()) {
        sort_plain(list);
    } else {
        sort_with_notes(list);
    }
    list.duplicate = list.read - list.values.size();
    const EntryValue* outer = nullptr;
    for (const auto& value : list.values) {
        if (outer != nullptr && outer->covers(value)) {
            ++list.contained;
        } else {
            outer = &value;
        }
    }
}

Error at_line(std::size_t line, const Error& error) {
    if (error.message.starts_with("line ")) return error;
    return {error.kind, fmt::format("line {}: {}", line, error.message), error.hint};
}

std::optional<ListFormat> parse_list_format(std::string_view text) {
    static constexpr std::array<std::string_view, 5> kNames = {"auto", "plain", "csv", "ndjson",
                                                               "json"};
    const auto found = std::find(kNames.begin(), kNames.end(), text);
    if (found == kNames.end()) return std::nullopt;
    return static_cast<ListFormat>(found - kNames.begin());
}

std::optional<ListColumns> parse_list_columns(std::string_view text) {
    const auto number = [](std::string_view part) -> unsigned {
        unsigned value = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
        const bool good = error == std::errc{} && end == part.data() + part.size();
        return good && value <= kMostListColumns ? value : 0;
    };
    const auto dash = text.find('-');
    const bool two = dash != text.npos;
    const auto first = number(text.substr(0, dash));
    const auto last = two ? number(text.substr(dash + 1)) : first;
    if (first == 0 || last == 0) return std::nullopt;
    return ListColumns{first, last, true, two && first == last};
}

Result<void> check_list(const List& list, bool replace) {
    const std::string seems =
        list.looks_like.empty() ? "" : fmt::format(" (it looks like {})", list.looks_like);
    const bool nothing = list.values.empty() && list.lifted.empty();
    if (nothing && list.skipped > 0)
        return Error{ErrorKind::conflict,
                     fmt::format("nothing in the list was understood{}: {} skipped, the first is "
                                 "{}",
                                 seems, list.skipped,
                                 list.problems.empty() ? "unknown" : list.problems.front()),
                     replace ? "the set stays as it is; empty it with yett set flush, or --force"
                             : "the set stays as it is"};
    if (replace && list.values.empty())
        return Error{ErrorKind::conflict,
                     list.lines == 0 ? "the list is an empty file, and would empty the set"
                                     : "the list has no entry, and would empty the set",
                     "the set stays as it is; empty it with yett set flush, or --force"};
    for (const auto& [kind, name] :
         {std::pair{EntryKind::prefix4, "0.0.0.0/0"}, std::pair{EntryKind::prefix6, "::/0"}}) {
        if (!holds_everything(list.values, kind)) continue;
        return Error{ErrorKind::conflict,
                     fmt::format("the list holds every address there is: together its entries are "
                                 "{}",
                                 name),
                     "the set stays as it is; if that is meant, insist with --force"};
    }
    return {};
}

}  // namespace yett
