// SPDX-License-Identifier: GPL-2.0-or-later
// Ranges of addresses as prefixes.
#include "model/ranges.hpp"

#include <algorithm>

namespace yett {
namespace {

using Wide = unsigned __int128;

Wide to_number(const Address& address) {
    Wide value = 0;
    for (unsigned i = 0; i < address.bits() / 8; ++i)
        value = value << 8 | address.octets[i];
    return value;
}

Address to_address(Wide value, Family family) {
    Address address;
    address.family = family;
    for (unsigned i = address.bits() / 8; i-- > 0; value >>= 8)
        address.octets[i] = static_cast<std::uint8_t>(value);
    return address;
}

/// The largest block that begins at `first` and ends by `last`.
unsigned host_bits_of(Wide first, Wide last, unsigned bits) {
    unsigned host = 0;
    while (host < bits) {
        const Wide mask = host + 1 == 128 ? ~Wide{0} : (Wide{1} << (host + 1)) - 1;
        if ((first & mask) != 0 || (first | mask) > last) break;
        ++host;
    }
    return host;
}

/// RFC 4291 2.5.5: IPv4-mapped (::ffff:0:0/96) and the old IPv4-compatible addresses (::/96).
bool embeds_ipv4(const Address& address) {
    const auto& octets = address.octets;
    if (address.family != Family::ipv6) return false;
    if (!std::all_of(octets.begin(), octets.begin() + 10, [](auto o) { return o == 0; }))
        return false;
    if (octets[10] == 0xff && octets[11] == 0xff) return true;
    return octets[10] == 0 && octets[11] == 0 && octets[12] != 0;
}

Address last_four_octets(const Address& address) {
    Address four;
    std::copy_n(address.octets.begin() + 12, 4, four.octets.begin());
    return four;
}

}  // namespace

std::vector<Prefix> to_prefixes(const AddressRange& range) {
    std::vector<Prefix> out;
    const unsigned bits = range.first.bits();
    Wide first = to_number(range.first);
    const Wide last = to_number(range.last);
    while (first <= last) {
        const unsigned host = host_bits_of(first, last, bits);
        out.push_back(
            {to_address(first, range.first.family), static_cast<std::uint8_t>(bits - host)});
        const Wide size = host == 128 ? 0 : Wide{1} << host;
        if (size == 0 || last - first < size) break;
        first += size;
    }
    return out;
}

std::optional<Prefix> ipv4_inside(const Prefix& prefix) {
    if (prefix.length <= 96 || !embeds_ipv4(prefix.address)) return std::nullopt;
    return Prefix{last_four_octets(prefix.address), static_cast<std::uint8_t>(prefix.length - 96)};
}

std::optional<AddressRange> ipv4_inside(const AddressRange& range) {
    if (!embeds_ipv4(range.first) || !embeds_ipv4(range.last)) return std::nullopt;
    const AddressRange four{last_four_octets(range.first), last_four_octets(range.last)};
    return four.first <= four.last ? std::optional(four) : std::nullopt;
}

}  // namespace yett
