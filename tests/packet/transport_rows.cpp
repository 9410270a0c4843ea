// SPDX-License-Identifier: GPL-2.0-or-later
// Ports of 0, UDP lengths, ICMP shapes, neighbour discovery, and all 256 protocol numbers.
#include <fmt/format.h>

#include <algorithm>

#include "packet/row.hpp"

namespace yett::corpus {
namespace {

std::vector<Case> zero_port_cases() {
    std::vector<Case> cases;
    struct Ports {
        std::uint16_t sport, dport;
        Fate tcp, udp, other;
    };
    const Fate zero = oddity("zero_port"), named = refused("zero_port");
    const Ports kinds[] = {{0, 443, named, zero, zero},
                           {0, 22, dropped_by("no-ssh"), zero, zero},
                           {0, 53, zero, named, zero},
                           {4444, 0, zero, zero, zero},
                           {0, 0, zero, zero, zero},
                           {1, 53, by_policy(), passed_by("dns"), by_policy()},
                           {1, 1, by_policy(), by_policy(), by_policy()},
                           {65535, 65535, by_policy(), by_policy(), by_policy()}};
    for (const Family family : kFamilies)
        for (const Ports& ports : kinds) {
            const auto name = fmt::format("{} {} > {}", name_of(family), ports.sport, ports.dport);
            const Octets pair = be16(ports.sport) + be16(ports.dport);
            cases.push_back({"TCP " + name,
                             ip_frame(family, 6, tcp({.sport = ports.sport, .dport = ports.dport})),
                             ports.tcp});
            cases.push_back(
                {"UDP " + name,
                 ip_frame(family, 17, udp({.sport = ports.sport, .dport = ports.dport})),
                 ports.udp});
            for (const std::uint8_t proto : {33, 132, 136})
                cases.push_back({fmt::format("protocol {} {}", proto, name),
                                 ip_frame(family, proto, pair + zeros(12)), ports.other});
        }
    return cases;
}

std::vector<Case> udp_cases() {
    std::vector<Case> cases;
    for (const Family family : kFamilies)
        for (const std::uint16_t port : {53, 9999}) {
            const Fate fate = port == 53 ? passed_by("dns") : by_policy();
            const auto add = [&](const std::string& name, const Octets& datagram, const Fate& to) {
                cases.push_back({fmt::format("{} {} port {}", name_of(family), name, port),
                                 ip_frame(family, 17, datagram), to});
            };
            for (const unsigned length : {0u, 1u, 7u, 109u, 1500u, 65535u})
                add(fmt::format("length {} of 108", length),
                    udp({.dport = port, .length = length, .payload = zeros(100)}),
                    refused("bad_length"));
            // Linux takes the octets behind a shorter length for padding.
            for (const unsigned length : {8u, 9u, 107u, 108u})
                add(fmt::format("length {} of 108", length),
                    udp({.dport = port, .length = length, .payload = zeros(100)}), fate);
            for (std::size_t size = 0; size < 8; ++size)
                add(fmt::format("{} octets of the header", size), sized(udp({.dport = port}), size),
                    refused("truncated"));
        }
    return cases;
}

/// The least header: SCTP (RFC 9260 3.1) and DCCP (RFC 4340 5.1) have 12 octets, UDP-Lite has 8.
std::size_t least_header(std::uint8_t proto) {
    return proto == 136 ? 8 : 12;
}

/// Only UDP's length speaks of the datagram; these have ports, and rules for UDP do not mean them.
std::vector<Case> other_port_cases() {
    std::vector<Case> cases;
    for (const Family family : kFamilies)
        for (const std::uint8_t proto : {33, 132, 136}) {
            for (const std::uint16_t port : {22, 53, 443})
                cases.push_back(
                    {fmt::format("{} protocol {} port {}", name_of(family), proto, port),
                     ip_frame(family, proto, be16(4444) + be16(port) + zeros(8)), by_policy()});
            for (std::size_t size = 0; size < least_header(proto); ++size)
                cases.push_back(
                    {fmt::format("{} protocol {}, {} octets", name_of(family), proto, size),
                     ip_frame(family, proto, sized(be16(4444) + be16(443), size)),
                     refused("truncated")});
        }
    return cases;
}

/// Rules for ICMP speak of the outer packet; what an error embeds is anybody's claim.
std::vector<Case> icmp_cases() {
    std::vector<Case> cases;
    for (const Family family : kFamilies) {
        const bool v4 = family == Family::ipv4;
        const std::uint8_t proto = v4 ? 1 : 58, request = v4 ? 8 : 128;
        const auto add = [&](const std::string& name, const Octets& message, const Fate& fate) {
            cases.push_back({fmt::format("{} {}", name_of(family), name),
                             ip_frame(family, proto, message), fate});
        };
        const Fate ping = passed_by(v4 ? "ping" : "ping6");
        add("echo request", icmp(request, 0), ping);
        add("echo request, code 255", icmp(request, 255), ping);
        add("echo request of 1400 octets", icmp(request, 0, zeros(1400)), ping);
        for (std::size_t size = 0; size < 8; ++size)
            add(fmt::format("echo request cut after {}", size), sized(icmp(request, 0), size),
                refused("truncated"));
        for (const std::uint8_t error : {1, 2, 3, 4, 5, 11, 12})
            for (const Probe& probe : probes())
                add(fmt::format("error {} about TCP port {}", error, probe.port),
                    icmp(error, 0, zeros(4) + ip(family, 6, tcp({.dport = probe.port}))),
                    by_policy());
        // The other family's ICMP is a protocol like any.
        cases.push_back({fmt::format("{} with the other family's echo request", name_of(family)),
                         ip_frame(family, v4 ? 58 : 1, icmp(v4 ? 128 : 8, 0)), by_policy()});
    }
    return cases;
}

/// RFC 4861 6.1, 7.1, 8.1: hop limit 255, or it came from afar. RFC 6980: never in fragments.
std::vector<Case> discovery_cases() {
    std::vector<Case> cases;
    for (std::uint8_t type = 133; type <= 137; ++type) {
        const Octets message = icmp(type, 0, zeros(36));
        const auto add = [&](const std::string& name, const Ipv6& header, const Fate& fate) {
            Ipv6 discovery = header;
            discovery.src = "fe80::1";
            discovery.proto = 58;
            cases.push_back(
                {fmt::format("type {} {}", type, name), frame6(discovery, message), fate});
        };
        const Fate whole = type == 137 ? by_policy() : passed_by_builtin("builtin-nd");
        add("hop limit 255", {.hop_limit = 255}, whole);
        for (const std::uint8_t limit : {0, 1, 64, 254})
            add(fmt::format("hop limit {}", limit), {.hop_limit = limit}, refused("nd_bad"));
        add("behind destination options", {.hop_limit = 255, .chain = {destination_options()}},
            whole);
        add("behind an atomic fragment header", {.hop_limit = 255, .chain = {fragment_header()}},
            refused("nd_bad"));
        add("in a first fragment", {.hop_limit = 255, .chain = {fragment_header(0, true)}},
            refused("nd_bad"));
        cases.push_back({fmt::format("type {} in a VLAN", type),
                         ethernet({.tags = {{0x8100, 9}}, .type = 0x86dd},
                                  ipv6({.src = "fe80::1", .hop_limit = 255, .proto = 58}, message)),
                         whole});
    }
    return cases;
}

/// Where this number leads in IPv6, when a TCP header stands behind it.
const char* fate_of_extension(unsigned proto) {
    switch (proto) {
        case 0:
        case 43:
        case 51:
        case 60:
        case 135:
        case 139:
        case 140:
            return "truncated";  // octet 1 is the length, 92
        case 44:
            return "frag_bad";  // a later fragment, M set, 12 octets of payload
        default:
            return nullptr;
    }
}

/// Why a tunnel of that protocol falls that holds a TCP header, and no packet.
const char* reason_inside(unsigned proto) {
    if (proto == 4) return "bad_version";
    if (proto == 41) return "truncated";
    constexpr unsigned kCarriers[] = {47, 53, 55, 57, 94, 97, 98, 108, 115, 137, 143, 144};
    const bool carries =
        std::find(std::begin(kCarriers), std::end(kCarriers), proto) != std::end(kCarriers);
    return carries ? "tunnel" : nullptr;
}

/// TCP to port 443 is read as TCP behind protocol 6, and behind no other.
std::vector<Case> protocol_cases() {
    const Octets segment = tcp({.sport = 4444, .dport = 443});
    std::vector<Case> cases;
    for (const Family family : kFamilies)
        for (unsigned proto = 0; proto < 256; ++proto) {
            Fate fate = by_policy();
            if (proto == 6) fate = passed_by("web");
            if (proto == 17) fate = refused("bad_length");
            if (proto == 51) fate = refused("truncated");
            if (family == Family::ipv6 && fate_of_extension(proto))
                fate = refused(fate_of_extension(proto));
            const Octets frame = ip_frame(family, static_cast<std::uint8_t>(proto), segment);
            const auto name = fmt::format("{} protocol {}", name_of(family), proto);
            if (const char* inside = reason_inside(proto)) {
                cases.push_back({name, frame, looked_into(refused(inside)), kIngressHooks});
                cases.push_back({name + " out", frame, oddity("tunnel"), kEgressHooks});
                continue;
            }
            cases.push_back({name, frame, fate});
        }
    return cases;
}

/// Octets that imitate an extension header in front of TCP, behind numbers that are none.
std::vector<Case> imitation_cases() {
    const Octets imitation = Octets{6, 0, 1, 4, 0, 0, 0, 0} + tcp({.dport = 443});
    std::vector<Case> cases;
    for (const Family family : kFamilies)
        for (const std::uint8_t proto : {50, 59, 61, 89, 108, 115, 253, 254, 255}) {
            const Octets frame = ip_frame(family, proto, imitation);
            const auto name = fmt::format("{} protocol {}", name_of(family), proto);
            if (!reason_inside(proto)) {
                cases.push_back({name, frame, by_policy()});
                continue;
            }
            cases.push_back({name, frame, refused("tunnel"), kIngressHooks});
            cases.push_back({name + " out", frame, oddity("tunnel"), kEgressHooks});
        }
    for (const std::uint8_t proto : {0, 43, 44, 60, 135, 139, 140})
        cases.push_back({fmt::format("v4 protocol {}", proto),
                         ip_frame(Family::ipv4, proto, imitation), by_policy()});
    return cases;
}

}  // namespace

std::vector<Row> transport_rows() {
    std::vector<Row> rows = rows_of("zero port", zero_port_cases());
    append(rows, rows_of("udp length", udp_cases()));
    append(rows, rows_of("other ports", other_port_cases()));
    append(rows, rows_of("icmp", icmp_cases()));
    append(rows, rows_of("neighbour discovery", discovery_cases()));
    append(rows, rows_of("protocol", protocol_cases()));
    append(rows, rows_of("imitation", imitation_cases()));
    return rows;
}

}  // namespace yett::corpus
