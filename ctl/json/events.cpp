// SPDX-License-Identifier: GPL-2.0-or-later
// Foreign JSON, by the SAX parser of nlohmann/json.
#include "json/events.hpp"

#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <vector>

#include "base/quote.hpp"

namespace yett {
namespace {

constexpr std::size_t kMostLevels = 32;
constexpr std::size_t kMostKeys = 65536;

/// Counts the lines that the parser has read. Every copy writes to the one place.
class LineIterator {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    LineIterator(const char* at, std::size_t* line) : at_(at), line_(line) {}
    reference operator*() const { return *at_; }
    LineIterator& operator++() {
        *line_ += *at_++ == '\n';
        return *this;
    }
    LineIterator operator++(int) {
        LineIterator before = *this;
        ++*this;
        return before;
    }
    bool operator==(const LineIterator& other) const { return at_ == other.at_; }
    bool operator!=(const LineIterator& other) const { return at_ != other.at_; }

  private:
    const char* at_;
    std::size_t* line_;
};

/// From the parser's events to ours, with the bounds.
class Adapter {
  public:
    explicit Adapter(JsonEvents& events) : events_(events) {}

    bool null() { return go_on(events_.null()); }
    bool boolean(bool value) { return go_on(events_.boolean(value)); }
    bool number_integer(std::int64_t) { return go_on(events_.number(std::nullopt)); }
    bool number_unsigned(std::uint64_t value) { return go_on(events_.number(value)); }
    bool number_float(double, const std::string&) { return go_on(events_.number(std::nullopt)); }
    bool binary(std::vector<std::uint8_t>&) { return false; }  // JSON text has none
    bool string(std::string& text) { return go_on(events_.string(text)); }
    bool start_object(std::size_t) { return open(true); }
    bool start_array(std::size_t) { return open(false); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }
    bool key(std::string& text) {
        auto& keys = keys_.back();
        if (keys.size() == kMostKeys) return refuse("a JSON object has too many keys for a list");
        if (!keys.insert(text).second)
            return refuse("the key " + quote(text) + " stands twice in one JSON object");
        return go_on(events_.key(text));
    }
    bool parse_error(std::size_t, const std::string& token, const nlohmann::detail::exception& e) {
        const std::string_view what = e.what();
        const bool cut = what.find("unexpected end of input") != what.npos ||
                         what.find("missing closing quote") != what.npos;
        if (cut) {
            return refuse("the JSON ends in the middle", "was the file cut off? Fetch it again");
        }
        if (what.find("expected end of input") != what.npos)
            return refuse("something stands behind the JSON value: " + quote(token));
        return refuse("the JSON is broken at " + quote(token));
    }
    [[nodiscard]] const Result<void>& result() const { return result_; }

  private:
    bool open(bool object) {
        if (keys_.size() == kMostLevels)
            return refuse("the JSON has more than " + std::to_string(kMostLevels) + " levels");
        keys_.emplace_back();
        return go_on(events_.begin(object));
    }
    bool close() {
        keys_.pop_back();
        return go_on(events_.end());
    }
    bool refuse(std::string message, std::string hint = {}) {
        return go_on(Error{ErrorKind::usage, std::move(message), std::move(hint)});
    }
    bool go_on(Result<void> done) {
        if (result_ && !done) result_ = std::move(done);
        return result_.ok();
    }

    JsonEvents& events_;
    Result<void> result_;
    std::vector<std::unordered_set<std::string>> keys_;  ///< of the objects that are open
};

}  // namespace

Result<void> read_json_events(std::string_view text, std::size_t& line, JsonEvents& events) {
    Adapter adapter(events);
    const char* const begin = text.data();
    nlohmann::json::sax_parse(LineIterator(begin, &line), LineIterator(begin + text.size(), &line),
                              &adapter);
    return adapter.result();
}

}  // namespace yett
