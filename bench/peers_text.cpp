// SPDX-License-Identifier: GPL-2.0-or-later
// Rules for nftables and iptables.
#include "peers_text.hpp"

#include <fmt/format.h>

#include <iterator>
#include <random>
#include <unordered_set>

#include "model/protocol.hpp"

namespace yett::bench {
namespace {

constexpr NumberRange kAllPorts{0, 65535};

std::string range_text(const NumberRange& range, const char* dash = "-") {
    if (range.first == range.last) return fmt::format("{}", range.first);
    return fmt::format("{}{}{}", range.first, dash, range.last);
}

std::string nft_match(const Tuple& rule) {
    std::string text;
    if (rule.src.length) text += "ip saddr " + to_text(rule.src) + ' ';
    if (rule.dst.length) text += "ip daddr " + to_text(rule.dst) + ' ';
    if (rule.proto) text += "ip protocol " + protocol_name(*rule.proto) + ' ';
    if (rule.sport != kAllPorts) text += "th sport " + range_text(rule.sport) + ' ';
    if (rule.dport != kAllPorts) text += "th dport " + range_text(rule.dport) + ' ';
    return text;
}

std::string nft_key(const Tuple& rule) {
    const std::string proto = rule.proto ? protocol_name(*rule.proto) : "0-255";
    return fmt::format("{}/{} . {}/{} . {} . {} . {}", to_text(rule.src.address), rule.src.length,
                       to_text(rule.dst.address), rule.dst.length, proto, range_text(rule.sport),
                       range_text(rule.dport));
}

constexpr const char* kNftKey = "ip saddr . ip daddr . ip protocol . th sport . th dport";
constexpr const char* kNftKeyType =
    "type ipv4_addr . ipv4_addr . inet_proto . inet_service . inet_service";

std::string iptables_match(const Tuple& rule) {
    std::string text;
    if (rule.src.length) text += " -s " + to_text(rule.src);
    if (rule.dst.length) text += " -d " + to_text(rule.dst);
    if (!rule.proto) return text;
    text += " -p " + protocol_name(*rule.proto);
    if (rule.sport != kAllPorts) text += " --sport " + range_text(rule.sport, ":");
    if (rule.dport != kAllPorts) text += " --dport " + range_text(rule.dport, ":");
    return text;
}

std::string joined(const std::vector<Address>& hosts, const char* before, const char* after) {
    std::string text;
    for (const Address& host : hosts)
        text += before + to_text(host) + after;
    return text;
}

}  // namespace

std::string to_nft_linear(const std::vector<Tuple>& rules) {
    std::string text =
        "table ip bench {\nchain c { type filter hook prerouting priority -300; policy drop;\n";
    for (const Tuple& rule : rules)
        text += nft_match(rule) + "drop\n";
    return text + "}\n}\n";
}

std::string to_nft_map(const std::vector<Tuple>& rules) {
    std::string text = fmt::format(
        "table netdev bench {{\nmap m {{ {} : verdict; flags interval; }}\nchain c {{ type filter "
        "hook ingress device \"v1\" priority 0; policy drop;\n{} vmap @m\n}}\n}}\n",
        kNftKeyType, kNftKey);
    for (const Tuple& rule : rules)
        text += fmt::format("add element netdev bench m {{ {} : drop }}\n", nft_key(rule));
    return text;
}

std::string to_nft_counters(const std::vector<Tuple>& rules) {
    std::string text = "table netdev bench {\n";
    for (std::size_t i = 0; i < rules.size(); ++i)
        fmt::format_to(std::back_inserter(text), "counter c{} {{ }}\n", i);
    text += fmt::format(
        "map m {{ {} : counter; flags interval; }}\nchain c {{ type filter hook ingress device "
        "\"v1\" priority 0; policy drop;\ncounter name {} map @m\n}}\n}}\n",
        kNftKeyType, kNftKey);
    for (std::size_t i = 0; i < rules.size(); ++i)
        text +=
            fmt::format("add element netdev bench m {{ {} : \"c{}\" }}\n", nft_key(rules[i]), i);
    return text;
}

std::string to_iptables(const std::vector<Tuple>& rules) {
    std::string text = "*raw\n:PREROUTING DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n";
    for (const Tuple& rule : rules)
        text += "-A PREROUTING" + iptables_match(rule) + " -j DROP\n";
    return text + "COMMIT\n";
}

std::vector<Address> make_hosts(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::unordered_set<std::uint32_t> seen;
    std::vector<Address> hosts;
    while (hosts.size() < count) {
        const auto number = static_cast<std::uint32_t>(random());
        const auto first = number >> 24;
        const bool usable = first > 0 && first < 224 && first != 127;
        if (!usable || !seen.insert(number).second) continue;
        Address& host = hosts.emplace_back();
        for (int i = 0; i < 4; ++i)
            host.octets[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
    }
    return hosts;
}

std::string to_nft_set(const std::vector<Address>& hosts) {
    return "table netdev bench {\nset s { type ipv4_addr; elements = {\n" +
           joined(hosts, "", ",\n") +
           "} }\nchain c { type filter hook ingress device \"v1\" priority 0; policy accept;\n"
           "ip saddr @s drop\n}\n}\n";
}

std::string to_set_json(const std::vector<Address>& hosts) {
    std::string text = joined(hosts, "\"", "\",\n");
    if (!hosts.empty()) text.erase(text.size() - 2);
    return "{ \"version\": 1, \"name\": \"bench\", \"attach\": { \"*\": \"native\" },\n"
           "\"sets\": { \"s\": { \"type\": \"prefix\", \"entries\": [\n" +
           text +
           "] } },\n\"rules\": [ { \"name\": \"listed\", \"match\": { \"src\": \"@s\" }, "
           "\"action\": \"drop\" } ] }\n";
}

std::string to_ipset(const std::vector<Address>& hosts) {
    return fmt::format("create s hash:ip maxelem {}\n", hosts.size() + 1) +
           joined(hosts, "add s ", "\n");
}

}  // namespace yett::bench
