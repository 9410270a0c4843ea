// SPDX-License-Identifier: GPL-2.0-or-later
// Addresses to and from text, prefixes to ranges.
#include "model/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace yett {
namespace {

/// The mask of octet `index` in a prefix of `length` bits.
std::uint8_t mask_octet(unsigned length, unsigned index) {
    const unsigned before = index * 8;
    if (length >= before + 8) return 0xff;
    if (length <= before) return 0;
    return static_cast<std::uint8_t>(0xff00u >> (length - before));
}

std::optional<std::uint8_t> parse_length(std::string_view text, unsigned most) {
    if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
    unsigned length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (error != std::errc() || end != text.data() + text.size() || length > most)
        return std::nullopt;
    return static_cast<std::uint8_t>(length);
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
    char copy[INET6_ADDRSTRLEN] = {};
    if (text.size() >= sizeof copy || text.find('\0') != text.npos) return std::nullopt;
    std::copy(text.begin(), text.end(), copy);
    Address address;
    address.family = text.find(':') == text.npos ? Family::ipv4 : Family::ipv6;
    const int family = address.family == Family::ipv4 ? AF_INET : AF_INET6;
    if (inet_pton(family, copy, address.octets.data()) != 1) return std::nullopt;
    return address;
}

std::optional<Prefix> parse_prefix(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::optional<Address> address = parse_address(text.substr(0, slash));
    if (!address) return std::nullopt;
    if (slash == text.npos) return Prefix{*address, static_cast<std::uint8_t>(address->bits())};
    const std::optional<std::uint8_t> length =
        parse_length(text.substr(slash + 1), address->bits());
    if (!length) return std::nullopt;
    return Prefix{*address, *length};
}

std::optional<AddressRange> parse_address_range(std::string_view text) {
    const std::size_t dash = text.find('-');
    if (dash == text.npos) return std::nullopt;
    const std::optional<Address> first = parse_address(text.substr(0, dash));
    const std::optional<Address> last = parse_address(text.substr(dash + 1));
    if (!first || !last || first->family != last->family) return std::nullopt;
    return AddressRange{*first, *last};
}

std::string to_text(const Address& address) {
    char text[INET6_ADDRSTRLEN] = {};
    const int family = address.family == Family::ipv4 ? AF_INET : AF_INET6;
    inet_ntop(family, address.octets.data(), text, sizeof text);
    return text;
}

std::string to_text(const Prefix& prefix) {
    std::string text = to_text(prefix.address);
    if (prefix.length != prefix.address.bits()) text += '/' + std::to_string(prefix.length);
    return text;
}

std::string to_text(const AddressRange& range) {
    return to_text(range.first) + '-' + to_text(range.last);
}

Prefix without_host_bits(const Prefix& prefix) {
    Prefix result = prefix;
    for (unsigned i = 0; i < result.address.octets.size(); ++i)
        result.address.octets[i] &= mask_octet(prefix.length, i);
    return result;
}

bool has_host_bits(const Prefix& prefix) {
    return without_host_bits(prefix) != prefix;
}

bool contains(const Prefix& prefix, const Address& address) {
    if (prefix.address.family != address.family) return false;
    for (unsigned i = 0; i < address.octets.size(); ++i) {
        const unsigned differing = prefix.address.octets[i] ^ address.octets[i];
        if (differing & mask_octet(prefix.length, i)) return false;
    }
    return true;
}

bool contains(const AddressRange& range, const Address& address) {
    return range.first.family == address.family && range.first.octets <= address.octets &&
           address.octets <= range.last.octets;
}

AddressRange to_range(const Prefix& prefix) {
    AddressRange range{without_host_bits(prefix).address, without_host_bits(prefix).address};
    for (unsigned i = 0; i < prefix.address.bits() / 8; ++i)
        range.last.octets[i] |= static_cast<std::uint8_t>(~mask_octet(prefix.length, i));
    return range;
}

}  // namespace yett
