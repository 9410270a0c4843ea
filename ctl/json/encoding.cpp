// SPDX-License-Identifier: GPL-2.0-or-later
// Faults of a text that need no grammar, found before the parser sees it.
#include <cstdint>
#include <cstring>

#include "json/syntax.hpp"

namespace yett {
namespace {

/// Length of the well-formed UTF-8 sequence (RFC 3629) at the start of `text`, or 0.
std::size_t sequence_length(std::string_view text) {
    const auto octet = [text](std::size_t i) -> unsigned {
        return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0;
    };
    const auto tail = [octet](std::size_t i) { return (octet(i) & 0xc0) == 0x80; };
    const unsigned lead = octet(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
    if (lead >= 0xe0 && lead <= 0xef) {
        const bool overlong = lead == 0xe0 && octet(1) < 0xa0;
        const bool surrogate = lead == 0xed && octet(1) >= 0xa0;
        return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        const bool overlong = lead == 0xf0 && octet(1) < 0x90;
        const bool beyond = lead == 0xf4 && octet(1) >= 0x90;
        return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

/// Offset of the first octet that is not UTF-8, or npos.
std::size_t find_bad_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        // Most of a rule file is ASCII: eight octets at a time.
        std::uint64_t word = 0;
        while (at + sizeof word <= text.size()) {
            std::memcpy(&word, text.data() + at, sizeof word);
            if (word & 0x8080808080808080u) break;
            at += sizeof word;
        }
        if (at == text.size()) break;
        const std::size_t length = sequence_length(text.substr(at));
        if (length == 0) return at;
        at += length;
    }
    return std::string_view::npos;
}

TextFault fault(std::size_t offset, std::string code, std::string message, std::string hint) {
    TextFault found{offset, {}};
    found.diagnostic.code = std::move(code);
    found.diagnostic.message = std::move(message);
    found.diagnostic.hint = std::move(hint);
    return found;
}

}  // namespace

std::optional<TextFault> refuse_encoding(std::string_view text, std::size_t octets) {
    if (octets > UINT32_MAX) octets = UINT32_MAX;
    if (text.size() > octets) {
        return fault(0, "json-size",
                     "the text is longer than " + std::to_string(octets) + " octets",
                     "put long lists into a set while yett runs");
    }
    if (text.starts_with("\xef\xbb\xbf")) {
        return fault(0, "json-encoding", "the text begins with a byte order mark",
                     "save it as UTF-8 without one");
    }
    if (const std::size_t at = text.find('\0'); at != std::string_view::npos) {
        return fault(at, "json-encoding", "a NUL octet stands in the text",
                     "a rule file is text in UTF-8, not in UTF-16");
    }
    if (const std::size_t at = find_bad_utf8(text); at != std::string_view::npos) {
        return fault(at, "json-encoding", "this octet is not UTF-8", "save the file as UTF-8");
    }
    return std::nullopt;
}

}  // namespace yett
