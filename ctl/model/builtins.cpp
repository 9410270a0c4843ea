// SPDX-License-Identifier: GPL-2.0-or-later
// The rules that keep a host on its network under a policy that drops, each within the bounds of
// its RFC. They stand behind the operator's own, so what an operator drops, bans or limits beats
// them.
#include "model/protocol.hpp"
#include "model/ruleset.hpp"

namespace yett {
namespace {

NumberRange exactly(std::uint32_t value) {
    return {value, value};
}

AddressTest prefix(const char* text) {
    return *parse_prefix(text);
}

Rule named(const char* name, Match match) {
    return Rule{name, std::move(match), ActionKind::pass, 0, {}};
}

Match of_ethertype(std::uint32_t ethertype) {
    Match match;
    match.ethertype = {exactly(ethertype)};
    return match;
}

using Rules = std::vector<Rule>;

Rules arp(const char* name) {
    return {named(name, of_ethertype(kEthertypeArp))};
}

Match icmp6(std::vector<NumberRange> types, std::uint32_t hop_limit) {
    Match match;
    match.family = {Family::ipv6};
    match.proto = {exactly(kProtocolIcmp6)};
    match.icmp_type = std::move(types);
    match.ttl = {exactly(hop_limit)};
    return match;
}

/// RFC 4861 6.1, 7.1: hop limit 255; an advertisement of a router comes from its link-local
/// address.
Rules neighbour_discovery(const char* name) {
    Match advertisement = icmp6({exactly(134)}, 255);
    advertisement.src = {prefix("fe80::/10")};
    return {named(name, icmp6({exactly(133), {135, 136}}, 255)),
            named(name, std::move(advertisement))};
}

/// RFC 2710 3, RFC 3810 5 (130-132, 143) and multicast router discovery (RFC 4286 5, 151-153): hop
/// limit 1, from a link-local address, or from :: while there is none.
Rules mld(const char* name) {
    Match match = icmp6({{130, 132}, exactly(143), {151, 153}}, 1);
    match.src = {prefix("fe80::/10"), prefix("::/128")};
    return {named(name, std::move(match))};
}

/// RFC 3376 4, RFC 4286 5 (IPv4): TTL 1, to a group.
Rules igmp(const char* name) {
    constexpr std::uint32_t kProtocolIgmp = 2;
    Match match;
    match.family = {Family::ipv4};
    match.proto = {exactly(kProtocolIgmp)};
    match.ttl = {exactly(1)};
    match.dst = {prefix("224.0.0.0/4")};
    return {named(name, std::move(match))};
}

Match udp(Family family, std::uint32_t sport, std::uint32_t dport, Direction direction) {
    Match match;
    match.direction = {direction};
    match.family = {family};
    match.proto = {exactly(kProtocolUdp)};
    match.sport = {exactly(sport)};
    match.dport = {exactly(dport)};
    return match;
}

/// RFC 2131 4.1: a server answers by broadcast, or to the address that it offers, which the host
/// has not yet; what this host would forward is for somebody else (kForThisHost). The host asks by
/// broadcast; where it renews by unicast and nothing answers, it goes on by broadcast (4.4.5).
/// RFC 8415 7, 13.1: from link-local address to link-local address or to the servers' group.
Rules dhcp_client(const char* name) {
    Match in4 = udp(Family::ipv4, 67, 68, Direction::ingress);
    Match out4 = udp(Family::ipv4, 68, 67, Direction::egress);
    out4.dst = {prefix("255.255.255.255/32")};
    Match in6 = udp(Family::ipv6, 547, 546, Direction::ingress);
    in6.src = in6.dst = {prefix("fe80::/10")};
    Match out6 = udp(Family::ipv6, 546, 547, Direction::egress);
    out6.src = {prefix("fe80::/10")};
    out6.dst = {prefix("fe80::/10"), prefix("ff02::1:2/128")};
    Rules rules{named(name, std::move(in4)), named(name, std::move(out4)),
                named(name, std::move(in6)), named(name, std::move(out6))};
    rules[0].for_this_host = true;
    return rules;
}

/// What keeps the link itself up. IEEE 802.1AX (LACP), 802.1AB (LLDP), 802.1X (EAPOL), RFC 2516
/// (PPPoE: discovery, and LCP and its like; of a session's IP packets the rules see the inside);
/// spanning tree (802.1D) is told by its group and by a length in place of an ethertype.
Rules link_control(const char* name) {
    constexpr std::uint32_t kSlowProtocols = 0x8809, kLldp = 0x88cc, kEapol = 0x888e;
    constexpr std::uint32_t kPppoeDiscovery = 0x8863, kPppoeSession = 0x8864;
    constexpr std::uint32_t kGreatestLength = 0x05ff;
    constexpr std::uint64_t kBridges = 0x0180c2000000, kBridgesEnd = 0x0180c200000f;
    Match slow = of_ethertype(kSlowProtocols);
    slow.dmac = {MacRange{kBridges, kBridgesEnd}};
    Match lldp = of_ethertype(kLldp);
    lldp.dmac = slow.dmac;
    Match spanning_tree;
    spanning_tree.ethertype = {{0, kGreatestLength}};
    spanning_tree.dmac = {MacRange{kBridges, kBridges}};
    return {named(name, std::move(slow)),
            named(name, std::move(lldp)),
            named(name, of_ethertype(kEapol)),
            named(name, of_ethertype(kPppoeDiscovery)),
            named(name, of_ethertype(kPppoeSession)),
            named(name, std::move(spanning_tree))};
}

struct Builtin {
    const char* name;
    Rules (*rules)(const char* name);
};

constexpr Builtin kBuiltins[] = {
    {"builtin-arp", arp},   {"builtin-nd", neighbour_discovery},  {"builtin-mld", mld},
    {"builtin-igmp", igmp}, {"builtin-dhcp-client", dhcp_client}, {"builtin-link", link_control},
};

/// Only where the policy drops, is there anything to pass.
void add(std::vector<Rule>& rules, Rule rule, const Ruleset& ruleset) {
    const bool in = ruleset.policy[0] == Verdict::drop, out = ruleset.policy[1] == Verdict::drop;
    auto& direction = rule.match.direction;
    if (!direction.empty()) {
        if (direction[0] == Direction::ingress ? !in : !out) return;
    } else if (in != out) {
        direction = {in ? Direction::ingress : Direction::egress};
    }
    rules.push_back(std::move(rule));
}

}  // namespace

std::vector<std::string> builtin_names() {
    std::vector<std::string> names;
    for (const Builtin& builtin : kBuiltins)
        names.emplace_back(builtin.name);
    return names;
}

std::vector<Rule> builtin_rules(const Ruleset& ruleset) {
    std::vector<Rule> rules;
    if (ruleset.policy[0] == Verdict::pass && ruleset.policy[1] == Verdict::pass) return rules;
    for (const Builtin& builtin : kBuiltins) {
        const auto named = ruleset.builtins.find(builtin.name);
        if (named != ruleset.builtins.end() && !named->second) continue;
        for (Rule& rule : builtin.rules(builtin.name))
            add(rules, std::move(rule), ruleset);
    }
    return rules;
}

}  // namespace yett
