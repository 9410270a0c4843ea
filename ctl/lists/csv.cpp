// SPDX-License-Identifier: GPL-2.0-or-later
// Records of CSV.
#include "lists/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/quote.hpp"
#include "lists/words.hpp"
#include "model/address.hpp"

namespace yett {
namespace {

constexpr std::size_t kLongestRecord = 65536;
constexpr std::string_view kSeparators = ",;\t|";

/// Whether a quote is open at the end of the line; it opens only where a field begins.
bool is_open_after(std::string_view text, bool open, char separator) {
    bool start = !open, closed = false;
    for (const char c : text) {
        if (open) {
            open = c != '"';
            closed = !open;
            continue;
        }
        open = c == '"' && (start || closed);
        closed = false;
        start = c == separator || (start && (c == ' ' || c == '\t'));
    }
    return open;
}

/// "255.255.255.0"
bool is_netmask(const std::string& text) {
    const auto address = parse_address(text);
    if (!address || address->family != Family::ipv4 || !text.starts_with("255.")) return false;
    std::uint32_t rest = 0;
    for (std::size_t i = 0; i < 4; ++i)
        rest = rest << 8 | (0xffu & ~unsigned{address->octets[i]});
    return (rest & (rest + 1)) == 0;
}

}  // namespace

void CsvFile::choose_separator(std::string_view record) {
    std::size_t best = 0;
    separator_ = ',';
    for (const char candidate : kSeparators) {
        std::size_t count = 0;
        bool quoted = false;
        for (const char c : record) {
            if (c == '"') quoted = !quoted;
            if (c == candidate && !quoted) ++count;
        }
        if (count <= best) continue;
        best = count;
        separator_ = candidate;
    }
}

Result<void> CsvFile::split(std::string_view record) {
    fields_.clear();
    while (true) {
        const auto start = record.find_first_not_of(separator_ == '\t' ? " " : " \t");
        std::string field;
        if (start != record.npos && record[start] == '"') {
            std::size_t at = start + 1;
            for (; at < record.size(); ++at) {
                if (record[at] == '"' && (at + 1 == record.size() || record[at + 1] != '"')) break;
                if (record[at] == '"') ++at;
                field += record[at];
            }
            record.remove_prefix(std::min(at + 1, record.size()));
            const auto end = std::min(record.find(separator_), record.size());
            if (!trim(record.substr(0, end)).empty())
                return wrong("text stands behind a closing quote",
                             "a quote inside of quotes is doubled (RFC 4180)");
            record.remove_prefix(end);
        } else {
            const auto end = std::min(record.find(separator_), record.size());
            field = trim(record.substr(0, end));
            if (field.find('"') != field.npos)
                return wrong("a quote stands inside of a field without quotes: " + quote(field),
                             "a field with quotes stands in quotes (RFC 4180)");
            record.remove_prefix(end);
        }
        fields_.push_back(std::string(trim(field)));
        if (record.empty()) return {};
        record.remove_prefix(1);
    }
}

bool CsvFile::is_heading() const {
    const auto& field = fields_[options_.columns.first - 1];
    return !field.empty() &&
           (std::isalpha(static_cast<unsigned char>(field[0])) || field[0] == '_') &&
           field.find(':') == field.npos;
}

Result<std::string> CsvFile::value_of(const ListItems& items) const {
    const auto& columns = options_.columns;
    const auto most = std::max(columns.first, columns.last);
    if (fields_.size() < most)
        return wrong(
            fmt::format("the line has {} column{}, and the value is looked for in column {}",
                        fields_.size(), fields_.size() == 1 ? "" : "s", most));
    const auto& first = fields_[columns.first - 1];
    if (auto plain = refuse_mask(); !plain) return plain.error();
    if (columns.first != columns.last) return first + '-' + fields_[columns.last - 1];
    if (items.type() != SetType::prefix || columns.alone) return first;
    const auto here = parse_address(first);
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (i + 1 == columns.first || !parse_prefix(fields_[i])) continue;
        const auto there = parse_address(fields_[i]);
        const bool range =
            i == columns.first && here && there && here->family == there->family && *here <= *there;
        if (columns.chosen && !range) continue;
        return wrong(fmt::format("column {} holds an address, too: {}", i + 1, fields_[i]),
                     fmt::format("a range in two columns is --columns {0}-{1}; column {0} alone, "
                                 "whatever stands beside it, is --columns {0}-{0}",
                                 columns.first, range ? i + 1 : columns.first + 1));
    }
    return first;
}

/// An address whose last octet is 0, and beside it a mask or the length of a prefix: neither the
/// address alone nor a range is what was meant.
Result<void> CsvFile::refuse_mask() const {
    const auto& columns = options_.columns;
    if (columns.first >= fields_.size() || columns.alone) return {};
    const auto &first = fields_[columns.first - 1], &second = fields_[columns.first];
    if (!first.ends_with(".0") || !parse_address(first)) return {};
    const auto mask = parse_prefix("0.0.0.0/" + second);
    const bool is_length = mask && second.size() <= 2 && !columns.chosen;
    if (!is_length && !is_netmask(second)) return {};
    return wrong(fmt::format("column {} holds the {} of a network: {}", columns.first + 1,
                             is_length ? "length" : "mask", second),
                 "write prefixes in one column, as in 192.0.2.0/24");
}

Result<void> CsvFile::record(ListItems& items) {
    const bool first = std::exchange(first_, false);
    auto value = value_of(items);
    if (!value) return value.error();
    if (value->empty()) return wrong(fmt::format("column {} is empty", options_.columns.first));
    auto done = items.add(*value, {});
    if (!done && first && is_heading()) return {};
    return done;
}

void CsvFile::give_up() {
    rest_.clear();
    begun_ = 0;
}

Result<void> CsvFile::line(std::string_view text, std::size_t number, ListItems& items) {
    const bool fresh = begun_ == 0;
    if (fresh) {
        const auto bare = trim(text);
        if (bare.empty() || bare.front() == '#') return {};
        if (separator_ == 0) choose_separator(text);
        begun_ = number;
    } else {
        rest_ += '\n';
    }
    rest_ += text;
    const auto since = begun_;
    if (rest_.size() > kLongestRecord) {
        give_up();
        return at_line(since, wrong("a quote does not end within 64 KiB"));
    }
    if (is_open_after(text, !fresh, separator_)) return {};
    const std::string whole = std::move(rest_);
    give_up();
    auto done = split(whole.ends_with('\r') ? whole.substr(0, whole.size() - 1) : whole);
    if (done) done = record(items);
    return done ? done : at_line(since, done.error());
}

}  // namespace yett
