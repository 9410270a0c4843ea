// SPDX-License-Identifier: GPL-2.0-or-later
// Where in a line of a list the value stands.
#include "apply/list_line.hpp"

#include <algorithm>
#include <array>

namespace yett {
namespace {

constexpr std::string_view kSpace = " \t\r";

Error wrong(const char* message, const char* hint) {
    return {ErrorKind::usage, message, hint};
}

std::string_view first_word(std::string_view& text) {
    text = trim(text);
    const auto end = std::min(text.find_first_of(kSpace), text.size());
    const auto word = text.substr(0, end);
    text = trim(text.substr(end));
    return word;
}

std::string_view without_comment(std::string_view line) {
    line = line.substr(0, line.find_first_of("#;"));
    return trim(line.substr(0, line.find("//")));
}

/// What a string of the object holds, and the rest behind its closing quote. Escapes are kept: no
/// address has any.
std::string_view take_string(std::string_view& rest) {
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '\\') {
            ++i;
        } else if (rest[i] == '"') {
            const auto text = rest.substr(1, i - 1);
            rest.remove_prefix(i + 1);
            return text;
        }
    }
    rest = {};
    return {};
}

}  // namespace

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(kSpace);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

Result<std::string_view> value_of_words(std::string_view line) {
    const auto text = without_comment(line);
    auto rest = text;
    auto value = first_word(rest);
    if (value == "create" || value == "flush" || value == "COMMIT") return std::string_view();
    if (value == "add") {  // ipset save: add NAME VALUE [options]
        first_word(rest);
        return first_word(rest);
    }
    if (rest.empty()) return value;
    // "a - b" is one range.
    if (rest.front() == '-' || value.back() == '-') return text;
    return wrong("there is more than a value in the line",
                 "is it CSV? Then say so, and which column (--format csv --column 2)");
}

std::string_view value_of_csv(std::string_view line, unsigned column) {
    line = trim(line);
    if (line.empty() || line.front() == '#') return {};
    for (unsigned at = 1;; ++at) {
        std::string_view field;
        line = trim(line);
        if (!line.empty() && line.front() == '"') {
            field = take_string(line);
            line.remove_prefix(std::min(line.find_first_of(",;\t"), line.size()));
        } else {
            const auto end = std::min(line.find_first_of(",;\t"), line.size());
            field = trim(line.substr(0, end));
            line.remove_prefix(end);
        }
        if (at == column) return field;
        if (line.empty()) return {};
        line.remove_prefix(1);
    }
}

Result<std::string_view> value_of_object(std::string_view line) {
    static constexpr std::array<std::string_view, 9> kKeys = {
        "cidr", "prefix", "network", "ip", "address", "range", "mac", "iface", "value"};
    auto rest = trim(line);
    std::string_view best;
    std::size_t rank = kKeys.size();
    while (true) {
        const auto quote = rest.find('"');
        if (quote == rest.npos) break;
        rest.remove_prefix(quote);
        const auto key = take_string(rest);
        rest = trim(rest);
        if (rest.empty() || rest.front() != ':') continue;
        rest = trim(rest.substr(1));
        if (rest.empty() || rest.front() != '"') continue;
        const auto value = take_string(rest);
        if (key == "type" && value == "metadata") return std::string_view();
        const auto found =
            static_cast<std::size_t>(std::find(kKeys.begin(), kKeys.end(), key) - kKeys.begin());
        if (found >= rank) continue;
        rank = found;
        best = value;
    }
    if (rank < kKeys.size()) return best;
    return wrong(
        "the object has no address",
        "it is looked for under cidr, prefix, network, ip, address, range, mac, iface and value");
}

}  // namespace yett
