// SPDX-License-Identifier: GPL-2.0-or-later
// Draws the line and the caret.
#include "cli/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/output.hpp"

namespace yett::cli {
namespace {

struct Style {
    const char *bold, *red, *yellow, *green, *reset;
};
constexpr Style kColors = {"\x1b[1m", "\x1b[1;31m", "\x1b[1;35m", "\x1b[32m", "\x1b[0m"};
constexpr Style kPlain = {"", "", "", "", ""};

bool continues(char octet) {
    return (octet & 0xc0) == 0x80;
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

/// Tabs become one space, so that a caret can stand below.
std::string shown(std::string_view text) {
    std::string line(text);
    std::replace(line.begin(), line.end(), '\t', ' ');
    return printable(line);
}

/// The part of a line that is shown: before, under and behind the caret.
struct Excerpt {
    std::string before, marked, after;
};

Excerpt excerpt(std::string_view line, const Location& at) {
    constexpr std::size_t kAround = 60, kMarked = 100;
    const std::size_t from = std::min<std::size_t>(at.column - 1, line.size());
    std::size_t length = std::min<std::size_t>({at.length, line.size() - from, kMarked});
    std::size_t begin = from > kAround ? from - kAround : 0;
    while (begin < from && continues(line[begin]))
        ++begin;
    while (from + length < line.size() && continues(line[from + length]))
        ++length;
    std::size_t end = std::min(line.size(), from + length + kAround);
    while (end < line.size() && continues(line[end]))
        ++end;
    return {
        (begin > 0 ? "..." : "") + shown(line.substr(begin, from - begin)),
        shown(line.substr(from, length)),
        shown(line.substr(from + length, end - from - length)) + (end < line.size() ? "..." : "")};
}

std::string draw(const Source& source, const Diagnostic& diagnostic, const Style& style) {
    const Location& at = diagnostic.location;
    const bool error = diagnostic.severity == Severity::error;
    const Excerpt part = excerpt(source.line(at.line), at);
    std::string carets(std::max<std::size_t>(1, characters(part.marked)), '^');
    std::string out =
        fmt::format("{:>5} |  {}{}{}\n", at.line, part.before, part.marked, part.after);
    out += fmt::format("      |  {}{}{}{}", std::string(characters(part.before), ' '),
                       error ? style.red : style.yellow, carets, style.reset);
    if (!diagnostic.hint.empty()) {
        out += fmt::format("  {}{}{}", style.green, printable(diagnostic.hint), style.reset);
    }
    return out + '\n';
}

}  // namespace

std::string report(const std::string& file, const Source& source,
                   const std::vector<Diagnostic>& diagnostics, bool color) {
    const Style& style = color ? kColors : kPlain;
    std::string out;
    for (const Diagnostic& diagnostic : diagnostics) {
        const Location& at = diagnostic.location;
        const bool error = diagnostic.severity == Severity::error;
        std::string place = printable(file);
        if (at.line > 0) place += fmt::format(":{}:{}", at.line, at.column);
        out += fmt::format("{}{}:{} {}{}[{}]:{} {}\n", style.bold, place, style.reset,
                           error ? style.red : style.yellow, error ? "error" : "warning",
                           diagnostic.code, style.reset, printable(diagnostic.message));
        if (at.line > 0) {
            out += draw(source, diagnostic, style);
        } else if (!diagnostic.hint.empty()) {
            out += fmt::format("      {}\n", printable(diagnostic.hint));
        }
    }
    return out;
}

nlohmann::ordered_json to_json(const std::vector<Diagnostic>& diagnostics) {
    nlohmann::ordered_json array = nlohmann::ordered_json::array();
    for (const Diagnostic& d : diagnostics) {
        array.push_back({{"severity", d.severity == Severity::error ? "error" : "warning"},
                         {"code", d.code},
                         {"message", d.message},
                         {"hint", d.hint},
                         {"pointer", d.pointer},
                         {"line", d.location.line},
                         {"column", d.location.column},
                         {"length", d.location.length}});
    }
    return array;
}

}  // namespace yett::cli
