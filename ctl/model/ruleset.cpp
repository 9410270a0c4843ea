// SPDX-License-Identifier: GPL-2.0-or-later
// The rules that a ruleset implies: failsafe entries and built-ins before the operator's own.
#include "model/ruleset.hpp"

#include "model/protocol.hpp"

namespace yett {
namespace {

/// The same traffic seen from the other end. ICMP types have no mirror image and stay.
Match mirrored(const Match& match) {
    Match result = match;
    std::swap(result.src, result.dst);
    std::swap(result.sport, result.dport);
    for (Match& part : result.negated)
        part = mirrored(part);
    return result;
}

Rule pass_rule(const std::string& name, Match match, Direction direction) {
    match.direction = {direction};
    return Rule{name, std::move(match), ActionKind::pass, 0, {}};
}

void add_failsafe(std::vector<Rule>& rules, const Match& entry) {
    if (!entry.direction.empty()) {
        rules.push_back(Rule{kFailsafeName, entry, ActionKind::pass, 0, {}});
        return;
    }
    rules.push_back(pass_rule(kFailsafeName, entry, Direction::ingress));
    rules.push_back(pass_rule(kFailsafeName, mirrored(entry), Direction::egress));
}

NumberRange exactly(std::uint32_t value) {
    return {value, value};
}

void add_arp(std::vector<Rule>& rules, const std::string& name) {
    Match match;
    match.ethertype = {exactly(kEthertypeArp)};
    rules.push_back(Rule{name, std::move(match), ActionKind::pass, 0, {}});
}

void add_nd(std::vector<Rule>& rules, const std::string& name) {
    constexpr std::uint32_t kRouterSolicitation = 133, kNeighborAdvertisement = 136;
    Match match;
    match.family = {Family::ipv6};
    match.proto = {exactly(kProtocolIcmp6)};
    match.icmp_type = {{kRouterSolicitation, kNeighborAdvertisement}};
    match.ttl = {exactly(255)};
    rules.push_back(Rule{name, std::move(match), ActionKind::pass, 0, {}});
}

void add_dhcp(std::vector<Rule>& rules, const std::string& name, Family family,
              std::uint32_t server, std::uint32_t client) {
    Match in;
    in.family = {family};
    in.proto = {exactly(kProtocolUdp)};
    in.sport = {exactly(server)};
    in.dport = {exactly(client)};
    const Match out = mirrored(in);
    rules.push_back(pass_rule(name, std::move(in), Direction::ingress));
    rules.push_back(pass_rule(name, out, Direction::egress));
}

void add_dhcp_client(std::vector<Rule>& rules, const std::string& name) {
    add_dhcp(rules, name, Family::ipv4, 67, 68);
    add_dhcp(rules, name, Family::ipv6, 547, 546);
}

struct Builtin {
    const char* name;
    void (*add)(std::vector<Rule>& rules, const std::string& name);
};

constexpr Builtin kBuiltins[] = {
    {"builtin-arp", add_arp}, {"builtin-nd", add_nd}, {"builtin-dhcp-client", add_dhcp_client}};

}  // namespace

std::vector<std::string> builtin_names() {
    std::vector<std::string> names;
    for (const Builtin& builtin : kBuiltins)
        names.push_back(builtin.name);
    return names;
}

std::vector<Rule> builtin_rules(const Ruleset& ruleset) {
    std::vector<Rule> rules;
    for (const Builtin& builtin : kBuiltins) {
        const auto named = ruleset.builtins.find(builtin.name);
        if (named == ruleset.builtins.end() || named->second) builtin.add(rules, builtin.name);
    }
    return rules;
}

std::vector<Rule> implied_rules(const Ruleset& ruleset) {
    std::vector<Rule> rules;
    for (const Match& entry : ruleset.failsafe)
        add_failsafe(rules, entry);
    for (Rule& rule : builtin_rules(ruleset))
        rules.push_back(std::move(rule));
    return rules;
}

std::vector<Rule> effective_rules(const Ruleset& ruleset) {
    std::vector<Rule> rules = implied_rules(ruleset);
    rules.insert(rules.end(), ruleset.rules.begin(), ruleset.rules.end());
    return rules;
}

std::size_t own_rules_begin(const Ruleset& ruleset) {
    return implied_rules(ruleset).size();
}

std::uint32_t timeout_of(const Ruleset& ruleset, yett_connection_phase phase) {
    constexpr std::uint32_t kDefaults[] = {0,
#define YETT_DEFAULT_TIMEOUT(name, text, seconds) seconds,
                                           YETT_CONNECTION_PHASES(YETT_DEFAULT_TIMEOUT)
#undef YETT_DEFAULT_TIMEOUT
    };
    const std::uint32_t said = ruleset.timeouts[phase];
    return said != 0 ? said : kDefaults[phase];
}

const Set* find_set(const Ruleset& ruleset, std::string_view name) {
    for (const auto& [set_name, set] : ruleset.sets)
        if (set_name == name) return &set;
    return nullptr;
}

}  // namespace yett
