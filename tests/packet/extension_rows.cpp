// SPDX-License-Identifier: GPL-2.0-or-later
// IPv6 extension headers: every order up to three, long chains, lengths that lie, routing headers.
#include <fmt/format.h>

#include "packet/row.hpp"

namespace yett::corpus {
namespace {

constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44, kAh = 51, kDestination = 60;

Octets chained(std::vector<Extension> chain, std::uint16_t port) {
    return frame6({.chain = std::move(chain)}, tcp({.dport = port}));
}

Extension extension_of(std::uint8_t kind) {
    switch (kind) {
        case kHopByHop:
            return hop_by_hop();
        case kRouting:
            return routing_header(3, 0);
        case kFragment:
            return fragment_header();
        case kAh:
            return authentication_header();
        default:
            return destination_options();
    }
}

/// Hop-by-hop stands first or nowhere (RFC 8200 4.1); a second fragment header is an attack. Read
/// from the left, the first fault decides.
const char* fault_of(const std::vector<std::uint8_t>& kinds) {
    int fragments = 0;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        if (kinds[i] == kHopByHop && i > 0) return "ext_bad";
        if (kinds[i] == kFragment && ++fragments > 1) return "frag_bad";
    }
    return nullptr;
}

void add_orders(std::vector<Case>& cases, const std::vector<std::uint8_t>& kinds) {
    std::vector<Extension> chain;
    std::string name;
    for (const std::uint8_t kind : kinds) {
        chain.push_back(extension_of(kind));
        name += fmt::format("{} ", kind);
    }
    for (const Probe& probe : probes())
        cases.push_back({fmt::format("headers {}port {}", name, probe.port),
                         chained(chain, probe.port),
                         fault_of(kinds) ? refused(fault_of(kinds)) : probe.fate});
    if (kinds.size() == 3) return;
    for (const std::uint8_t kind : {kHopByHop, kRouting, kFragment, kAh, kDestination}) {
        std::vector<std::uint8_t> longer = kinds;
        longer.push_back(kind);
        add_orders(cases, longer);
    }
}

std::vector<Case> order_cases() {
    std::vector<Case> cases;
    add_orders(cases, {});
    return cases;
}

/// Sixteen are walked (RFC 8504 5.3 lets hosts limit them); one more drops, and so does any number
/// beyond.
std::vector<Case> count_cases(const char* beyond) {
    std::vector<Case> cases;
    for (int count = 0; count <= 300; ++count)
        for (const Probe& probe : probes()) {
            if (probe.port == 9999 && count > 20) continue;
            const std::vector<Extension> chain(count, destination_options());
            Case one = {fmt::format("{} destination options, port {}", count, probe.port),
                        chained(chain, probe.port), probe.fate};
            // With the exception the rules see a packet whose transport nobody can read.
            if (count > 16 && beyond) one.fate = refused(beyond);
            if (count > 16 && !beyond) {
                one.fate = dropped_by("no-ssh");
                one.also = {"reason ext_too_long passed"};
            }
            cases.push_back(std::move(one));
        }
    for (const std::uint8_t kind :
         {kRouting, kAh, std::uint8_t{135}, std::uint8_t{139}, std::uint8_t{140}})
        for (const int count : {1, 15, 16, 17, 130}) {
            Extension one = extension_of(kind);
            one.kind = kind;
            Case row = {fmt::format("{} headers {}, port 443", count, kind),
                        chained(std::vector<Extension>(count, one), 443), passed_by("web")};
            if (count > 16) row.fate = beyond ? refused(beyond) : dropped_by("no-ssh");
            if (count > 16 && !beyond) row.also = {"reason ext_too_long passed"};
            cases.push_back(std::move(row));
        }
    return cases;
}

/// The largest headers there are, whole; and every length without the octets for it.
std::vector<Case> length_cases() {
    std::vector<Case> cases;
    for (const std::uint8_t kind : {kHopByHop, kRouting, kAh, kDestination}) {
        for (const unsigned length : {1u, 2u, 3u, 7u, 31u, 63u, 127u, 254u, 255u}) {
            const std::size_t size = kind == kAh ? (length + 2) * 4 : (length + 1) * 8;
            if (size % 8) continue;
            Extension one = extension_of(kind);
            // Options of at most 255 octets: PadN after PadN.
            one.body = kind == kRouting ? Octets{3, 0} : Octets{};
            while (kind != kRouting && kind != kAh && one.body.size() < size - 2) {
                const std::size_t rest = std::min<std::size_t>(size - 2 - one.body.size(), 257);
                one.body =
                    one.body +
                    (rest == 1 ? Octets{0} : sized({1, static_cast<std::uint8_t>(rest - 2)}, rest));
            }
            one.body = sized(one.body, size - 2);
            for (const Probe& probe : probes())
                cases.push_back(
                    {fmt::format("header {} of length {}, port {}", kind, length, probe.port),
                     chained({one}, probe.port), probe.fate});
        }
        for (const unsigned length : {6u, 7u, 16u, 63u, 64u, 127u, 128u, 191u, 254u, 255u}) {
            Extension one = kind == kDestination || kind == kHopByHop ? extension_of(kind)
                                                                      : Extension{.kind = kind};
            if (kind == kRouting) one.body = {3, 0};
            one.length = length + (kind == kAh ? 8 : 0);
            if (*one.length > 255) continue;
            cases.push_back({fmt::format("header {} claims length {}", kind, *one.length),
                             chained({one}, 443), refused("truncated")});
        }
    }
    return cases;
}

/// Three headers of 2048 octets: offsets far beyond 8 bits, and behind the linear part of a frame.
std::vector<Case> long_cases() {
    std::vector<Case> cases;
    const Extension longest = {.kind = kDestination, .body = zeros(2046)};
    for (const int count : {1, 2, 3, 4})
        for (const Probe& probe : probes())
            cases.push_back({fmt::format("{} headers of 2048 octets, port {}", count, probe.port),
                             chained(std::vector<Extension>(count, longest), probe.port),
                             probe.fate,
                             count == 1 ? std::vector<Hook>{} : std::vector{Hook::xdp_ingress}});
    return cases;
}

std::vector<Case> routing_cases() {
    std::vector<Case> cases;
    for (const std::uint8_t type : {0, 1, 2, 3, 4, 253, 255})
        for (const std::uint8_t left : {0, 1, 255})
            for (const Probe& probe : probes()) {
                Fate fate = left ? suspect(probe, "routing_header") : probe.fate;
                if (type == 0) fate = refused("source_route");
                cases.push_back(
                    {fmt::format("type {}, {} segments left, port {}", type, left, probe.port),
                     chained({routing_header(type, left)}, probe.port), fate});
                cases.push_back(
                    {fmt::format("type {}, {} segments left, behind options, port {}", type, left,
                                 probe.port),
                     chained({hop_by_hop(), destination_options(), routing_header(type, left)},
                             probe.port),
                     fate});
            }
    return cases;
}

/// Jumbograms, payload lengths that lie, and hop-by-hop options that overrun their header.
std::vector<Case> header_cases() {
    std::vector<Case> cases;
    const Extension jumbo = {.kind = kHopByHop, .body = Octets{0xc2, 4} + be32(70000)};
    for (const Probe& probe : probes()) {
        const Octets segment = tcp({.dport = probe.port});
        const auto add = [&](const std::string& name, Octets frame, const Fate& fate) {
            cases.push_back({fmt::format("{}, port {}", name, probe.port), std::move(frame), fate});
        };
        add("jumbogram", frame6({.chain = {jumbo}, .payload_length = 0}, segment),
            refused("bad_length"));
        for (unsigned length = 0; length < 20; ++length)
            add(fmt::format("payload length {}", length),
                sized(frame6({.payload_length = length}, segment), 80), refused("truncated"));
        for (const unsigned length : {20u, 21u, 26u})
            add(fmt::format("payload length {}", length),
                sized(frame6({.payload_length = length}, segment), 80), probe.fate);
        for (const unsigned length : {27u, 1500u, 65535u})
            add(fmt::format("payload length {}", length),
                sized(frame6({.payload_length = length}, segment), 80), refused("bad_length"));
        add("hop limit 0", frame6({.hop_limit = 0}, segment), probe.fate);
        add("traffic class 255", frame6({.traffic_class = 255}, segment), probe.fate);
        add("router alert", chained({{.kind = kHopByHop, .body = {5, 2, 0, 0, 1, 0}}}, probe.port),
            probe.fate);
        add("no next header", frame6({.proto = 59}, segment), by_policy());
        add("ESP", frame6({.proto = 50}, segment), by_policy());
    }
    cases.push_back({"no next header, nothing behind", frame6({.proto = 59}, {}), by_policy()});
    return cases;
}

}  // namespace

std::vector<Row> extension_rows() {
    std::vector<Row> rows = rows_of("extension order", order_cases());
    append(rows, rows_of("extension count", count_cases("ext_too_long")));
    append(rows, rows_of("extension count excepted", count_cases(nullptr),
                         R"("exceptions": {"ext_too_long": "pass"})"));
    append(rows, rows_of("extension length", length_cases()));
    append(rows, rows_of("extension long", long_cases()));
    append(rows, rows_of("routing header", routing_cases()));
    append(rows, rows_of("ipv6 header", header_cases()));
    return rows;
}

}  // namespace yett::corpus
