// SPDX-License-Identifier: GPL-2.0-or-later
// Fragments: first, later, tiny, bad, atomic, and several fragment headers.
#include <fmt/format.h>

#include "packet/row.hpp"

namespace yett::corpus {
namespace {

/// A fragment of the corpus' usual packet. `offset` in octets.
Octets fragment(Family family, unsigned offset, bool more, const Octets& payload,
                std::uint8_t proto = 6, const std::string& source4 = kSource4) {
    if (family == Family::ipv4) {
        const auto field = static_cast<std::uint16_t>(offset / 8 | (more ? 0x2000 : 0));
        return frame4({.src = source4, .proto = proto, .fragment = field}, payload);
    }
    return frame6({.chain = {fragment_header(offset, more)}, .proto = proto}, payload);
}

std::vector<Case> first_cases() {
    std::vector<Case> cases;
    for (const Family family : kFamilies) {
        for (const Probe& probe : probes()) {
            const Octets segment = tcp({.dport = probe.port, .payload = zeros(4)});
            const auto name = fmt::format("{} port {}", name_of(family), probe.port);
            cases.push_back(
                {"whole TCP header " + name, fragment(family, 0, true, segment), probe.fate});
            cases.push_back({"1480 octets " + name, fragment(family, 0, true, sized(segment, 1480)),
                             probe.fate});
            for (const std::size_t size : {8u, 16u})
                cases.push_back({fmt::format("{} octets of TCP {}", size, name),
                                 fragment(family, 0, true, sized(segment, size)),
                                 refused("frag_tiny")});
            const Octets options = tcp({.dport = probe.port, .doff = 8, .payload = zeros(4)});
            cases.push_back({"TCP options in the next one " + name,
                             fragment(family, 0, true, options), refused("frag_tiny")});
            for (const std::size_t size : {1u, 7u, 20u, 21u, 25u, 31u})
                cases.push_back({fmt::format("{} octets, more to come, {}", size, name),
                                 fragment(family, 0, true, sized(segment, size)),
                                 refused("frag_bad")});
            cases.push_back({"empty, more to come, " + name, fragment(family, 0, true, {}),
                             refused("frag_bad")});
        }
        const Octets datagram = udp({.dport = 53, .length = 3000, .payload = zeros(8)});
        cases.push_back({fmt::format("UDP whose length is the datagram's {}", name_of(family)),
                         fragment(family, 0, true, datagram, 17), passed_by("dns")});
        cases.push_back({fmt::format("UDP header alone {}", name_of(family)),
                         fragment(family, 0, true, sized(datagram, 8), 17), passed_by("dns")});
    }
    return cases;
}

std::vector<Case> later_cases() {
    std::vector<Case> cases;
    for (const Family family : kFamilies)
        for (const Probe& probe : probes())
            for (const unsigned offset : {8u, 16u, 24u, 32u, 64u, 1480u, 32768u, 65000u}) {
                const Octets segment = tcp({.dport = probe.port, .payload = zeros(4)});
                // RFC 3128: at offset 8 a fragment writes over the flags of a TCP header.
                const bool overwrites = offset == 8;
                for (const bool more : {false, true})
                    cases.push_back({fmt::format("{} offset {}{} imitates port {}", name_of(family),
                                                 offset, more ? ", more to come," : "", probe.port),
                                     fragment(family, offset, more, segment),
                                     refused(overwrites ? "frag_bad" : "frag_later")});
            }
    for (const Family family : kFamilies) {
        for (const std::uint8_t proto : {1, 17, 58, 89, 132, 136})
            for (const unsigned offset : {8u, 1480u})
                cases.push_back(
                    {fmt::format("{} protocol {} offset {}", name_of(family), proto, offset),
                     fragment(family, offset, false, zeros(24), proto), refused("frag_later")});
        cases.push_back({fmt::format("{} empty, last", name_of(family)),
                         fragment(family, 1480, false, {}), refused("frag_later")});
        cases.push_back({fmt::format("{} 21 octets, last", name_of(family)),
                         fragment(family, 1480, false, zeros(21)), refused("frag_later")});
        cases.push_back({fmt::format("{} 21 octets, more to come", name_of(family)),
                         fragment(family, 1480, true, zeros(21)), refused("frag_bad")});
        for (const unsigned offset : {65512u, 65528u})
            cases.push_back({fmt::format("{} offset {} ends beyond 65535", name_of(family), offset),
                             fragment(family, offset, false, zeros(64)), refused("frag_bad")});
    }
    return cases;
}

/// With "exceptions": {"frag_later": "pass"} the rules judge what can be read: addresses, and the
/// protocol in IPv4. A drop rule that names a port matches, a pass rule that names one does not.
std::vector<Case> excepted_cases() {
    const std::vector<std::string> passed = {"reason frag_later passed"};
    const Octets segment = tcp({.dport = 443, .payload = zeros(4)});
    const Octets datagram = udp({.dport = 53, .payload = zeros(16)});
    const Family v4 = Family::ipv4, v6 = Family::ipv6;
    return {
        {"v4 TCP imitates 443",
         fragment(v4, 1480, false, segment),
         dropped_by("no-ssh"),
         {},
         passed},
        {"v4 TCP offset 8", fragment(v4, 8, false, segment), refused("frag_bad")},
        {"v4 UDP imitates 53", fragment(v4, 1480, false, datagram, 17), by_policy(), {}, passed},
        {"v4 UDP offset 8", fragment(v4, 8, false, datagram, 17), by_policy(), {}, passed},
        {"v4 echo", fragment(v4, 1480, false, icmp(8, 0), 1), by_policy(), {}, passed},
        {"v4 from a blocked source",
         fragment(v4, 1480, false, datagram, 17, "198.51.100.3"),
         dropped_by("blocked"),
         {},
         passed},
        // The next header of a later IPv6 fragment is a claim about another packet.
        {"v6 TCP imitates 443",
         fragment(v6, 1480, false, segment),
         dropped_by("no-ssh"),
         {},
         passed},
        {"v6 TCP offset 8", fragment(v6, 8, false, segment), refused("frag_bad")},
        {"v6 UDP imitates 53",
         fragment(v6, 1480, false, datagram, 17),
         dropped_by("no-ssh"),
         {},
         passed},
    };
}

Octets chain6(std::vector<Extension> chain, const Octets& payload, std::uint8_t proto = 6) {
    return frame6({.chain = std::move(chain), .proto = proto}, payload);
}

/// RFC 6946: nothing is missing, so it is judged as if the header were not there.
std::vector<Case> atomic_cases() {
    std::vector<Case> cases;
    for (const Probe& probe : probes()) {
        const Octets segment = tcp({.dport = probe.port});
        const auto add = [&](const char* name, std::vector<Extension> chain) {
            cases.push_back({fmt::format("{}, port {}", name, probe.port),
                             chain6(std::move(chain), segment), probe.fate});
        };
        add("alone", {fragment_header()});
        add("behind hop-by-hop", {hop_by_hop(), fragment_header()});
        add("before destination options", {fragment_header(), destination_options()});
        Extension reserved = fragment_header();
        reserved.length = 0xff;
        add("reserved octet set", {reserved});
        add("reserved bits set", {fragment_header(6)});
        // IPv4 has no atomic fragments: neither MF nor an offset is no fragment at all.
    }
    cases.push_back({"neighbour solicitation behind one (RFC 6980)",
                     frame6({.hop_limit = 255, .chain = {fragment_header()}, .proto = 58},
                            icmp(135, 0, zeros(20))),
                     refused("nd_bad")});
    return cases;
}

std::vector<Case> several_cases() {
    std::vector<Case> cases;
    for (const int count : {2, 3, 5, 16, 17, 130})
        for (const Probe& probe : probes()) {
            const std::vector<Extension> atomic(count, fragment_header());
            const std::vector<Extension> first(count, fragment_header(0, true));
            const Octets segment = tcp({.dport = probe.port, .payload = zeros(4)});
            cases.push_back({fmt::format("{} atomic, port {}", count, probe.port),
                             chain6(atomic, segment), refused("frag_bad")});
            cases.push_back({fmt::format("{} first, port {}", count, probe.port),
                             chain6(first, segment), refused("frag_bad")});
        }
    const Octets segment = tcp({.payload = zeros(4)});
    cases.push_back(
        {"atomic, options, first (CVE-2023-4809)",
         chain6({fragment_header(), destination_options(), fragment_header(0, true)}, segment),
         refused("frag_bad")});
    cases.push_back({"first, later",
                     chain6({fragment_header(0, true), fragment_header(8)}, segment),
                     refused("frag_bad")});
    cases.push_back({"later, first: the first decides",
                     chain6({fragment_header(8), fragment_header(0, true)}, segment),
                     refused("frag_later")});
    cases.push_back({"later with headers of its own (CVE-2019-5597)",
                     chain6({hop_by_hop(), destination_options(), fragment_header(1480)}, segment),
                     refused("frag_later")});
    return cases;
}

/// RFC 7112: a first fragment holds the whole chain of headers.
std::vector<Case> cut_chain_cases() {
    std::vector<Case> cases;
    const Extension large = {.kind = 60, .body = zeros(62)};
    const Octets whole = chain6({fragment_header(0, true), large}, tcp({.payload = zeros(4)}));
    constexpr std::size_t kHeaders = 14 + 40 + 8;
    for (std::size_t size = kHeaders + 8; size <= kHeaders + 80; size += 8) {
        Octets frame = sized(whole, size);
        frame[14 + 5] = static_cast<std::uint8_t>(size - 14 - 40);
        cases.push_back({fmt::format("ends {} octets behind the fragment header", size - kHeaders),
                         frame, refused("frag_tiny")});
    }
    cases.push_back({"complete", whole, passed_by("web")});
    return cases;
}

}  // namespace

std::vector<Row> fragment_rows() {
    std::vector<Row> rows = rows_of("fragment first", first_cases());
    append(rows, rows_of("fragment later", later_cases()));
    append(rows, rows_of("fragment later excepted", excepted_cases(),
                         R"("exceptions": {"frag_later": "pass"})"));
    append(rows, rows_of("fragment atomic", atomic_cases()));
    append(rows, rows_of("fragment headers", several_cases()));
    append(rows, rows_of("fragment cut chain", cut_chain_cases()));
    return rows;
}

}  // namespace yett::corpus
