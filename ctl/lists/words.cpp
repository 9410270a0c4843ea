// SPDX-License-Identifier: GPL-2.0-or-later
// Lines of words.
#include "lists/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>

#include "base/quote.hpp"
#include "base/visible.hpp"
#include "json/values.hpp"
#include "model/address.hpp"

namespace yett {
namespace {

constexpr std::string_view kSpace = " \t\r\v\f";

bool is_space(char c) {
    return kSpace.find(c) != kSpace.npos;
}

bool begins_comment(std::string_view rest) {
    return rest.starts_with('#') || rest.starts_with(';') || rest.starts_with("//");
}

bool begins_with_address(std::string_view text) {
    text = trim(text);
    return parse_prefix(text.substr(0, text.find_first_of(",; \t"))).has_value();
}

/// A word in quotes at the start of `rest`, which it leaves behind.
Result<Word> take_quoted(std::string_view& rest, bool escapes) {
    Word word{"", true};
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '"') {
            rest.remove_prefix(i + 1);
            return word;
        }
        if (escapes && rest[i] == '\\' && i + 1 < rest.size()) ++i;
        word.text += rest[i];
    }
    return wrong("a quote does not end in its line");
}

bool two_digits(std::string_view text, std::size_t at, int& out) {
    if (at + 2 > text.size()) return false;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + 2, out);
    return error == std::errc{} && end == text.data() + at + 2 && text[at] != '-';
}

/// "Z" or "+02:00", as seconds east of Greenwich.
std::optional<int> parse_offset(std::string_view text) {
    if (text == "Z" || text == "z") return 0;
    int hours = 0, minutes = 0;
    if (text.size() != 6 || text[3] != ':' || (text[0] != '+' && text[0] != '-'))
        return std::nullopt;
    if (!two_digits(text, 1, hours) || !two_digits(text, 4, minutes)) return std::nullopt;
    if (hours > 23 || minutes > 59) return std::nullopt;
    const int offset = (hours * 60 + minutes) * 60;
    return text[0] == '-' ? -offset : offset;
}

/// What stands behind the value, key by key. False: the entry is over.
Result<bool> read_notes(const std::vector<Word>& words, const ListOptions& options,
                        ItemNotes& notes) {
    bool ends = false;
    for (std::size_t i = 1; i < words.size(); i += 2) {
        const auto& key = words[i].text;
        const bool known = key == "timeout" || key == "until" || key == "reason";
        if (!known || words[i].quoted)
            return wrong("there is more than a value in the line: " + quote(key),
                         "a value stands alone in its line, or before timeout, until and reason");
        if (i + 1 == words.size()) return wrong("nothing stands behind " + quote(key));
        const auto& text = words[i + 1].text;
        if (key == "reason") {
            notes.reason = visible(text, kLongestReason);
            continue;
        }
        if (std::exchange(ends, true)) return wrong("the entry has two ends");
        if (key == "timeout") {
            const auto seconds = parse_timeout(text);
            if (!seconds) return wrong(seconds.error().message, seconds.error().hint);
            notes.seconds = *seconds;
        } else {
            const auto end = end_at(text, options);
            if (!end) return end.error();
            if (end->over) return false;
            notes.seconds = end->seconds;
        }
        if (auto allowed = allow_end(notes.seconds, options); !allowed) return allowed.error();
    }
    return true;
}

