// SPDX-License-Identifier: GPL-2.0-or-later
// One level into tunnels: what is inside is judged by the same rules, and what hides it is dropped.
#include <fmt/format.h>

#include "packet/row.hpp"

namespace yett::corpus {
namespace {

constexpr const char* kInspect = R"("inspect": ["ipip", "gre", "vxlan", "geneve", "gue", "mpls"])";
/// Ports of the operator's own, in place of the usual ones of two tunnels.
constexpr const char* kPorts = R"(, "tunnel_ports": {"vxlan": [4444, 4445], "gue": 5555})";

/// The outer packets pass by a rule, under either policy.
constexpr const char* kPassed = R"({"name": "tunnels", "match": {"proto": [4, 41, 47, 137]},
   "action": "pass"},
  {"name": "labels", "match": {"ethertype": [34887, 34888]}, "action": "pass"},
  {"name": "udp-tunnels",
   "match": {"proto": "udp", "dport": [4444, 4445, 4789, 5555, 6080, 6081, 8472]},
   "action": "pass"},
  )";

std::vector<Row> inspected(const std::string& subject, const std::vector<Case>& cases,
                           const std::string& more = "") {
    std::vector<Row> rows = rows_of(subject, cases, kInspect + more);
    for (Row& row : rows)
        row.ruleset.insert(row.ruleset.find(R"({"name": "dns")"), kPassed);
    return rows;
}

Octets bridged(Family inner, const Octets& packet) {
    return ethernet({.type = ethertype_of(inner)}, packet);
}

Octets over_udp(Family outer, std::uint16_t port, const Octets& payload) {
    return ip_frame(outer, 17, udp({.dport = port, .payload = payload}));
}

std::uint8_t number_of(Family inner) {
    return inner == Family::ipv4 ? 4 : 41;
}

struct Carried {
    std::string name;
    Octets frame;
};

/// Every way to carry `packet` that a host with the tunnel's device would open.
std::vector<Carried> carried(Family outer, Family inner, const Octets& packet) {
    const Octets type = be16(ethertype_of(inner)), frame = bridged(inner, packet);
    const std::uint8_t proto = number_of(inner);
    std::vector<Carried> all = {
        {"IP in IP", ip_frame(outer, proto, packet)},
        {"GRE of frames", ip_frame(outer, 47, be16(0) + be16(0x6558) + frame)},
        {"VXLAN", over_udp(outer, 4789, Octets{8, 0, 0, 0, 0, 0, 1, 0} + frame)},
        {"VXLAN with a group policy",
         over_udp(outer, 4789, Octets{0x88, 0, 0, 7, 0, 0, 1, 0} + frame)},
        {"Geneve of frames", over_udp(outer, 6081, Octets{0, 0, 0x65, 0x58, 0, 0, 1, 0} + frame)},
        {"VXLAN on Linux' port", over_udp(outer, 8472, Octets{8, 0, 0, 0, 0, 0, 1, 0} + frame)},
        {"GUE, variant 1", over_udp(outer, 6080, packet)},
    };
    for (const std::size_t depth : {1u, 2u, 8u}) {
        const Octets stack = mpls(depth, packet);
        all.push_back({fmt::format("{} labels in IP", depth), ip_frame(outer, 137, stack)});
        if (outer != Family::ipv4) continue;
        for (const std::uint16_t type : {0x8847, 0x8848}) {
            all.push_back({fmt::format("{} labels of {:04x}", depth, type),
                           ethernet({.type = type}, stack + zeros(24))});
            all.push_back({fmt::format("{} labels of {:04x}, tagged", depth, type),
                           ethernet({.tags = {{0x88a8, 5}, {0x8100, 6}}, .type = type}, stack)});
        }
        all.push_back(
            {fmt::format("{} labels in a PPPoE session", depth),
             ethernet({.type = 0x8864}, be16(0x1100) + be16(1) +
                                            be16(static_cast<unsigned>(stack.size()) + 2) +
                                            be16(0x0281) + stack + zeros(24))});
    }
    for (const unsigned flags : {0x0000, 0x8000, 0x2000, 0x1000, 0xa000, 0xb000}) {
        const std::size_t options = (flags >> 15 & 1) + (flags >> 13 & 1) + (flags >> 12 & 1);
        all.push_back({fmt::format("GRE, flags {:04x}", flags),
                       ip_frame(outer, 47, be16(flags) + type + zeros(4 * options) + packet)});
    }
    for (const std::size_t words : {0u, 1u, 63u})
        all.push_back({fmt::format("Geneve, {} words of options", words),
                       over_udp(outer, 6081,
                                Octets{static_cast<std::uint8_t>(words), 0} + type +
                                    zeros(4 + 4 * words) + packet)});
    for (const std::size_t words : {0u, 1u, 31u})
        all.push_back({fmt::format("GUE, {} words of options", words),
                       over_udp(outer, 6080,
                                Octets{static_cast<std::uint8_t>(words), proto, 0, 0} +
                                    zeros(4 * words) + packet)});
    return all;
}

