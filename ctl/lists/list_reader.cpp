// SPDX-License-Identifier: GPL-2.0-or-later
// From the text of a list to entries in order.
#include "lists/list_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/quote.hpp"
#include "lists/kinds.hpp"
#include "lists/words.hpp"

namespace yett {
namespace {

constexpr std::size_t kLongestLine = 65536;
constexpr std::size_t kLongestJson = std::size_t{64} << 20;
constexpr std::size_t kMostProblems = 20;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

ListReader::ListReader(const ListOptions& options)
    : options_(options),
      items_(options.type),
      lifted_(options.type),
      ipset_(options_),
      csv_(options_),
      json_list_(options_, items_, lifted_,
                 [this](std::size_t line, const Error& error) { return problem(line, error); }) {}

Result<void> ListReader::problem(std::size_t line, const Error& error) {
    if (!options_.skip_invalid) return at_line(line, error);
    ++list_.skipped;
    if (list_.problems.size() < kMostProblems)
        list_.problems.push_back(at_line(line, error).message);
    return {};
}

/// What the line is, where that is known; else what is wrong with it.
Error ListReader::named(std::string_view text, const Error& error) {
    if (list_.problems.size() >= kMostProblems) return error;  // only counted
    auto kind = is_ipset_line(text) ? foreign_command(text) : foreign_line(text);
    const bool number = options_.type == SetType::port && !text.empty() && text[0] <= '9';
    if (!kind || number) return error;
    if (list_.looks_like.empty()) list_.looks_like = kind->what;
    return wrong(fmt::format("this is {}: {}", kind->what, quote(text)), kind->hint);
}

std::size_t ListReader::longest() const {
    const bool json = options_.format == ListFormat::json || options_.format == ListFormat::ndjson;
    const bool may_be = options_.format == ListFormat::automatic &&
                        (json_depth_ > 0 || way_of(trim(rest_)) == Way::json);
    return json || may_be ? kLongestJson : kLongestLine;
}

ListReader::Way ListReader::way_of(std::string_view trimmed) const {
    if (options_.format == ListFormat::csv) return Way::csv;
    if (json_depth_ > 0) return Way::json;
    if (trimmed.empty()) return Way::nothing;
    if (options_.format == ListFormat::ndjson || options_.format == ListFormat::json)
        return Way::json;
    const char first = trimmed.front();
    if (first >= '0' && first <= '9') return Way::words;
    // "[Adblock Plus]" and the like are no arrays.
    const bool word = trimmed.size() > 1 && std::isalpha(static_cast<unsigned char>(trimmed[1]));
    const bool json = first == '{' || (first == '[' && !word);
    if (options_.format == ListFormat::automatic && json) return Way::json;
    return is_ipset_line(trimmed) ? Way::ipset : Way::words;
}

/// A byte order mark is passed over; what cannot be a list at all is named.
Result<void> ListReader::begin_text(std::string_view& text) {
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    if (const auto kind = foreign_file(text)) {
        list_.looks_like = kind->what;
        return wrong("this is no list, but " + kind->what, kind->hint);
    }
    return {};
}

Result<void> ListReader::take_words(std::string_view text) {
    if (options_.type == SetType::iface && trim(text).starts_with('<'))
        return named(text, wrong(quote(text) + " is no name of an interface"));
    const auto stays = read_words(text, options_, items_);
    if (!stays) return named(text, stays.error());
    list_.over += !*stays;
    return {};
}

/// Where the value ends: the first line behind which no bracket and no quote is open.
Result<void> ListReader::take_json(std::string_view text) {
    if (json_.empty()) json_line_ = list_.lines;
    json_ += text;
    json_ += '\n';
    if (json_.size() > kLongestJson) {
        json_.clear();
        return wrong("a JSON value has more than 64 MiB", "write one object a line: jq -c '.[]'");
    }
    for (const char c : text) {
        if (json_string_) {
            if (json_escape_ || c == '\\') {
                json_escape_ = !json_escape_;
            } else {
                json_string_ = c != '"';
            }
        } else if (c == '"') {
            json_string_ = true;
        } else if (c == '{' || c == '[') {
            ++json_depth_;
        } else if ((c == '}' || c == ']') && json_depth_ > 0) {
            --json_depth_;
        }
    }
    const bool one_line = json_line_ == list_.lines;
    const bool line_by_line = options_.format == ListFormat::ndjson ||
                              (json_by_line_ && options_.format != ListFormat::json);
    if (json_depth_ > 0 && !(one_line && line_by_line)) {
        json_string_ = json_escape_ = false;  // a text does not go over the end of a line
        return {};
    }
    json_by_line_ = json_by_line_ || one_line;
    return read_json();
}

Result<void> ListReader::read_json() {
    json_depth_ = 0;
    json_ended_ = list_.lines;
    json_string_ = json_escape_ = false;
    const std::string text = std::move(json_);
    json_.clear();
    std::size_t line = json_line_;
    return json_list_.read(std::string_view(text).substr(0, text.size() - 1), line);
}

Result<void> ListReader::take(std::string_view text) {
    if (list_.lines == 1) {
        if (auto begun = begin_text(text); !begun) return begun;
    }
    if (text.find('\0') != text.npos) {
        if (list_.looks_like.empty()) list_.looks_like = "a binary file";
        return wrong("there is a NUL in the line: this is no text");
    }
    const auto trimmed = trim(text);
    switch (way_of(trimmed)) {
        case Way::nothing:
            return {};
        case Way::csv:
            return csv_.line(text, list_.lines, items_);
        case Way::json:
            return take_json(text);
        case Way::ipset:
            if (auto done = ipset_.line(trimmed, list_.lines); !done)
                return named(trimmed, done.error());
            return {};
        case Way::words:
            break;
    }
    return take_words(trimmed);
}

Result<void> ListReader::line(std::string_view text) {
    ++list_.lines;
    const auto done = take(text);
    if (done) return {};
    // Of a value over several lines nobody knows what else was lost: it is never passed over.
    const bool lost = json_line_ != 0 && json_line_ != list_.lines && json_ended_ == list_.lines;
    return lost ? at_line(list_.lines, done.error()) : problem(list_.lines, done.error());
}

Result<void> ListReader::feed(std::string_view piece) {
    while (!piece.empty()) {
        const auto end = piece.find('\n');
        if (end == piece.npos || !rest_.empty()) {
            rest_ += piece.substr(0, end);
            if (rest_.size() > kLongestLine && rest_.size() > longest())
                return at_line(list_.lines + 1, wrong("the line is too long"));
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

/// What goes on at the end of the text.
Result<void> ListReader::finish_open() {
    if (!rest_.empty()) {
        if (auto done = line(rest_); !done) return done;
        rest_.clear();
    }
    if (!json_.empty()) {
        const auto since = json_line_;
        if (auto done = read_json(); !done) {
            // Nobody knows what is missing: that is never passed over.
            return at_line(since, done.error());
        }
    }
    if (csv_.open_since() == 0) return {};
    return problem(csv_.open_since(), wrong("a quote does not end"));
}

Result<List> ListReader::finish() {
    if (auto done = finish_open(); !done) return done.error();
    if (ipset_.used()) {
        if (items_.size() > 0 || lifted_.size() > 0)
            return wrong("the list mixes commands of ipset with other lines");
        auto built = ipset_.take();
        if (!built) return built.error();
        std::move(*built).finish(list_);
    } else {
        if (!options_.set.empty())
            return wrong("the list is no ipset dump, and has no set to choose");
        std::move(items_).finish(list_);
    }
    List lifted;
    std::move(lifted_).finish(lifted);
    list_.lifted = std::move(lifted.values);
    list_.over += json_list_.over();
    return std::move(list_);
}

}  // namespace yett
