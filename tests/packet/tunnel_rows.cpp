// SPDX-License-Identifier: GPL-2.0-or-later
// Packets inside packets: what a rule would drop, carried where nobody looks.
#include <fmt/format.h>

#include "packet/row.hpp"

namespace yett::corpus {
namespace {

const Octets kGre4 = {0, 0, 0x08, 0}, kGre6 = {0, 0, 0x86, 0xdd}, kGreBridge = {0, 0, 0x65, 0x58};

struct Tunnel {
    const char* name;
    std::uint8_t proto;
    Octets before;  ///< between the outer header and the inner packet
    bool bridged = false;
};

Octets inner_of(const Tunnel& tunnel, Family inner, std::uint16_t port) {
    const Octets packet = ip(inner, 6, tcp({.dport = port}));
    return tunnel.before +
           (tunnel.bridged ? ethernet({.type = ethertype_of(inner)}, packet) : packet);
}

/// Protocols whose only use is to carry other packets.
std::vector<Case> protocol_cases(bool excepted) {
    std::vector<Case> cases;
    for (const Family outer : kFamilies)
        for (const Family inner : kFamilies) {
            const bool v4 = inner == Family::ipv4;
            const Tunnel tunnels[] = {
                {"IP in IP", static_cast<std::uint8_t>(v4 ? 4 : 41), {}},
                {"GRE", 47, v4 ? kGre4 : kGre6},
                {"GRE of frames", 47, kGreBridge, true},
                {"EtherIP", 97, {0x30, 0}, true},
                {"MPLS in IP", 137, {0, 0, 0x11, 64}},
                {"SwIPe", 53, {0, 1, 0, 0}},
                {"minimal encapsulation", 55, {6, 0, 0, 0, 192, 0, 2, 7}},
                {"SKIP", 57, {0, 4, 0, 0}},
                {"IPIP of BEET", 94, {}},
                {"encapsulation header", 98, {0, 0, 0, 0}},
                {"IPComp", 108, {static_cast<std::uint8_t>(v4 ? 4 : 41), 0, 0, 2}},
                {"L2TPv3", 115, {0, 0, 0, 1}, true},
                {"L2TPv3 with a cookie", 115, {0, 0, 0, 1, 1, 2, 3, 4}, true},
                {"Ethernet", 143, {}, true},
                {"AGGFRAG", 144, {0, 0, 0, 0}},
            };
            for (const Tunnel& tunnel : tunnels)
                for (const Probe& probe : probes()) {
                    const auto name = fmt::format("{} in {}, {} inside, port {}", tunnel.name,
                                                  name_of(outer), name_of(inner), probe.port);
                    const Octets frame =
                        ip_frame(outer, tunnel.proto, inner_of(tunnel, inner, probe.port));
                    if (excepted) {
                        cases.push_back({name, frame, by_policy(), {}, {"reason tunnel passed"}});
                        continue;
                    }
                    const bool read = tunnel.proto == 4 || tunnel.proto == 41 ||
                                      tunnel.proto == 47 || tunnel.proto == 137;
                    cases.push_back({name, frame,
                                     read ? looked_into(probe.fate) : refused("tunnel"),
                                     kIngressHooks});
                    cases.push_back({name + ", out", frame, oddity("tunnel"), kEgressHooks});
                }
        }
    return cases;
}

std::vector<Case> nested_cases() {
    std::vector<Case> cases;
    for (const std::uint16_t port : {22, 443})
        for (const int depth : {2, 3, 10}) {
            Octets packet = ipv4({}, tcp({.dport = port}));
            for (int i = 0; i < depth; ++i)
                packet = ipv4({.proto = 4}, packet);
            cases.push_back({fmt::format("{} times IP in IP, port {}", depth, port),
                             ethernet({.type = 0x0800}, packet), refused("tunnel"), kIngressHooks});
            Octets six = ipv6({}, tcp({.dport = port}));
            for (int i = 0; i < depth; ++i)
                six = i % 2 ? ipv6({.proto = 4}, six) : ipv4({.proto = 41}, six);
            if (depth % 2 == 0)
                cases.push_back({fmt::format("{} times 6in4, 4in6, port {}", depth, port),
                                 ethernet({.type = 0x86dd}, six), refused("tunnel"),
                                 kIngressHooks});
        }
    for (const Probe& probe : probes()) {
        const Octets inner = ipv6({}, tcp({.dport = probe.port}));
        cases.push_back(
            {fmt::format("6in6 behind options, port {}", probe.port),
             frame6({.chain = {hop_by_hop(), destination_options()}, .proto = 41}, inner),
             looked_into(probe.fate), kIngressHooks});
        cases.push_back({fmt::format("truncated inner header, port {}", probe.port),
                         ip_frame(Family::ipv4, 41, sized(inner, 30)),
                         looked_into(refused("truncated")), kIngressHooks});
    }
    return cases;
}

/// Tunnels over UDP are UDP: a rule for their port judges them, and no rule of the inner packet
/// does.
std::vector<Case> udp_cases() {
    std::vector<Case> cases;
    struct UdpTunnel {
        const char* name;
        std::uint16_t port;
        Octets before;
        bool bridged;
    };
    const UdpTunnel tunnels[] = {
        {"VXLAN on Linux' port", 8472, {8, 0, 0, 0, 0, 0, 1, 0}, true},
        {"VXLAN", 4789, {8, 0, 0, 0, 0, 0, 1, 0}, true},
        {"Geneve", 6081, {0, 0, 0x65, 0x58, 0, 0, 1, 0}, true},
        {"GUE", 6080, {0, 4, 0, 0}, false},
        {"FOU", 5555, {}, false},
        {"L2TP", 1701, {0x40, 2, 0, 12, 0, 1, 0, 1}, true},
        {"Teredo", 3544, {}, false},
        {"GTP-U", 2152, {0x30, 0xff, 0, 40, 0, 0, 0, 1}, false},
    };
    for (const Family outer : kFamilies)
        for (const Family inner : kFamilies)
            for (const UdpTunnel& tunnel : tunnels)
                for (const Probe& probe : probes()) {
                    const Octets payload = inner_of(
                        {tunnel.name, 17, tunnel.before, tunnel.bridged}, inner, probe.port);
                    cases.push_back(
                        {fmt::format("{} in {}, {} inside, port {}", tunnel.name, name_of(outer),
                                     name_of(inner), probe.port),
                         ip_frame(outer, 17, udp({.dport = tunnel.port, .payload = payload})),
                         by_policy()});
                }
    return cases;
}

}  // namespace

std::vector<Row> tunnel_rows() {
    std::vector<Row> rows = rows_of("tunnel", protocol_cases(false));
    append(rows,
           rows_of("tunnel excepted", protocol_cases(true), R"("exceptions": {"tunnel": "pass"})"));
    append(rows, rows_of("tunnel nested", nested_cases()));
    append(rows, rows_of("tunnel over udp", udp_cases()));
    return rows;
}

}  // namespace yett::corpus