/// "a - b", "a -b" and "a- b" are one value.
void join_range(std::vector<Word>& words) {
    for (std::size_t i = 1; i < words.size() && i < 3;) {
        const bool joins = words[0].text.ends_with('-') || words[i].text.starts_with('-');
        if (!joins || words[0].quoted || words[i].quoted) return;
        words[0].text += words[i].text;
        words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

}  // namespace

Error wrong(std::string message, std::string hint) {
    return {ErrorKind::usage, std::move(message), std::move(hint)};
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(kSpace);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

Result<std::vector<Word>> split_words(std::string_view line, const WordRules& rules) {
    std::vector<Word> words;
    while (true) {
        line = trim(line);
        if (line.empty() || (rules.comments && begins_comment(line))) return words;
        if (line.front() == '"') {
            auto word = take_quoted(line, rules.escapes);
            if (!word) return word.error();
            words.push_back(*std::move(word));
            continue;
        }
        std::size_t end = 0;
        while (end < line.size() && !is_space(line[end]) &&
               !(rules.inside && (line[end] == '#' || line[end] == ';')))
            ++end;
        words.push_back({std::string(line.substr(0, end)), false});
        line.remove_prefix(end);
        if (rules.inside && line.starts_with(';') && begins_with_address(line.substr(1)))
            return wrong("an address stands behind a semicolon: " + quote(line.substr(1)),
                         "is it CSV? Then say so: --format csv --column 1, or --columns 1-2 for "
                         "ranges");
    }
}

std::optional<std::int64_t> parse_time(std::string_view text) {
    int century = 0, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':')
        return std::nullopt;
    if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return std::nullopt;
    if (!two_digits(text, 0, century) || !two_digits(text, 2, year) ||
        !two_digits(text, 5, month) || !two_digits(text, 8, day) || !two_digits(text, 11, hour) ||
        !two_digits(text, 14, minute) || !two_digits(text, 17, second))
        return std::nullopt;
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
        return std::nullopt;
    auto rest = text.substr(19);
    if (rest.starts_with('.')) {
        const auto digits = rest.find_first_not_of("0123456789", 1);
        if (digits == rest.npos || digits == 1) return std::nullopt;
        rest.remove_prefix(digits);
    }
    const auto offset = parse_offset(rest);
    if (!offset) return std::nullopt;
    std::tm parts{};
    parts.tm_year = century * 100 + year - 1900;
    parts.tm_mon = month - 1;
    parts.tm_mday = day;
    parts.tm_hour = hour;
    parts.tm_min = minute;
    parts.tm_sec = second;
    const auto time = static_cast<std::int64_t>(::timegm(&parts));
    if (parts.tm_mday != day || parts.tm_mon != month - 1) return std::nullopt;  // 31 February
    return time - *offset;
}

Result<EndOfEntry> end_at(std::string_view time, const ListOptions& options) {
    const auto end = parse_time(time);
    if (!end) return wrong(quote(time) + " is no time", "write it like 2026-05-01T09:30:00Z");
    if (*end <= options.now) return EndOfEntry{0, true};
    if (*end - options.now > kLongestTimeout)
        return wrong("the end " + quote(time) + " is too far away", "the longest is ten years");
    return EndOfEntry{*end - options.now, false};
}

Result<void> allow_end(std::int64_t seconds, const ListOptions& options) {
    if (seconds <= 0) return {};
    if (!may_expire(options.type))
        return wrong(fmt::format("entries of a set of {} do not expire", plural_of(options.type)),
                     "leave the end out");
    if (options.may_end) return {};
    return wrong("entries of a set's file do not end",
                 "leave the end out, or add the list with: yett set import");
}

Result<bool> read_words(std::string_view line, const ListOptions& options, ListItems& items) {
    line = trim(line);
    ItemNotes notes;
    auto added = [&](std::string_view value) -> Result<bool> {
        if (auto done = items.add(value, notes); !done) return done.error();
        return true;
    };
    if (line.find_first_of(" \t\v\f#;\"") == line.npos && !line.starts_with("//")) {
        if (line.empty()) return true;
        return added(line);
    }
    auto words = split_words(line, {true, options.type != SetType::iface, true});
    if (!words) return words.error();
    if (words->empty()) return true;
    if (options.type == SetType::prefix || options.type == SetType::port) join_range(*words);
    if (words->front().quoted)
        return wrong("the value stands in quotes", "is it CSV? Then say so: --format csv");
    const auto stays = read_notes(*words, options, notes);
    if (!stays || !*stays) return stays;
    return added(words->front().text);
}

std::string entry_line(std::string_view value, std::string_view until, std::string_view reason) {
    std::string line(value);
    if (!until.empty()) line += fmt::format(" until {}", until);
    if (reason.empty()) return line;
    line += " reason \"";
    for (const char c : reason) {
        if (c == '"' || c == '\\') line += '\\';
        line += c;
    }
    return line + '"';
}

}  // namespace yett