std::vector<Case> opened_cases() {
    std::vector<Case> cases;
    for (const Family outer : kFamilies)
        for (const Family inner : kFamilies)
            for (const Probe& probe : probes())
                for (Carried& one : carried(outer, inner, ip(inner, 6, tcp({.dport = probe.port}))))
                    cases.push_back({fmt::format("{} in {}, {} inside, port {}", one.name,
                                                 name_of(outer), name_of(inner), probe.port),
                                     std::move(one.frame), probe.fate});
    return cases;
}

/// Behind the outer packet: nobody may take it for the rest of the inner one.
constexpr std::size_t kPadding = 24;

/// What is wrong inside is found inside.
std::vector<Case> inner_cases() {
    struct Inner {
        const char* name;
        Octets packet;
        Fate fate;
        std::vector<Hook> hooks = {};
    };
    const Octets segment = tcp({.dport = 443});
    const Inner inners[] = {
        {"a blocked source", ipv4({.src = "198.51.100.3"}, segment), dropped_by("blocked")},
        {"a loopback source", ipv4({.src = "127.0.0.1"}, segment), refused("martian"),
         kIngressHooks},
        {"options", ipv4({.options = Octets(8, 1)}, tcp({.dport = 22})), dropped_by("no-ssh")},
        {"a source route", ipv4({.options = {131, 3, 4}}, segment), refused("source_route")},
        {"version 6 under protocol 4", ipv4({.version = 6}, segment), refused("bad_version")},
        {"a total length beyond the tunnel", ipv4({.total_length = 60}, segment),
         refused("bad_length")},
        {"a later fragment", ipv4({.fragment = 185}, segment), refused("frag_later")},
        {"a tiny fragment", ipv4({.fragment = 0x2000}, sized(segment, 8)), refused("frag_tiny")},
        {"no flags", ipv4({}, tcp({.dport = 443, .flags = 0})), refused("tcp_flags")},
        {"another tunnel", ipv4({.proto = 4}, ipv4({}, segment)), refused("tunnel")},
        {"another GRE tunnel", ipv4({.proto = 47}, be16(0) + be16(0x0800) + ipv4({}, segment)),
         refused("tunnel")},
        {"half a header", sized(ipv4({}, segment), 12), refused("bad_length")},
        {"half a TCP header", ipv4({}, sized(segment, 10)), refused("truncated")},
    };
    std::vector<Case> cases;
    for (const Family outer : kFamilies)
        for (const Inner& inner : inners) {
            const auto add = [&](const char* tunnel, Octets frame) {
                cases.push_back(
                    {fmt::format("{} in {} with {}", tunnel, name_of(outer), inner.name),
                     frame + zeros(kPadding), inner.fate, inner.hooks});
            };
            add("IP in IP", ip_frame(outer, 4, inner.packet));
            // Labels have no length and name no version: what lies about those lies elsewhere.
            const std::string name = inner.name;
            if (outer == Family::ipv4 && name.find("version") == name.npos &&
                name.find("length") == name.npos)
                add("MPLS", ethernet({.type = 0x8847}, mpls(2, inner.packet)));
            add("VXLAN",
                over_udp(outer, 4789,
                         Octets{8, 0, 0, 0, 0, 0, 1, 0} + bridged(Family::ipv4, inner.packet)));
        }
    return cases;
}

