// SPDX-License-Identifier: GPL-2.0-or-later
// Every packet is of one class; each key of a match is possible in some classes. Keys whose classes
// have nothing in common can never hold together.
#include <algorithm>
#include <array>

#include "base/quote.hpp"
#include "check/findings.hpp"
#include "model/protocol.hpp"

namespace yett {
namespace {

// A class is a family and a group of protocols; one more is for what is neither IPv4 nor IPv6.
constexpr unsigned kTcp = 1, kPorted = 2, kIcmp = 4, kIcmp6 = 8, kRest = 16, kGroups = 31;
constexpr unsigned kFamilyShift = 5;
constexpr unsigned kOther = 1u << (2 * kFamilyShift);
constexpr unsigned kIp = kOther - 1;
constexpr unsigned kAll = kOther | kIp;

constexpr unsigned in_family(Family family, unsigned groups = kGroups) {
    return family == Family::ipv4 ? groups : groups << kFamilyShift;
}
constexpr unsigned in_both(unsigned groups) {
    return in_family(Family::ipv4, groups) | in_family(Family::ipv6, groups);
}

unsigned group_of(std::uint32_t protocol) {
    if (protocol == kProtocolTcp) return kTcp;
    if (protocol == kProtocolIcmp) return kIcmp;
    if (protocol == kProtocolIcmp6) return kIcmp6;
    return protocol <= 255 && has_ports(static_cast<std::uint8_t>(protocol)) ? kPorted : kRest;
}

unsigned classes_of_protocols(const std::vector<NumberRange>& list) {
    unsigned groups = 0;
    for (const NumberRange& range : list) {
        for (std::uint32_t p = range.first; p <= range.last && p <= 255; ++p)
            groups |= group_of(p);
    }
    return in_both(groups);
}

unsigned classes_of_ethertypes(const std::vector<NumberRange>& list) {
    unsigned classes = 0;
    for (const NumberRange& range : list) {
        const auto has = [&](std::uint32_t type) {
            return range.first <= type && type <= range.last;
        };
        const std::uint32_t ip = (has(kEthertypeIpv4) ? 1 : 0) + (has(kEthertypeIpv6) ? 1 : 0);
        if (has(kEthertypeIpv4)) classes |= in_family(Family::ipv4);
        if (has(kEthertypeIpv6)) classes |= in_family(Family::ipv6);
        if (range.last - range.first + 1 > ip) classes |= kOther;
    }
    return classes;
}

unsigned classes_of_addresses(const std::vector<AddressTest>& list) {
    unsigned classes = 0;
    for (const AddressTest& test : list) {
        if (const auto* prefix = std::get_if<Prefix>(&test)) {
            classes |= in_family(prefix->address.family);
        } else if (const auto* range = std::get_if<AddressRange>(&test)) {
            classes |= in_family(range->first.family);
        } else {
            return kIp;  // a set may be given entries of either family while it is in use
        }
    }
    return classes;
}

unsigned classes_of_families(const std::vector<Family>& list) {
    unsigned classes = 0;
    for (const Family family : list)
        classes |= in_family(family);
    return classes;
}

struct KeyClasses {
    std::string_view key;
    bool present;
    unsigned classes;
    std::string_view because;
};

constexpr std::string_view kPortsOf = "only tcp, udp, sctp, dccp and udplite have ports";
constexpr std::string_view kIcmpOf = "only icmp in IPv4 and icmp6 in IPv6 have types and codes";
constexpr std::string_view kIpOf = "only IPv4 and IPv6 have it";
constexpr std::string_view kFamilyOf = "a packet is of one family, IPv4 or IPv6";

/// No allocation: this runs for each rule of a large file.
std::array<KeyClasses, 15> classes_of(const Match& m) {
    const unsigned icmp = in_family(Family::ipv4, kIcmp) | in_family(Family::ipv6, kIcmp6);
    return {{
        {"family", !m.family.empty(), classes_of_families(m.family), kFamilyOf},
        {"ethertype", !m.ethertype.empty(), classes_of_ethertypes(m.ethertype), kFamilyOf},
        {"src", !m.src.empty(), classes_of_addresses(m.src), kFamilyOf},
        {"dst", !m.dst.empty(), classes_of_addresses(m.dst), kFamilyOf},
        {"proto", !m.proto.empty(), classes_of_protocols(m.proto), kIpOf},
        {"sport", !m.sport.empty(), in_both(kTcp | kPorted), kPortsOf},
        {"dport", !m.dport.empty(), in_both(kTcp | kPorted), kPortsOf},
        {"tcp_flags", !m.tcp_flags.empty(), in_both(kTcp), "only tcp has flags"},
        {"icmp_type", !m.icmp_type.empty(), icmp, kIcmpOf},
        {"icmp_code", !m.icmp_code.empty(), icmp, kIcmpOf},
        {"len", !m.len.empty(), kIp, kIpOf},
        {"ttl", !m.ttl.empty(), kIp, kIpOf},
        {"dscp", !m.dscp.empty(), kIp, kIpOf},
        {"fragment", !m.fragment.empty(), kIp, kIpOf},
        {"state", !m.state.empty(), kIp, kIpOf},
    }};
}

bool names(const std::vector<NumberRange>& list, std::uint32_t number) {
    return std::find(list.begin(), list.end(), NumberRange{number, number}) != list.end();
}

/// The ICMP of the other family is named: that one's word, which is almost always meant; else
/// empty.
std::string_view right_icmp(const Match& match, unsigned families) {
    const bool only4 = (families & in_family(Family::ipv6)) == 0;
    const bool only6 = (families & in_family(Family::ipv4)) == 0;
    if (only4 == only6 || !names(match.proto, only4 ? kProtocolIcmp6 : kProtocolIcmp)) return {};
    return only4 ? "icmp" : "icmp6";
}

/// Such a packet can be, so it is no error.
void check_icmp(Findings& findings, const Match& match, const std::string& pointer,
                unsigned families) {
    const std::string_view right = right_icmp(match, families);
    if (right.empty()) return;
    findings.warning("icmp-family", pointer + "/proto",
                     right == "icmp" ? "icmp6 is the ICMP of IPv6, and this matches IPv4 alone"
                                     : "icmp is the ICMP of IPv4, and this matches IPv6 alone",
                     "write " + quote(right));
}

}  // namespace

void check_contradictions(Findings& findings, const Match& match, const std::string& pointer,
                          Severity severity) {
    const auto keys = classes_of(match);
    unsigned possible = kAll, families = kAll;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        // A key without any class has a value that is reported on its own.
        if (!keys[i].present || keys[i].classes == 0) continue;
        // The first four say of which family a packet is.
        if (i < 4) families &= keys[i].classes;
        if ((possible &= keys[i].classes) != 0) continue;
        std::string with = "the keys before it";
        for (std::size_t j = i; j-- > 0;) {
            const bool alone = keys[j].present && (keys[j].classes & keys[i].classes) == 0;
            if (alone) with = quote(keys[j].key);
        }
        const std::string at = pointer + '/' + std::string(keys[i].key);
        const std::string both = quote(keys[i].key) + " contradicts " + with;
        const std::string_view icmp = right_icmp(match, families);
        const std::string hint =
            icmp.empty() ? std::string(keys[i].because) : "write \"proto\": " + quote(icmp);
        if (severity == Severity::error) {
            findings.error("never-matches", at, both + ": the rule can never match", hint);
        } else {
            findings.warning("no-effect", at, both + ": this \"not\" excludes nothing", hint);
        }
        return;
    }
    check_icmp(findings, match, pointer, families);
}

}  // namespace yett
