// SPDX-License-Identifier: GPL-2.0-or-later
// Five-tuples as a ruleset, as text and as frames.
#include "tuple.hpp"

#include <fmt/format.h>

#include <iterator>

#include "model/packet.hpp"
#include "model/protocol.hpp"

namespace yett::bench {
namespace {

constexpr NumberRange kAllPorts{0, 65535};

bool inside(const NumberRange& range, std::uint32_t value) {
    return range.first <= value && value <= range.last;
}

std::string port_text(const NumberRange& range) {
    if (range.first == range.last) return fmt::format("{}", range.first);
    return fmt::format("\"{}-{}\"", range.first, range.last);
}

void append_rule(std::string& text, std::size_t number, const Tuple& rule, bool passes) {
    auto out = std::back_inserter(text);
    const bool last_family = rule.src.address.family == Family::ipv6;
    fmt::format_to(out, "{{ \"name\": \"r{}\", \"match\": {{ ", number);
    const char* comma = "";
    const auto key = [&](std::string_view name, const std::string& value) {
        fmt::format_to(out, "{}\"{}\": {}", comma, name, value);
        comma = ", ";
    };
    if (rule.src.length) key("src", '"' + to_text(rule.src) + '"');
    if (rule.dst.length) key("dst", '"' + to_text(rule.dst) + '"');
    if (!rule.src.length && !rule.dst.length) key("family", last_family ? "\"ipv6\"" : "\"ipv4\"");
    if (rule.proto) key("proto", '"' + protocol_name(*rule.proto) + '"');
    if (rule.sport != kAllPorts) key("sport", port_text(rule.sport));
    if (rule.dport != kAllPorts) key("dport", port_text(rule.dport));
    fmt::format_to(out, " }}, \"action\": \"{}\" }}", passes ? "pass" : "drop");
}

bool passes(std::size_t number, unsigned pass_every) {
    return pass_every != 0 && number % pass_every == 0;
}

Prefix to_ipv6(const Prefix& v4) {
    Prefix v6;
    v6.address.family = Family::ipv6;
    if (v4.length == 0) return v6;
    constexpr std::uint8_t kDocumentation[] = {0x20, 0x01, 0x0d, 0xb8};
    for (int i = 0; i < 4; ++i) {
        v6.address.octets[i] = kDocumentation[i];
        v6.address.octets[4 + i] = v4.address.octets[i];
    }
    v6.length = static_cast<std::uint8_t>(32 + v4.length);
    if (v4.length < 32 || v4.address.octets[3] % 2) return v6;
    v6.address.octets[15] = v4.address.octets[3] | 1;
    v6.length = 128;
    return v6;
}

}  // namespace

bool matches(const Tuple& rule, const Header& header) {
    if (rule.proto && *rule.proto != header.proto) return false;
    if (rule.src.address.family != header.src.family) return false;
    return contains(rule.src, header.src) && contains(rule.dst, header.dst) &&
           inside(rule.sport, header.sport) && inside(rule.dport, header.dport);
}

int first_match(const std::vector<Tuple>& rules, const Header& header) {
    for (std::size_t i = 0; i < rules.size(); ++i)
        if (matches(rules[i], header)) return static_cast<int>(i);
    return -1;
}

Ruleset to_ruleset(const std::vector<Tuple>& rules, unsigned pass_every) {
    Ruleset out;
    out.name = "bench";
    out.policy[0] = Verdict::drop;
    out.rules.reserve(rules.size());
    for (const Tuple& tuple : rules) {
        Rule& rule = out.rules.emplace_back();
        const std::size_t number = out.rules.size() - 1;
        rule.name = fmt::format("r{}", number);
        rule.action = passes(number, pass_every) ? ActionKind::pass : ActionKind::drop;
        if (tuple.src.length) rule.match.src.emplace_back(tuple.src);
        if (tuple.dst.length) rule.match.dst.emplace_back(tuple.dst);
        if (!tuple.src.length && !tuple.dst.length)
            rule.match.family.push_back(tuple.src.address.family);
        if (tuple.proto) rule.match.proto.push_back({*tuple.proto, *tuple.proto});
        if (tuple.sport != kAllPorts) rule.match.sport.emplace_back(tuple.sport);
        if (tuple.dport != kAllPorts) rule.match.dport.emplace_back(tuple.dport);
    }
    return out;
}

std::string to_json(const std::vector<Tuple>& rules, unsigned pass_every) {
    std::string text =
        "{ \"version\": 1, \"name\": \"bench\", \"attach\": { \"*\": \"native\" },\n"
        "  \"policy\": { \"ingress\": \"drop\", \"egress\": \"pass\" },\n"
        "  \"rules\": [\n";
    for (std::size_t i = 0; i < rules.size(); ++i) {
        text += "    ";
        append_rule(text, i, rules[i], passes(i, pass_every));
        text += i + 1 < rules.size() ? ",\n" : "\n";
    }
    return text + "  ]\n}\n";
}

std::vector<Tuple> to_ipv6(const std::vector<Tuple>& rules) {
    std::vector<Tuple> out = rules;
    for (Tuple& rule : out) {
        rule.src = to_ipv6(rule.src);
        rule.dst = to_ipv6(rule.dst);
        if (rule.proto == kProtocolIcmp) rule.proto = kProtocolIcmp6;
    }
    return out;
}

std::vector<std::uint8_t> to_frame(const Header& header) {
    PacketSpec packet;
    packet.family = header.src.family;
    packet.ethertype = header.src.family == Family::ipv4 ? kEthertypeIpv4 : kEthertypeIpv6;
    packet.src = header.src;
    packet.dst = header.dst;
    packet.proto = header.proto;
    packet.sport = header.sport;
    packet.dport = header.dport;
    if (header.proto == kProtocolTcp) packet.tcp_flags = 0x10;  // ack: in the midst of a connection
    return yett::to_frame(packet);
}

}  // namespace yett::bench