/// Headers that a host reads otherwise than we would, or that say "this is no packet of yours".
std::vector<Case> closed_cases() {
    std::vector<Case> cases;
    for (const Family outer : kFamilies) {
        const Octets packet = ipv4({}, tcp({.dport = 443})), frame = bridged(Family::ipv4, packet);
        const Octets tag = ethernet({.tags = {{0x8100, 5}}, .type = 0x0800}, packet);
        const auto add = [&](const std::string& name, Octets whole) {
            cases.push_back({fmt::format("{} in {}", name, name_of(outer)), std::move(whole),
                             refused("tunnel")});
        };
        for (const unsigned flags : {0x4000, 0x0800, 0x0001, 0x0002, 0x0007, 0x0100, 0x0008})
            add(fmt::format("GRE, flags {:04x}", flags),
                ip_frame(outer, 47, be16(flags) + be16(0x0800) + packet));
        for (const unsigned type : {0x0806, 0x8847, 0x883e, 0x88be, 0x22eb, 0x0000})
            add(fmt::format("GRE of ethertype {:04x}", type),
                ip_frame(outer, 47, be16(0) + be16(type) + packet));
        add("GRE whose key is cut off", ip_frame(outer, 47, be16(0x2000) + be16(0x6558)));
        add("GRE of a tagged frame", ip_frame(outer, 47, be16(0) + be16(0x6558) + tag));
        add("GRE of a frame with a length",
            ip_frame(outer, 47, be16(0) + be16(0x6558) + ethernet({.type = 40}, packet)));
        for (const std::uint8_t flags : {0x00, 0x04, 0x0c, 0x28, 0x09, 0x48})
            add(fmt::format("VXLAN, flags {:02x}", flags),
                over_udp(outer, 4789, Octets{flags, 0, 0, 0, 0, 0, 1, 0} + frame));
        add("VXLAN of a tagged frame", over_udp(outer, 4789, Octets{8, 0, 0, 0, 0, 0, 1, 0} + tag));
        add("VXLAN, half a header", over_udp(outer, 4789, {8, 0, 0, 0}));
        add("Geneve, version 1", over_udp(outer, 6081, Octets{0x40, 0, 8, 0, 0, 0, 1, 0} + packet));
        add("Geneve, options beyond the end",
            over_udp(outer, 6081, Octets{63, 0, 0x65, 0x58, 0, 0, 1, 0} + frame));
        add("GUE control message", over_udp(outer, 6080, Octets{0x20, 4, 0, 0} + packet));
        add("GUE of UDP", over_udp(outer, 6080, Octets{0, 17, 0, 0} + packet));
        for (const std::uint8_t variant : {0x80, 0xc0})
            add(fmt::format("GUE, variant {}", variant >> 6),
                over_udp(outer, 6080, Octets{variant, 4, 0, 0} + packet));
        for (const std::size_t depth : {9u, 64u})
            add(fmt::format("{} labels", depth), ip_frame(outer, 137, mpls(depth, packet)));
        add("labels without a last one", ip_frame(outer, 137, be32(0x10040) + be32(0x11040)));
        add("a pseudowire", ip_frame(outer, 137, mpls(1, zeros(4) + frame)));
        add("labels around nothing", ip_frame(outer, 137, mpls(1, {})));
        add("labels around IP version 5", ip_frame(outer, 137, mpls(1, ipv4({.version = 5}, {}))));
        add("a first fragment of IP in IP",
            outer == Family::ipv4
                ? frame4({.proto = 4, .fragment = 0x2000}, packet)
                : frame6({.chain = {fragment_header(0, true)}, .proto = 4}, packet));
    }
    return cases;
}

/// Where the ruleset names the ports, it is those and no others.
std::vector<Case> port_cases() {
    std::vector<Case> cases;
    for (const Family outer : kFamilies)
        for (const Probe& probe : probes()) {
            const Octets packet = ip(Family::ipv4, 6, tcp({.dport = probe.port}));
            const Octets vxlan = Octets{8, 0, 0, 0, 0, 0, 1, 0} + bridged(Family::ipv4, packet);
            const auto add = [&](std::uint16_t port, const Octets& payload, const Fate& fate) {
                cases.push_back(
                    {fmt::format("port {} in {}, port {} inside", port, name_of(outer), probe.port),
                     over_udp(outer, port, payload), fate});
            };
            for (const std::uint16_t port : {4444, 4445})
                add(port, vxlan, probe.fate);
            for (const std::uint16_t port : {4789, 8472})
                add(port, vxlan, passed_by("udp-tunnels"));
            add(5555, packet, probe.fate);
            add(6080, packet, passed_by("udp-tunnels"));
            add(6081, Octets{0, 0, 0x65, 0x58, 0, 0, 1, 0} + bridged(Family::ipv4, packet),
                probe.fate);
        }
    return cases;
}

}  // namespace

std::vector<Row> inspect_rows() {
    std::vector<Row> rows = inspected("inspect", opened_cases());
    append(rows, inspected("inspect inner", inner_cases()));
    append(rows, inspected("inspect closed", closed_cases()));
    append(rows, inspected("inspect ports", port_cases(), kPorts));
    return rows;
}

}  // namespace yett::corpus
