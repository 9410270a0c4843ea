// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the list of entity tags by its grammar.
#include "api/if_match.hpp"

#include <string>

#include "base/quote.hpp"

namespace yett {
namespace {

void skip_space(std::string_view& rest) {
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t'))
        rest.remove_prefix(1);
}

/// etagc: anything seen but a quote, and octets over 0x7f.
bool is_tag_character(char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet >= 0x21 && octet != '"' && octet != 0x7f;
}

/// Takes `"..."` off `rest`; an empty view: there is none.
std::string_view take_tag(std::string_view& rest) {
    if (!rest.starts_with('"')) return {};
    std::size_t end = 1;
    while (end < rest.size() && is_tag_character(rest[end]))
        ++end;
    if (end == rest.size() || rest[end] != '"') return {};
    const std::string_view tag = rest.substr(0, end + 1);
    rest.remove_prefix(end + 1);
    return tag;
}

}  // namespace

Result<bool> if_match_holds(std::string_view field, std::string_view tag) {
    const Error wrong{ErrorKind::usage,
                      "if-match is a list of entity tags or *, not " + quote(field),
                      "write If-Match: " + std::string(tag) + ", with the quotes"};
    std::string_view rest = field;
    skip_space(rest);
    if (rest.starts_with('*')) {
        rest.remove_prefix(1);
        skip_space(rest);
        return rest.empty() ? Result<bool>(true) : wrong;
    }
    bool holds = false;
    while (true) {
        skip_space(rest);
        const bool weak = rest.starts_with("W/");
        if (weak) rest.remove_prefix(2);
        const std::string_view one = take_tag(rest);
        if (one.empty() && (weak || (!rest.empty() && rest.front() != ','))) return wrong;
        holds |= !weak && !one.empty() && one == tag;
        skip_space(rest);
        if (rest.empty()) return holds;
        if (rest.front() != ',') return wrong;
        rest.remove_prefix(1);
    }
}

}  // namespace yett
