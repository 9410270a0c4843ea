// SPDX-License-Identifier: GPL-2.0-or-later
// MAC addresses: text and numbers.
#include "model/mac.hpp"

#include <bit>
#include <charconv>
#include <cstdio>

namespace yett {
namespace {

constexpr unsigned kBits = 48;

}  // namespace

std::optional<std::uint64_t> parse_mac(std::string_view text) {
    constexpr std::size_t kLength = 17;
    if (text.size() != kLength) return std::nullopt;
    std::uint64_t mac = 0;
    for (std::size_t i = 0; i < kLength; i += 3) {
        unsigned octet = 0;
        const char* digits = text.data() + i;
        const auto [stop, error] = std::from_chars(digits, digits + 2, octet, 16);
        if (error != std::errc() || stop != digits + 2) return std::nullopt;
        if (i + 2 < kLength && text[i + 2] != ':' && text[i + 2] != '-') return std::nullopt;
        mac = mac << 8 | octet;
    }
    return mac;
}

std::optional<MacRange> parse_mac_range(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto mac = parse_mac(text.substr(0, slash));
    if (!mac) return std::nullopt;
    if (slash == text.npos) return MacRange{*mac, *mac};
    unsigned length = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, length);
    if (error != std::errc() || stop != end || length > kBits) return std::nullopt;
    const std::uint64_t rest = kGreatestMac >> length;
    if (*mac & rest) return std::nullopt;
    return MacRange{*mac, *mac | rest};
}

std::string mac_text(std::uint64_t mac) {
    char text[18];
    std::snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x",
                  static_cast<unsigned>(mac >> 40 & 0xff), static_cast<unsigned>(mac >> 32 & 0xff),
                  static_cast<unsigned>(mac >> 24 & 0xff), static_cast<unsigned>(mac >> 16 & 0xff),
                  static_cast<unsigned>(mac >> 8 & 0xff), static_cast<unsigned>(mac & 0xff));
    return text;
}

std::string to_text(const MacRange& range) {
    const std::uint64_t rest = range.first ^ range.last;
    if (rest == 0) return mac_text(range.first);
    if ((rest & (rest + 1)) != 0 || (range.first & rest) != 0)
        return mac_text(range.first) + "-" + mac_text(range.last);
    return mac_text(range.first) + "/" + std::to_string(kBits - std::popcount(rest));
}

}  // namespace yett
