// SPDX-License-Identifier: GPL-2.0-or-later
// The lists of names, canonical name first.
#include "model/names.hpp"

#include <algorithm>

#include "abi/fields.h"

namespace yett {
namespace {

constexpr NamedNumber kProtocols[] = {
    {"icmp", 1},      {"igmp", 2},         {"ipip", 4},       {"tcp", 6},        {"udp", 17},
    {"dccp", 33},     {"6in4", 41},        {"rsvp", 46},      {"gre", 47},       {"esp", 50},
    {"ah", 51},       {"icmp6", 58},       {"eigrp", 88},     {"ospf", 89},      {"etherip", 97},
    {"pim", 103},     {"ipcomp", 108},     {"vrrp", 112},     {"l2tp", 115},     {"sctp", 132},
    {"udplite", 136}, {"mpls-in-ip", 137}, {"icmpv6", 58},    {"ipv6-icmp", 58}, {"ipv6", 41},
    {"sit", 41},      {"carp", 112},       {"udp-lite", 136},
};

constexpr NamedNumber kEthertypes[] = {
    {"ipv4", 0x0800},
    {"arp", 0x0806},
    {"ipv6", 0x86dd},
    {"wol", 0x0842},
    {"batman", 0x4305},
    {"rarp", 0x8035},
    {"lacp", 0x8809},
    {"mpls", 0x8847},
    {"mpls-multicast", 0x8848},
    {"pppoe-discovery", 0x8863},
    {"pppoe-session", 0x8864},
    {"eapol", 0x888e},
    {"profinet", 0x8892},
    {"aoe", 0x88a2},
    {"lldp", 0x88cc},
    {"homeplug", 0x88e1},
    {"macsec", 0x88e5},
    {"ptp", 0x88f7},
    {"cfm", 0x8902},
    {"fcoe", 0x8906},
    {"loopback", 0x9000},
};

// RFC 2474, 2597, 3246, 5865, 8622.
constexpr NamedNumber kDscp[] = {
    {"cs0", 0},   {"be", 0},    {"cs1", 8},   {"cs2", 16},  {"cs3", 24},  {"cs4", 32},
    {"cs5", 40},  {"cs6", 48},  {"cs7", 56},  {"le", 1},    {"af11", 10}, {"af12", 12},
    {"af13", 14}, {"af21", 18}, {"af22", 20}, {"af23", 22}, {"af31", 26}, {"af32", 28},
    {"af33", 30}, {"af41", 34}, {"af42", 36}, {"af43", 38}, {"ef", 46},   {"voice-admit", 44},
};

constexpr NamedNumber kIcmpTypes[] = {
    {"echo-reply", 0},           {"destination-unreachable", 3},
    {"source-quench", 4},        {"redirect", 5},
    {"echo-request", 8},         {"router-advertisement", 9},
    {"router-solicitation", 10}, {"time-exceeded", 11},
    {"parameter-problem", 12},   {"timestamp-request", 13},
    {"timestamp-reply", 14},     {"information-request", 15},
    {"information-reply", 16},   {"address-mask-request", 17},
    {"address-mask-reply", 18},  {"extended-echo-request", 42},
    {"extended-echo-reply", 43},
};

constexpr NamedNumber kIcmp6Types[] = {
    {"destination-unreachable", 1},
    {"packet-too-big", 2},
    {"time-exceeded", 3},
    {"parameter-problem", 4},
    {"echo-request", 128},
    {"echo-reply", 129},
    {"mld-query", 130},
    {"mld-report", 131},
    {"mld-done", 132},
    {"router-solicitation", 133},
    {"router-advertisement", 134},
    {"neighbor-solicitation", 135},
    {"neighbor-advertisement", 136},
    {"redirect", 137},
    {"mldv2-report", 143},
    {"extended-echo-request", 160},
    {"extended-echo-reply", 161},
};

constexpr NamedNumber kTcpFlags[] = {
#define YETT_FLAG_NAME(name, text, bit) {text, bit},
    YETT_TCP_FLAGS(YETT_FLAG_NAME)
#undef YETT_FLAG_NAME
};

}  // namespace

std::span<const NamedNumber> protocol_names() {
    return kProtocols;
}
std::span<const NamedNumber> ethertype_names() {
    return kEthertypes;
}
std::span<const NamedNumber> dscp_names() {
    return kDscp;
}
std::span<const NamedNumber> icmp_type_names(Family family) {
    if (family == Family::ipv4) return kIcmpTypes;
    return kIcmp6Types;
}

std::span<const NamedNumber> tcp_flag_names() {
    return kTcpFlags;
}

std::optional<std::uint32_t> number_of(std::span<const NamedNumber> names, std::string_view name) {
    for (const NamedNumber& entry : names) {
        if (entry.name == name) return entry.number;
    }
    return std::nullopt;
}

std::string_view name_of(std::span<const NamedNumber> names, std::uint32_t number) {
    for (const NamedNumber& entry : names) {
        if (entry.number == number) return entry.name;
    }
    return {};
}

bool is_name(std::string_view text) {
    constexpr std::size_t kLongest = 63;
    return !text.empty() && text.size() <= kLongest &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == '-';
           });
}

namespace {

bool may_name_interfaces(std::string_view text) {
    constexpr std::size_t kLongest = 15;  // IFNAMSIZ with its NUL
    if (text.empty() || text.size() > kLongest || text == "." || text == "..") return false;
    if (text.front() == '@' || text.front() == '!' || text.back() == '+') return false;
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c > ' ' && c < 0x7f && c != '/' && c != ':'; });
}

}  // namespace

bool is_interface_name(std::string_view text) {
    return may_name_interfaces(text) && text.find('*') == std::string_view::npos && text != "any" &&
           text != "all";
}

bool is_interface_pattern(std::string_view text) {
    return may_name_interfaces(text) && text.find('*') != std::string_view::npos;
}

}  // namespace yett
