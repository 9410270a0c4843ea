// SPDX-License-Identifier: GPL-2.0-or-later
// Makes foreign text harmless.
#include "base/quote.hpp"

namespace yett {

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
    std::size_t shown = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool inside = (static_cast<unsigned char>(text[i]) & 0xc0) == 0x80;
        if (!inside && ++shown > kMost) {
            quoted += "...";
            break;
        }
        const bool plain = !is_control_character(text, i) && text[i] != '\n' && text[i] != '\t';
        quoted += plain ? text[i] : '?';
        if (!plain && static_cast<unsigned char>(text[i]) == 0xc2) ++i;
    }
    return quoted + '"';
}

}  // namespace yett
