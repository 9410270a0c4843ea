// SPDX-License-Identifier: GPL-2.0-or-later
// Random rulesets and packets.
#include "differential/generator.hpp"

#include <algorithm>
#include <cstdlib>

#include "abi/fields.h"
#include "model/protocol.hpp"
#include "model/reason.hpp"

namespace yett::testing {
namespace {

const std::vector<std::string> kPrefixes = {
    "192.0.2.0/24",    "192.0.2.0/25",        "192.0.2.128/26",     "192.0.2.130/32",
    "198.51.100.0/24", "198.51.100.7/32",     "203.0.113.0/24",     "203.0.113.64/27",
    "0.0.0.0/0",       "2001:db8::/32",       "2001:db8:1::/48",    "2001:db8:1:2::/64",
    "2001:db8::/127",  "2001:db8:1:2::5/128", "2001:db8:ffff::/49", "::/0",
};
const std::vector<std::string> kRanges = {
    "192.0.2.100-192.0.2.200", "198.51.100.0-203.0.113.1", "192.0.2.130-192.0.2.130",
    "2001:db8::1-2001:db8:1::", "2001:db8:1:2::4-2001:db8:1:2::ffff:0:0"};
// Addresses that a host treats in its own way.
const std::vector<std::string> kOddAddresses = {
    "0.0.0.0", "127.0.0.1", "224.0.0.1",        "255.255.255.255", "240.0.0.1",
    "::",      "::1",       "::ffff:192.0.2.1", "ff02::1",         "0.0.0.1"};
const std::vector<std::string> kPrefixSets = {"red", "green", "blue"};
const std::vector<std::string> kPortSets = {"web", "games"};
const std::vector<std::string> kMacSets = {"desk", "lab"};
const std::vector<std::string> kInterfaceSets = {"inside", "outside"};
const std::vector<std::uint32_t> kPortPool = {0, 22, 53, 80, 81, 443, 1023, 1024, 65535};
const std::vector<std::uint32_t> kProtocols = {1, 6, 17, 33, 47, 50, 58, 108, 132, 136};
const std::vector<std::uint32_t> kVlans = {0, 1, 7, 100, 101, 4094};
const std::vector<std::uint64_t> kMacs = {0x020000000001, 0x020000000002, 0x02005e100001,
                                          0x02005e100002, 0xffffffffffff};
const std::vector<std::uint32_t> kEthertypes = {0x0800, 0x0806, 0x86dd, 0x88cc,
                                                0x0842, 0x8847, 0x8864};
const std::vector<std::uint32_t> kOthers = {0x88cc, 0x0842, 0x8847, 0x8864, 0x892f};
const std::vector<std::uint32_t> kTtls = {0, 1, 63, 64, 254, 255};
const std::vector<std::uint32_t> kDscps = {0, 8, 10, 46, 63};
const std::vector<std::uint32_t> kLengths = {28, 40, 60, 61, 100, 1000, 1500};
const std::vector<std::uint32_t> kIcmpTypes = {0, 3, 8, 128, 133, 135, 136};
const std::vector<std::uint32_t> kIcmpCodes = {0, 1, 4};
const std::vector<std::uint8_t> kSaneFlags = {YETT_TCP_SYN,
                                              YETT_TCP_SYN | YETT_TCP_ACK,
                                              YETT_TCP_ACK,
                                              YETT_TCP_ACK | YETT_TCP_PSH,
                                              YETT_TCP_FIN | YETT_TCP_ACK,
                                              YETT_TCP_RST,
                                              YETT_TCP_ACK | YETT_TCP_URG | YETT_TCP_ECE};
const std::vector<std::string> kInterfaces = {"eth0", "eth1"};
// Only sets name the last one.
const std::vector<std::string> kInterfacesOfSets = {"eth0", "eth1", "eth9"};

}  // namespace

std::uint64_t Generator::below(std::uint64_t bound) {
    return random_() % bound;
}

/// One value mostly, sometimes up to three.
template <typename Make>
auto Generator::some(Make make) {
    std::vector<decltype(make())> values;
    const std::uint64_t count = chance(60) ? 1 : 1 + below(3);
    for (std::uint64_t i = 0; i < count; ++i)
        values.push_back(make());
    return values;
}

NumberRange Generator::range(const std::vector<std::uint32_t>& pool) {
    const std::uint32_t a = pick(pool), b = pick(pool);
    return chance(60) ? NumberRange{a, a} : NumberRange{std::min(a, b), std::max(a, b)};
}

AddressTest Generator::address_test() {
    if (chance(20)) return SetReference{pick(kPrefixSets)};
    if (chance(15)) return *parse_address_range(pick(kRanges));
    return *parse_prefix(pick(kPrefixes));
}

PortTest Generator::port_test() {
    if (chance(20)) return SetReference{pick(kPortSets)};
    return range(kPortPool);
}

FlagsTest Generator::flags_test() {
    const auto mask = static_cast<std::uint8_t>(chance(50) ? 0x12 : 1 + below(255));
    return {mask, static_cast<std::uint8_t>(below(256) & mask)};
}

MacRange Generator::macs() {
    const std::uint64_t mac = pick(kMacs);
    const std::uint64_t rest = chance(50) ? 0 : kGreatestMac >> (8 * below(7));
    return {mac & ~rest, mac | rest};
}

MacTest Generator::mac_test() {
    if (chance(35)) return SetReference{pick(kMacSets)};
    return macs();
}

InterfaceTest Generator::interface_test() {
    if (chance(35)) return SetReference{pick(kInterfaceSets)};
    return pick(kInterfaces);
}

void Generator::link_keys(Match& match) {
    if (chance(10)) match.iface = some([&] { return interface_test(); });
    if (chance(15)) match.direction = {chance(50) ? Direction::ingress : Direction::egress};
    if (chance(10)) match.family = {chance(50) ? Family::ipv4 : Family::ipv6};
    if (chance(6)) match.smac = some([&] { return mac_test(); });
    if (chance(6)) match.dmac = some([&] { return mac_test(); });
    if (chance(8)) match.ethertype = some([&] { return range(kEthertypes); });
    if (chance(12)) match.vlan = some([&] { return range(kVlans); });
}

void Generator::address_keys(Match& match) {
    if (chance(30)) match.src = some([&] { return address_test(); });
    if (chance(25)) match.dst = some([&] { return address_test(); });
}

void Generator::transport_keys(Match& match) {
    if (chance(35)) match.proto = some([&] { return range(kProtocols); });
    if (chance(15)) match.sport = some([&] { return port_test(); });
    if (chance(30)) match.dport = some([&] { return port_test(); });
    if (chance(12)) match.tcp_flags = some([&] { return flags_test(); });
    if (chance(8)) match.icmp_type = some([&] { return range(kIcmpTypes); });
    if (chance(6)) match.icmp_code = some([&] { return range(kIcmpCodes); });
}

void Generator::header_keys(Match& match) {
    if (chance(8)) match.len = some([&] { return range(kLengths); });
    if (chance(8)) match.ttl = some([&] { return range(kTtls); });
    if (chance(6)) match.dscp = some([&] { return range(kDscps); });
    if (chance(8)) match.fragment = some([&] { return static_cast<FragmentKind>(below(3)); });
    if (chance(8)) match.state = some([&] { return static_cast<ConnectionState>(below(4)); });
}

/// "not" of two sets at once needs both set tests of a box.
Match Generator::set_pair() {
    Match match;
    const SetReference red{"red"}, blue{"blue"}, web{"web"}, games{"games"};
    const SetReference desk{"desk"}, lab{"lab"}, inside{"inside"}, outside{"outside"};
    switch (below(7)) {
        case 0:
            match.src = {red, blue};
            break;
        case 1:
            match.dst = {blue, red};
            break;
        case 2:
            match.sport = {web, games};
            break;
        case 3:
            match.smac = {desk, lab};
            break;
        case 4:
            match.dmac = {lab, desk};
            break;
        case 5:
            match.iface = {inside, outside};
            break;
        default:
            match.dport = {games, web};
            break;
    }
    return match;
}

Match Generator::match(unsigned depth) {
    Match match;
    link_keys(match);
    address_keys(match);
    transport_keys(match);
    header_keys(match);
    while (depth < 2 && chance(depth == 0 ? 30 : 20)) {
        Match part = this->match(depth + 1);
        // Wide negated objects hardly ever fail; one or two keys do.
        if (chance(60)) {
            part = Match{};
            transport_keys(part);
            address_keys(part);
        }
        // An empty object under "not" is refused where rule files are read.
        if (chance(10) || part == Match{}) part = set_pair();
        match.negated.push_back(std::move(part));
    }
    return match;
}

Rule Generator::rule(std::size_t number) {
    Rule rule;
    rule.name = "rule-" + std::to_string(number);
    rule.match = match(0);
    const std::uint64_t roll = below(100);
    rule.action = roll < 45   ? ActionKind::drop
                  : roll < 85 ? ActionKind::pass
                  : roll < 95 ? ActionKind::count
                              : ActionKind::ban;
    if (rule.action == ActionKind::ban) rule.ban_seconds = 60;
    if (rule.action == ActionKind::pass && chance(20)) rule.limit = Limit{};
    return rule;
}

void Generator::sets(Ruleset& ruleset) {
    for (const std::string& name : kPrefixSets) {
        Set set;
        for (std::uint64_t i = below(5); i > 0; --i)
            set.prefixes.push_back(*parse_prefix(pick(kPrefixes)));
        ruleset.sets.emplace_back(name, std::move(set));
    }
    for (const std::string& name : kPortSets) {
        Set set;
        set.type = SetType::port;
        for (std::uint64_t i = below(4); i > 0; --i)
            set.ports.push_back(range(kPortPool));
        ruleset.sets.emplace_back(name, std::move(set));
    }
    for (const std::string& name : kMacSets) {
        Set set;
        set.type = SetType::mac;
        for (std::uint64_t i = below(4); i > 0; --i)
            set.macs.push_back(macs());
        ruleset.sets.emplace_back(name, std::move(set));
    }
    for (const std::string& name : kInterfaceSets) {
        Set set;
        set.type = SetType::iface;
        for (std::uint64_t i = below(3); i > 0; --i)
            set.ifaces.push_back(pick(kInterfacesOfSets));
        ruleset.sets.emplace_back(name, std::move(set));
    }
}

void Generator::exceptions(Ruleset& ruleset) {
    for (int i = 0; i < YETT_REASON_COUNT; ++i) {
        const auto reason = static_cast<yett_reason>(i);
        if (!can_be_excepted(reason) || chance(20)) continue;
        ruleset.exceptions[kReasons[i].name] = chance(70) ? Verdict::pass : Verdict::drop;
    }
}

Ruleset Generator::ruleset() {
    Ruleset ruleset;
    ruleset.name = "random";
    ruleset.interfaces = kInterfaces;
    for (Verdict& verdict : ruleset.policy)
        verdict = chance(50) ? Verdict::pass : Verdict::drop;
    sets(ruleset);
    exceptions(ruleset);
    for (const std::string& name : builtin_names())
        if (chance(60)) ruleset.builtins[name] = chance(30);
    if (chance(40)) ruleset.failsafe.push_back(match(1));
    const std::uint64_t count = 1 + below(chance(70) ? 12 : 40);
    for (std::uint64_t i = 0; i < count; ++i)
        ruleset.rules.push_back(rule(i));
    return ruleset;
}

/// Inside a pool prefix, on its edges, or right beside it.
Address Generator::address(Family family) {
    const std::vector<std::string>& pool = chance(3) ? kOddAddresses : kPrefixes;
    Prefix prefix;
    do {
        prefix = *parse_prefix(pick(pool));
    } while (prefix.address.family != family);
    const AddressRange range = to_range(prefix);
    const unsigned last = prefix.address.bits() / 8 - 1;
    Address address = chance(50) ? range.first : range.last;
    switch (below(4)) {
        case 0:
            break;
        case 1:
            ++address.octets[last];
            break;
        case 2:
            --address.octets[last];
            break;
        default:
            for (unsigned i = 0; i <= last; ++i)
                if (range.first.octets[i] != range.last.octets[i])
                    address.octets[i] = static_cast<std::uint8_t>(below(256));
    }
    return address;
}

std::vector<std::uint16_t> Generator::vlans() {
    std::vector<std::uint16_t> vlans;
    if (chance(70)) return vlans;
    for (std::uint64_t i = 1 + below(chance(80) ? 2 : 4); i > 0; --i)
        vlans.push_back(static_cast<std::uint16_t>(pick(kVlans)));
    if (chance(2)) vlans.back() = 4095;
    if (chance(5)) vlans.insert(vlans.begin(), 1 + below(9), 0);
    return vlans;
}

void Generator::fragment(PacketSpec& packet) {
    if (chance(80)) return;
    packet.fragment = chance(40) ? FragmentKind::first : FragmentKind::later;
    packet.fragment_id = static_cast<std::uint32_t>(below(65536));
    if (packet.fragment == FragmentKind::later)
        packet.fragment_offset = chance(10) ? 8 : static_cast<std::uint16_t>(16 + 8 * below(400));
}

void Generator::ip_packet(PacketSpec& packet) {
    packet.family = chance(50) ? Family::ipv4 : Family::ipv6;
    packet.ethertype = packet.family == Family::ipv4 ? kEthertypeIpv4 : kEthertypeIpv6;
    packet.src = address(*packet.family);
    packet.dst = address(*packet.family);
    packet.proto = static_cast<std::uint8_t>(pick(kProtocols));
    packet.ttl = static_cast<std::uint8_t>(pick(kTtls));
    packet.dscp = static_cast<std::uint8_t>(pick(kDscps));
    if (chance(30)) packet.len = static_cast<std::uint16_t>(pick(kLengths));
    if (has_ports(packet.proto)) {
        packet.sport = static_cast<std::uint16_t>(pick(kPortPool));
        packet.dport = static_cast<std::uint16_t>(pick(kPortPool));
    }
    const auto any_flags = static_cast<std::uint8_t>(below(256));
    if (packet.proto == kProtocolTcp) packet.tcp_flags = chance(70) ? pick(kSaneFlags) : any_flags;
    if (packet.proto == kProtocolIcmp || packet.proto == kProtocolIcmp6) {
        packet.icmp_type = static_cast<std::uint8_t>(pick(kIcmpTypes));
        packet.icmp_code = static_cast<std::uint8_t>(pick(kIcmpCodes));
    }
    fragment(packet);
    packet.pppoe = chance(8);
    packet.ah = packet.fragment == FragmentKind::none && chance(8);
    if (chance(50)) packet.state = static_cast<ConnectionState>(below(4));
}

void Generator::link_packet(PacketSpec& packet) {
    packet.ethertype = chance(60) ? kEthertypeArp : static_cast<std::uint16_t>(pick(kOthers));
    if (packet.ethertype != kEthertypeArp) return;
    packet.src = address(Family::ipv4);
    packet.dst = address(Family::ipv4);
}

Sample Generator::sample() {
    Sample sample;
    chance(92) ? ip_packet(sample.packet) : link_packet(sample.packet);
    sample.packet.vlans = vlans();
    if (chance(40)) sample.packet.smac = pick(kMacs);
    if (chance(40)) sample.packet.dmac = pick(kMacs);
    sample.direction = chance(50) ? Direction::ingress : Direction::egress;
    sample.iface = chance(10) ? "eth9" : pick(kInterfaces);
    return sample;
}

Slots slots_for(const Ruleset& ruleset) {
    Slots slots;
    std::uint32_t counter = 0;
    for (const std::string& name : counter_names(ruleset))
        slots.counters[name] = counter++;
    std::uint16_t slot = 1;
    for (const std::string& name : interface_names(ruleset))
        slots.interfaces[name] = slot++;
    for (const auto& [name, set] : ruleset.sets) {
        auto& taken = slots.of_sets(set.type);
        taken[name] = static_cast<std::uint16_t>(9 - taken.size());
    }
    return slots;
}

std::uint16_t interface_slot(const Slots& slots, const std::string& name) {
    const auto found = slots.interfaces.find(name);
    return found == slots.interfaces.end() ? 0 : found->second;
}

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 0) : otherwise;
}

std::uint64_t seed_of_run() {
    static const std::uint64_t seed = number_from_environment("YETT_SEED", std::random_device{}());
    return seed;
}

}  // namespace yett::testing
