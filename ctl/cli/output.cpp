// SPDX-License-Identifier: GPL-2.0-or-later
// Tables, units and errors of the command line.
#include "cli/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

namespace yett::cli {
namespace {

int output_error = 0;  ///< of the first write that failed

constexpr const char* kUnits[] = {"k", "M", "G", "T", "P", "E"};

/// Length of the UTF-8 sequence that starts here; 0 when it is none, or encodes a control
/// character.
std::size_t sequence_length(std::string_view rest) {
    const auto first = static_cast<unsigned char>(rest[0]);
    if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
    if (length == 0 || length > rest.size() || first > 0xf4) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((static_cast<unsigned char>(rest[i]) & 0xc0) != 0x80) return 0;
    }
    // U+0080-U+009F steer terminals, U+202A-U+202E and U+2066-U+2069 turn the direction of text.
    if (first == 0xc2 && static_cast<unsigned char>(rest[1]) < 0xa0) return 0;
    if (length == 3 && first == 0xe2) {
        const auto second = static_cast<unsigned char>(rest[1]);
        const auto third = static_cast<unsigned char>(rest[2]);
        if (second == 0x80 && third >= 0xaa && third <= 0xae) return 0;
        if (second == 0x81 && third >= 0xa6 && third <= 0xa9) return 0;
    }
    return length;
}

std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char octet) { return (octet & 0xc0) != 0x80; }));
}

void append_cell(std::string& line, const std::string& cell, std::size_t width, bool right) {
    const std::string padding(width - std::min(width, width_of(cell)), ' ');
    line += right ? padding + cell : cell + padding;
}

}  // namespace

std::string with_unit(std::uint64_t number) {
    if (number < 1000) return std::to_string(number);
    std::uint64_t unit = 1000;
    std::size_t index = 0;
    while (number / unit >= 1000) {
        unit *= 1000;
        ++index;
    }
    const std::uint64_t whole = number / unit;
    if (whole >= 100) return fmt::format("{}{}", whole, kUnits[index]);
    return fmt::format("{}.{}{}", whole, number % unit / (unit / 10), kUnits[index]);
}

std::string duration(std::uint64_t seconds) {
    constexpr std::pair<std::uint64_t, char> units[] = {
        {86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    std::string text;
    int used = 0;
    for (const auto& [size, letter] : units) {
        const std::uint64_t count = seconds / size;
        seconds %= size;
        if (used > 0) ++used;
        if (count > 0) {
            text += fmt::format("{}{}", count, letter);
            used = std::max(used, 1);
        }
        if (used == 2) break;
    }
    return text.empty() ? "0s" : text;
}

std::string printable(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        if (const std::size_t length = sequence_length(text); length > 0) {
            result += text.substr(0, length);
            text.remove_prefix(length);
        } else {
            result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
            text.remove_prefix(1);
        }
    }
    return result;
}

std::string Table::text(bool terse) const {
    std::string out;
    if (terse) {
        for (const auto& cells : rows_)
            out += fmt::format("{}\n", fmt::join(cells, "\t"));
        return out;
    }
    std::vector<std::size_t> widths;
    for (const auto& column : columns_)
        widths.push_back(width_of(column.title));
    for (const auto& cells : rows_) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            widths[i] = std::max(widths[i], width_of(cells[i]));
        }
    }
    const auto add_line = [&](const auto& cell_of) {
        std::string line;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (i > 0) line += "  ";
            append_cell(line, cell_of(i), widths[i], columns_[i].align == Align::right);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    };
    add_line([&](std::size_t i) -> const std::string& { return columns_[i].title; });
    for (const auto& cells : rows_) {
        add_line([&](std::size_t i) -> const std::string& { return cells[i]; });
    }
    return out;
}

std::string figure(const Context& context, std::uint64_t number) {
    return context.terse ? std::to_string(number) : with_unit(number);
}

void print(std::string_view text) {
    print_raw(text);
    if (!text.empty() && text.back() != '\n') print_raw("\n");
}

void print_raw(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() && output_error == 0)
        output_error = errno;
}

void complain(std::string_view text) {
    (void)!std::fwrite(text.data(), 1, text.size(), stderr);
}

int finish_output(int code) {
    const bool flushed = std::fflush(stdout) == 0;
    if (!flushed && output_error == 0) output_error = errno;
    if (flushed && std::ferror(stdout) == 0 && output_error == 0) return code;
    complain(fmt::format("yett: the output could not be written: {}\n",
                         output_error != 0 ? std::strerror(output_error) : "unknown error"));
    return code != 0 ? code : static_cast<int>(ErrorKind::internal);
}

int fail(const Context& context, const Error& error) {
    const int code = static_cast<int>(error.kind);
    if (context.json) {
        nlohmann::ordered_json problem = {
            {"code", code}, {"detail", error.message}, {"hint", error.hint}};
        constexpr auto replace = nlohmann::ordered_json::error_handler_t::replace;
        print(problem.dump(context.pretty ? 2 : -1, ' ', false, replace));
        return code;
    }
    complain(fmt::format("yett: {}\n", printable(error.message)));
    if (!error.hint.empty()) complain(fmt::format("  {}\n", printable(error.hint)));
    return code;
}

int exit_code_of_saving(const Json& value) {
    const Json& saved = at(value, "saved");
    if (!saved.is_boolean() || saved.get<bool>()) return 0;
    complain(
        fmt::format("yett: the change is in force, but not saved: {}\n"
                    "  a reboot would lose it; yettd tries again until it can, and "
                    "yett status warns until then\n",
                    text_at(value, "unsaved")));
    return static_cast<int>(ErrorKind::timeout);
}

}  // namespace yett::cli
