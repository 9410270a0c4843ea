// SPDX-License-Identifier: GPL-2.0-or-later
// MAC addresses as numbers, and ranges of them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace yett {

inline constexpr std::uint64_t kGreatestMac = 0xffffffffffff;

/// 48 bits, the first octet on the wire highest. Both ends inclusive.
struct MacRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    auto operator<=>(const MacRange&) const = default;
};

/// "02:00:5e:10:00:01" (also with "-" between the octets).
std::optional<std::uint64_t> parse_mac(std::string_view text);
/// An address, or a prefix of one in bits: "02:00:5e:00:00:00/24" is a vendor. No host bits.
std::optional<MacRange> parse_mac_range(std::string_view text);

std::string mac_text(std::uint64_t mac);
/// What parse_mac_range reads back; a range that is no prefix prints as "first-last" (none comes
/// from a file).
std::string to_text(const MacRange& range);

}  // namespace yett
