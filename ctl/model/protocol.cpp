// SPDX-License-Identifier: GPL-2.0-or-later
// The table of IP protocol names.
#include "model/protocol.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace yett {
namespace {

struct NamedProtocol {
    std::string_view name;
    std::uint8_t number;
};

// The first name of a number is the one that is printed.
constexpr NamedProtocol kProtocols[] = {
    {"icmp", 1},   {"igmp", 2},   {"ipip", 4},       {"tcp", 6},        {"udp", 17},
    {"dccp", 33},  {"ipv6", 41},  {"rsvp", 46},      {"gre", 47},       {"esp", 50},
    {"ah", 51},    {"icmp6", 58}, {"eigrp", 88},     {"ospf", 89},      {"pim", 103},
    {"vrrp", 112}, {"l2tp", 115}, {"sctp", 132},     {"udplite", 136},  {"icmpv6", 58},
    {"sit", 41},   {"carp", 112}, {"ipv6-icmp", 58}, {"udp-lite", 136},
};

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

}  // namespace

std::optional<std::uint8_t> protocol_number(std::string_view name) {
    for (const NamedProtocol& entry : kProtocols)
        if (entry.name == name) return entry.number;
    return std::nullopt;
}

std::string protocol_name(std::uint8_t number) {
    for (const NamedProtocol& entry : kProtocols)
        if (entry.number == number) return std::string(entry.name);
    return std::to_string(number);
}

std::string nearest_protocol(std::string_view typed) {
    constexpr std::size_t kLongestName = 16;
    if (typed.empty() || typed.size() > kLongestName) return {};
    std::string_view best;
    std::size_t best_distance = 3;
    for (const NamedProtocol& entry : kProtocols) {
        const std::size_t distance = edit_distance(typed, entry.name);
        if (distance < best_distance && distance < typed.size()) {
            best = entry.name;
            best_distance = distance;
        }
    }
    return std::string(best);
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
