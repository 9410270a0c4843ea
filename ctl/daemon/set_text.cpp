// SPDX-License-Identifier: GPL-2.0-or-later
// The text of a set's file.
#include "daemon/set_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

namespace yett {
namespace {

constexpr std::string_view kMagic = "yett-set 1";
constexpr std::string_view kClock = "@clock";
constexpr std::string_view kEnd = "@end ";
constexpr SetType kSetTypes[] = {SetType::prefix, SetType::port, SetType::mac, SetType::iface};

std::string_view next_word(std::string_view& line) {
    const auto end = std::min(line.find(' '), line.size());
    const auto word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return word;
}

template <typename Number>
bool read_number(std::string_view text, Number& out) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
    return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() && !text.empty();
}

std::string without_newline(std::string_view line) {
    return std::string(line.substr(0, line.size() - 1));
}

/// Lines that end, one by one: what has no end was cut, and does not count.
class Lines {
  public:
    explicit Lines(std::string_view text) : text_(text) {}
    std::optional<std::string_view> next() {
        const auto end = text_.find('\n', at_);
        if (end == text_.npos) return std::nullopt;
        const auto line = text_.substr(at_, end - at_);
        at_ = end + 1;
        return line;
    }
    [[nodiscard]] std::size_t at() const { return at_; }
    void go_to(std::size_t at) { at_ = at; }
    /// 1: something without an end follows.
    [[nodiscard]] std::size_t rest() const { return at_ < text_.size() ? 1 : 0; }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

class Reader {
  public:
    Reader(std::string_view text, SetContent& into, const ClockReading& now)
        : lines_(text), into_(into), now_(now) {}

    SetText read() {
        const auto first = lines_.next();
        out_.ours = first && !is_of_another_type(*first);
        if (!out_.ours) return out_;
        if (!read_head(*first)) go_on_without_head();
        out_.good = lines_.at();
        while (const auto line = lines_.next()) {
            if (*line == without_newline(kChangeBegins)) {
                if (!read_change()) return out_;
            } else {
                read_any(*line);
            }
            out_.good = lines_.at();
        }
        out_.unread += lines_.rest();
        return out_;
    }

  private:
    [[nodiscard]] bool is_of_another_type(std::string_view line) const {
        if (line.substr(0, kMagic.size()) != kMagic) return false;
        line.remove_prefix(std::min(kMagic.size() + 1, line.size()));
        const auto type = next_word(line);
        return type != type_name(into_.type()) &&
               std::any_of(std::begin(kSetTypes), std::end(kSetTypes),
                           [&](SetType one) { return type == type_name(one); });
    }

    /// What the lines say is still there; of which clock their ends are, nobody knows.
    void go_on_without_head() {
        lines_.go_to(0);
        mover_.emplace(now_, now_);
    }

    bool read_head(std::string_view line) {
        if (line.substr(0, kMagic.size()) != kMagic) return false;
        line.remove_prefix(std::min(kMagic.size() + 1, line.size()));
        return next_word(line) == type_name(into_.type()) && read_clock(line);
    }

    bool read_clock(std::string_view line) {
        ClockReading saved;
        saved.boot_id = next_word(line);
        if (!read_number(next_word(line), saved.boot)) return false;
        if (!read_number(next_word(line), saved.wall)) return false;
        mover_.emplace(saved, now_);
        out_.boot_id = saved.boot_id;
        return true;
    }

    void read_any(std::string_view line) {
        if (line == without_newline(kChangeIsDone)) {
            out_.unfinished = false;
        } else if (line.substr(0, kClock.size()) == kClock) {
            line.remove_prefix(std::min(kClock.size() + 1, line.size()));
            out_.unread += !read_clock(line);
        } else {
            out_.unread += !read_entry(line);
        }
    }

    /// False: the text ends before the change does.
    bool read_change() {
        const auto begin = lines_.at();
        std::size_t count = 0;
        for (; const auto line = lines_.next(); ++count) {
            if (line->substr(0, kEnd.size()) != kEnd) continue;
            std::size_t expected = 0;
            if (!read_number(line->substr(kEnd.size()), expected) || expected != count) {
                out_.unread += count;  // somebody was here: none of it counts
                return true;
            }
            const auto end = lines_.at();
            lines_.go_to(begin);
            for (; count > 0; --count)
                read_any(*lines_.next());
            lines_.go_to(end);
            out_.unfinished = true;
            return true;
        }
        return false;
    }

    /// False: the line says nothing that makes sense.
    bool read_entry(std::string_view line) {
        const auto value = parse_entry(into_.type(), next_word(line));
        if (!value) return false;
        const auto flags = next_word(line);
        if (flags.empty() || flags.find_first_not_of("-rftx") != flags.npos) return false;
        Entry entry = into_.find(*value);
        const bool by_ruleset = entry.from_ruleset && !entry.from_file;
        entry = Entry{};
        entry.from_file = flags.find('f') != flags.npos;
        entry.from_ruleset = by_ruleset || entry.from_file;
        entry.removed = entry.from_ruleset && flags.find('x') != flags.npos;
        entry.at_run_time = flags.find('t') != flags.npos;
        if (entry.at_run_time) {
            if (!read_number(next_word(line), entry.added)) return false;
            if (!read_number(next_word(line), entry.expires)) return false;
            entry.expires = mover_->move(entry.expires);
        }
        into_.restore(*value, entry, entry.at_run_time ? line : std::string_view());
        return true;
    }

    Lines lines_;
    SetContent& into_;
    const ClockReading& now_;
    std::optional<ClockMover> mover_;
    SetText out_;
};

std::string clocks(const ClockReading& now) {
    return fmt::format("{} {} {}\n", now.boot_id, now.boot, now.wall);
}

}  // namespace

std::string set_head(SetType type, const ClockReading& now) {
    return fmt::format("{} {} {}", kMagic, type_name(type), clocks(now));
}

std::string set_clock(const ClockReading& now) {
    return fmt::format("{} {}", kClock, clocks(now));
}

bool is_kept(const Entry& entry) {
    return entry.from_file || entry.at_run_time || entry.removed;
}

void append_set_line(std::string& out, const EntryValue& value, const Entry& entry,
                     std::string_view reason) {
    out += to_text(value);
    if (!is_kept(entry)) {
        out += " -\n";
        return;
    }
    out += ' ';
    if (entry.from_ruleset) out += 'r';
    if (entry.from_file) out += 'f';
    if (entry.at_run_time) out += 't';
    if (entry.removed) out += 'x';
    if (entry.at_run_time)
        fmt::format_to(std::back_inserter(out), " {} {} {}", entry.added, entry.expires, reason);
    out += '\n';
}

std::string change_ends(std::size_t lines) {
    return fmt::format("{}{}\n", kEnd, lines);
}

SetText read_set_text(std::string_view text, SetContent& into, const ClockReading& now) {
    return Reader(text, into, now).read();
}

}  // namespace yett
