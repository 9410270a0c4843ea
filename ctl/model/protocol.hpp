// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers that frames carry: ethertypes and IP protocols, and what they are called.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace yett {

inline constexpr std::uint16_t kEthertypeIpv4 = 0x0800;
inline constexpr std::uint16_t kEthertypeArp = 0x0806;
inline constexpr std::uint16_t kEthertypePppoe = 0x8864;  ///< of a session
inline constexpr std::uint16_t kEthertypeIpv6 = 0x86dd;

/// The protocols that yett reads beyond the IP header (IANA protocol numbers).
enum Protocol : std::uint8_t {
    kProtocolIcmp = 1,
    kProtocolTcp = 6,
    kProtocolUdp = 17,
    kProtocolDccp = 33,
    kProtocolAh = 51,
    kProtocolIcmp6 = 58,
    kProtocolSctp = 132,
    kProtocolUdpLite = 136,
};

/// "tcp" -> 6, also other spellings ("icmpv6", "ipv6-icmp"). Numbers are not names.
std::optional<std::uint8_t> protocol_number(std::string_view name);
/// 6 -> "tcp"; a protocol without a name prints as its number.
std::string protocol_name(std::uint8_t number);
/// The name that begins most like what was typed ("tpc" -> "tcp"), or empty.
std::string nearest_protocol(std::string_view typed);

/// TCP, UDP, SCTP, DCCP and UDP-Lite.
[[nodiscard]] bool has_ports(std::uint8_t number);
/// IPv6 next headers that lead on to another header (RFC 8200, RFC 7045): never the protocol of a
/// packet.
[[nodiscard]] bool is_ipv6_extension(std::uint8_t number);

}  // namespace yett
