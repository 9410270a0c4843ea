// SPDX-License-Identifier: GPL-2.0-or-later
// The names that people write for numbers (IANA registries), and the bounds of each numeric field.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "abi/fields.h"
#include "abi/phases.h"
#include "abi/tunnel.h"
#include "model/address.hpp"

namespace yett {

/// Several names may stand for one number; the first in a list is the canonical one.
struct NamedNumber {
    std::string_view name;
    std::uint32_t number;
};

std::span<const NamedNumber> protocol_names();                ///< IP protocols: "tcp", "icmp6", ...
std::span<const NamedNumber> ethertype_names();               ///< "arp", "lldp", ...
std::span<const NamedNumber> dscp_names();                    ///< "cs1", "af11", "ef", ...
std::span<const NamedNumber> icmp_type_names(Family family);  ///< ICMP (ipv4) or ICMPv6 (ipv6)

std::span<const NamedNumber> tcp_flag_names();  ///< "fin" ... and their bits, lowest first

/// `[A-Za-z0-9._-]{1,63}`: names of rulesets, rules and sets.
[[nodiscard]] bool is_name(std::string_view text);
/// What the kernel takes as the name of an interface, but for what other firewalls mean otherwise:
/// "@set", "eth*", "eth+", "!eth0", "any", "all".
[[nodiscard]] bool is_interface_name(std::string_view text);
/// Such a name with a "*" in it (model/pattern.hpp).
[[nodiscard]] bool is_interface_pattern(std::string_view text);

/// Exact match, lower case.
std::optional<std::uint32_t> number_of(std::span<const NamedNumber> names, std::string_view name);
/// The canonical name, or an empty view.
std::string_view name_of(std::span<const NamedNumber> names, std::uint32_t number);

/// Both ends inclusive.
struct Bounds {
    std::uint32_t least;
    std::uint32_t greatest;
};
inline constexpr Bounds kPortBounds{0, 65535};
inline constexpr Bounds kProtocolBounds{0, 255};
inline constexpr Bounds kEthertypeBounds{0x0600, 0xffff};  ///< below is a length (IEEE 802.3)
inline constexpr Bounds kVlanBounds{0, 4094};              ///< 4095 is reserved (IEEE 802.1Q)
inline constexpr Bounds kLengthBounds{0, 65535};
inline constexpr Bounds kOctetBounds{0, 255};
inline constexpr Bounds kDscpBounds{0, 63};

/// By enum yett_tunnel.
inline constexpr std::string_view kTunnelNames[] = {
#define YETT_TUNNEL_NAME(name, text, words) text,
    YETT_TUNNELS(YETT_TUNNEL_NAME)
#undef YETT_TUNNEL_NAME
};

/// By ConnectionState.
inline constexpr std::string_view kStateNames[] = {
#define YETT_STATE_NAME(name, text) text,
    YETT_STATES(YETT_STATE_NAME)
#undef YETT_STATE_NAME
};

/// By enum yett_connection_phase.
inline constexpr std::string_view kPhaseNames[] = {"none",
#define YETT_PHASE_NAME(name, text, seconds) text,
                                                   YETT_CONNECTION_PHASES(YETT_PHASE_NAME)
#undef YETT_PHASE_NAME
};

}  // namespace yett
