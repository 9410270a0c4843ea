// SPDX-License-Identifier: GPL-2.0-or-later
// Addresses, prefixes and ranges of addresses, as values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace yett {

enum class Family : std::uint8_t { ipv4 = 0, ipv6 = 1 };

/// Octets in network byte order; IPv4 uses the first four, the rest are 0.
struct Address {
    Family family = Family::ipv4;
    std::array<std::uint8_t, 16> octets{};

    auto operator<=>(const Address&) const = default;
    [[nodiscard]] unsigned bits() const { return family == Family::ipv4 ? 32 : 128; }
};

/// An address and how many of its leading bits count. Whether the others are 0 is for the check to
/// say.
struct Prefix {
    Address address;
    std::uint8_t length = 0;

    auto operator<=>(const Prefix&) const = default;
};

/// Both ends inclusive, of one family.
struct AddressRange {
    Address first;
    Address last;

    auto operator<=>(const AddressRange&) const = default;
};

/// "192.0.2.1", "2001:db8::1". No leading zeros in IPv4 octets, no zone.
std::optional<Address> parse_address(std::string_view text);
/// "192.0.2.0/24"; an address alone is a host prefix. Host bits are kept as written.
std::optional<Prefix> parse_prefix(std::string_view text);
/// "192.0.2.1-192.0.2.9". Ends as written, also when reversed.
std::optional<AddressRange> parse_address_range(std::string_view text);

/// Canonical text (RFC 5952 for IPv6). A host prefix prints without its length.
std::string to_text(const Address& address);
std::string to_text(const Prefix& prefix);
std::string to_text(const AddressRange& range);

/// The same prefix with its host bits cleared.
Prefix without_host_bits(const Prefix& prefix);
[[nodiscard]] bool has_host_bits(const Prefix& prefix);
[[nodiscard]] bool contains(const Prefix& prefix, const Address& address);
[[nodiscard]] bool contains(const AddressRange& range, const Address& address);
/// First and last address of a prefix.
AddressRange to_range(const Prefix& prefix);

}  // namespace yett
