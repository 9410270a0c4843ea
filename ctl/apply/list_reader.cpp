// SPDX-License-Identifier: GPL-2.0-or-later
// From the text of a list to entries in order.
#include "apply/list_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "apply/list_line.hpp"

namespace yett {
namespace {

using Wide = unsigned __int128;

constexpr std::size_t kLongestLine = 65536;

/// The common case without a detour: dotted quad, perhaps a length. Nothing: let others say what it
/// is.
std::optional<EntryValue> quick_ipv4(std::string_view text) {
    std::uint32_t address = 0, number = 0, digits = 0, dots = 0;
    std::size_t at = 0;
    for (; at < text.size() && text[at] != '/'; ++at) {
        const char c = text[at];
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
    if (at != text.size()) return std::nullopt;
    return EntryValue::from_words(EntryKind::prefix4, 0, address << 8 | number, 32);
}

Wide to_number(const Address& address) {
    Wide value = 0;
    for (unsigned i = 0; i < address.bits() / 8; ++i)
        value = value << 8 | address.octets[i];
    return value;
}

/// The largest block that begins at `first` and ends by `last`.
unsigned host_bits_of(Wide first, Wide last, unsigned bits) {
    unsigned host = 0;
    while (host < bits) {
        const Wide mask = host + 1 == 128 ? ~Wide{0} : (Wide{1} << (host + 1)) - 1;
        if ((first & mask) != 0 || (first | mask) > last) break;
        ++host;
    }
    return host;
}

Error at_line(std::size_t line, const Error& error) {
    return {ErrorKind::usage, fmt::format("line {}: {}", line, error.message), error.hint};
}

}  // namespace

std::optional<ListFormat> parse_list_format(std::string_view text) {
    static constexpr std::array<std::string_view, 4> kNames = {"auto", "plain", "csv", "ndjson"};
    const auto found = std::find(kNames.begin(), kNames.end(), text);
    if (found == kNames.end()) return std::nullopt;
    return static_cast<ListFormat>(found - kNames.begin());
}

std::vector<EntryValue> to_prefixes(const AddressRange& range) {
    std::vector<EntryValue> out;
    const bool v4 = range.first.family == Family::ipv4;
    const unsigned bits = range.first.bits();
    Wide first = to_number(range.first);
    const Wide last = to_number(range.last);
    while (first <= last) {
        const auto host = host_bits_of(first, last, bits);
        out.push_back(EntryValue::from_words(
            v4 ? EntryKind::prefix4 : EntryKind::prefix6, static_cast<std::uint64_t>(first >> 64),
            static_cast<std::uint64_t>(first), static_cast<std::uint8_t>(bits - host)));
        const Wide size = host == 128 ? 0 : Wide{1} << host;
        if (size == 0 || last - first < size) break;
        first += size;
    }
    return out;
}

Result<void> ListReader::take(std::string_view text) {
    if (options_.type == SetType::prefix) {
        if (const auto quick = quick_ipv4(text)) {
            list_.values.push_back(*quick);
            return {};
        }
        if (const auto dash = text.find('-'); dash != text.npos) {
            const auto joined =
                fmt::format("{}-{}", trim(text.substr(0, dash)), trim(text.substr(dash + 1)));
            const auto range = parse_address_range(joined);
            if (!range || range->last < range->first)
                return Error{ErrorKind::usage, fmt::format("\"{}\" is no range of addresses", text),
                             "a range is written 192.0.2.1-192.0.2.9"};
            const auto prefixes = to_prefixes(*range);
            list_.values.insert(list_.values.end(), prefixes.begin(), prefixes.end());
            return {};
        }
    }
    auto value = parse_entry(options_.type, text);
    if (!value) return value.error();
    list_.values.push_back(*value);
    return {};
}

Result<std::string_view> ListReader::value_of(std::string_view text) {
    const bool object = !text.empty() && text.front() == '{';
    if (options_.format == ListFormat::csv) return value_of_csv(text, options_.column);
    if (options_.format == ListFormat::ndjson ||
        (options_.format == ListFormat::automatic && object))
        return text.empty() ? Result<std::string_view>(text) : value_of_object(text);
    return value_of_words(text);
}

Result<void> ListReader::line(std::string_view text) {
    ++list_.lines;
    const auto value = value_of(trim(text));
    auto done =
        value ? (value->empty() ? Result<void>() : take(*value)) : Result<void>(value.error());
    if (done) return {};
    const bool heading = options_.format == ListFormat::csv && list_.values.empty() &&
                         list_.skipped == 0 && list_.lines == 1;
    if (heading) return {};
    if (!options_.skip_invalid) return at_line(list_.lines, done.error());
    ++list_.skipped;
    return {};
}

Result<void> ListReader::feed(std::string_view piece) {
    while (!piece.empty()) {
        const auto end = piece.find('\n');
        if (end == piece.npos || !rest_.empty()) {
            rest_ += piece.substr(0, end);
            if (rest_.size() > kLongestLine)
                return at_line(list_.lines + 1, {ErrorKind::usage, "the line is too long", ""});
            if (end == piece.npos) return {};
            if (auto done = line(rest_); !done) return done;
            rest_.clear();
        } else if (auto done = line(piece.substr(0, end)); !done) {
            return done;
        }
        piece.remove_prefix(end + 1);
    }
    return {};
}

Result<List> ListReader::finish() {
    if (!rest_.empty()) {
        if (auto done = line(rest_); !done) return done.error();
        rest_.clear();
    }
    auto& values = list_.values;
    std::sort(values.begin(), values.end());
    const auto before = values.size();
    values.erase(std::unique(values.begin(), values.end()), values.end());
    list_.duplicate = before - values.size();
    const EntryValue* outer = nullptr;
    for (const auto& value : values) {
        if (outer != nullptr && outer->covers(value)) {
            ++list_.contained;
        } else {
            outer = &value;
        }
    }
    return std::move(list_);
}

}  // namespace yett
