// SPDX-License-Identifier: GPL-2.0-or-later
// The template frames.
#include "packet/templates.hpp"

namespace yett::corpus {
namespace {

Octets vlan(std::vector<Tag> tags, Family family, const Octets& packet) {
    return ethernet({.tags = std::move(tags), .type = ethertype_of(family)}, packet);
}

void add_plain(std::vector<Template>& all, Family family) {
    const std::string name = name_of(family);
    const bool v4 = family == Family::ipv4;
    const auto add = [&](const char* what, std::uint8_t proto, const Octets& payload) {
        all.push_back({name + " " + what, ip_frame(family, proto, payload)});
    };
    add("TCP 443", 6, tcp({.payload = zeros(32)}));
    add("TCP 22", 6, tcp({.dport = 22}));
    add("TCP 443 with options", 6, tcp({.options = Octets(20, 1), .payload = zeros(10)}));
    add("UDP 53", 17, udp({.payload = zeros(40)}));
    add("echo request", v4 ? 1 : 58, icmp(v4 ? 8 : 128, 0, zeros(40)));
    add("SCTP", 132, be16(4444) + be16(443) + zeros(16));
    add("UDP-Lite", 136, be16(4444) + be16(53) + zeros(12));
    add("DCCP", 33, be16(4444) + be16(443) + zeros(12));
    add("ESP", 50, zeros(40));
    add("GRE", 47, Octets{0, 0, 8, 0} + ipv4({}, tcp({.dport = 22})));
    add("tunnel", 41, ipv6({}, tcp({.dport = 22})));
    const Octets packet = ip(family, 6, tcp({.payload = zeros(8)}));
    all.push_back({name + " in a VLAN", vlan({{0x8100, 5}}, family, packet)});
    all.push_back({name + " in two VLANs", vlan({{0x88a8, 5}, {0x8100, 6}}, family, packet)});
    all.push_back(
        {name + " in three VLANs", vlan({{0x88a8, 5}, {0x8100, 6}, {0x8100, 7}}, family, packet)});
    all.push_back(
        {name + " behind priority tags", vlan({{0x8100, 0}, {0x8100, 0}}, family, packet)});
}

void add_ipv6(std::vector<Template>& all) {
    const Octets segment = tcp({.payload = zeros(4)});
    const auto add = [&](const char* what, std::vector<Extension> chain) {
        all.push_back({std::string("v6 ") + what, frame6({.chain = std::move(chain)}, segment)});
    };
    add("hop-by-hop", {hop_by_hop()});
    add("every header", {hop_by_hop(), destination_options(), routing_header(3, 0),
                         fragment_header(), authentication_header(), destination_options()});
    add("first fragment", {fragment_header(0, true)});
    add("later fragment", {fragment_header(1480)});
    add("routing header 0", {routing_header(0, 1)});
    all.push_back(
        {"v6 neighbour solicitation",
         frame6({.src = "fe80::1", .hop_limit = 255, .proto = 58}, icmp(135, 0, zeros(28)))});
}

}  // namespace

std::vector<Template> templates() {
    std::vector<Template> all;
    add_plain(all, Family::ipv4);
    add_plain(all, Family::ipv6);
    add_ipv6(all);
    const Octets segment = tcp({.payload = zeros(4)});
    all.push_back({"v4 options", frame4({.options = Octets{7, 7, 4, 0, 0, 0, 0, 1}}, segment)});
    all.push_back({"v4 source route", frame4({.options = {131, 7, 4, 192, 0, 2, 1}}, segment)});
    all.push_back({"v4 first fragment", frame4({.fragment = 0x2000}, segment)});
    all.push_back({"v4 later fragment", frame4({.fragment = 185}, segment)});
    all.push_back({"ARP", ethernet({.type = 0x0806},
                                   be16(1) + be16(0x0800) + be16(0x0604) + be16(1) + zeros(20))});
    all.push_back({"SNAP", ethernet({.type = 48}, Octets{0xaa, 0xaa, 3, 0, 0, 0, 8, 0} +
                                                      ipv4({}, tcp({.dport = 22})))});
    all.push_back({"LLDP", ethernet({.type = 0x88cc}, zeros(46))});
    return all;
}

}  // namespace yett::corpus
