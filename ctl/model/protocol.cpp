// SPDX-License-Identifier: GPL-2.0-or-later
// IP protocols, by the list of names.
#include "model/protocol.hpp"

#include <vector>

#include "base/suggest.hpp"
#include "model/names.hpp"

namespace yett {
std::optional<std::uint8_t> protocol_number(std::string_view name) {
    const auto number = number_of(protocol_names(), name);
    if (!number) return std::nullopt;
    return static_cast<std::uint8_t>(*number);
}

std::string protocol_name(std::uint8_t number) {
    const std::string_view name = name_of(protocol_names(), number);
    return name.empty() ? std::to_string(number) : std::string(name);
}

std::string nearest_protocol(std::string_view typed) {
    std::vector<std::string_view> names;
    for (const NamedNumber& entry : protocol_names())
        names.push_back(entry.name);
    return std::string(closest(typed, names));
}

bool has_ports(std::uint8_t number) {
    return number == kProtocolTcp || number == kProtocolUdp || number == kProtocolDccp ||
           number == kProtocolSctp || number == kProtocolUdpLite;
}

bool is_ipv6_extension(std::uint8_t number) {
    switch (number) {
        case 0:    // hop-by-hop options
        case 43:   // routing
        case 44:   // fragment
        case 51:   // authentication
        case 60:   // destination options
        case 135:  // mobility
        case 139:  // host identity
        case 140:  // shim6
            return true;
        default:
            return false;
    }
}

}  // namespace yett
