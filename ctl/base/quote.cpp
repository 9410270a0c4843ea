// SPDX-License-Identifier: GPL-2.0-or-later
// Makes foreign text harmless.
#include "base/quote.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>

#include "base/visible.hpp"

namespace yett {
namespace {

/// What begins a text: a character of UTF-8, or one octet that is none.
struct Character {
    std::string_view octets;
    char32_t point = 0;
    bool good = false;
};

Character first_character(std::string_view text) {
    const auto lead = static_cast<std::uint8_t>(text[0]);
    if (lead < 0x80) return {text.substr(0, 1), lead, true};
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    const Character bad{text.substr(0, 1), lead, false};
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return bad;
    char32_t point = lead & (0x7f >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto octet = static_cast<std::uint8_t>(text[i]);
        if ((octet & 0xc0) != 0x80) return bad;
        point = point << 6 | (octet & 0x3f);
    }
    constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
    if (point < kLeast[length] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
        return bad;
    return {text.substr(0, length), point, true};
}

struct Points {
    char32_t first, last;
};

/// Unicode's controls, format characters and spaces, and what is drawn as nothing.
constexpr Points kUnseen[] = {
    {0, 0x1f},          {0x7f, 0xa0},       {0xad, 0xad},       {0x34f, 0x34f},   {0x61c, 0x61c},
    {0x115f, 0x1160},   {0x1680, 0x1680},   {0x17b4, 0x17b5},   {0x180b, 0x180f}, {0x2000, 0x200f},
    {0x2028, 0x202f},   {0x205f, 0x206f},   {0x2800, 0x2800},   {0x3000, 0x3000}, {0x3164, 0x3164},
    {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb}, {0xfffe, 0xffff},
    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

bool is_unseen(char32_t point) {
    for (const auto& [first, last] : kUnseen) {
        if (point >= first && point <= last) return true;
    }
    return false;
}

std::string shown(const Character& character) {
    if (!character.good) return fmt::format("<0x{:02X}>", static_cast<unsigned>(character.point));
    if (!is_unseen(character.point)) return std::string(character.octets);
    return fmt::format("<U+{:04X}>", static_cast<unsigned>(character.point));
}

}  // namespace

bool is_control_character(std::string_view text, std::size_t i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are controls too, in UTF-8 c2 80 to c2 9f; a terminal may obey them.
    const bool c1 =
        octet == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    return (octet < 0x20 && octet != '\n' && octet != '\t') || octet == 0x7f || c1;
}

std::string quote(std::string_view text) {
    constexpr std::size_t kMost = 60;
    std::string quoted = "\"";
    for (std::size_t count = 0; !text.empty(); ++count) {
        if (count == kMost) return quoted + "...\"";
        const auto character = first_character(text);
        quoted += shown(character);
        text.remove_prefix(character.octets.size());
    }
    return quoted + '"';
}

std::string visible(std::string_view text, std::size_t octets) {
    constexpr std::string_view kMore = "...";
    std::string out;
    std::size_t fits = 0;  // of `out`, with room for kMore behind it
    while (!text.empty()) {
        const auto character = first_character(text);
        const auto piece = shown(character);
        if (out.size() + piece.size() > octets) {
            out.resize(fits);
            return out += kMore;
        }
        out += piece;
        if (out.size() + kMore.size() <= octets) fits = out.size();
        text.remove_prefix(character.octets.size());
    }
    return out;
}

}  // namespace yett
