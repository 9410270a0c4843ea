// SPDX-License-Identifier: GPL-2.0-or-later
// The rules that a ruleset implies: failsafe entries before the operator's own, built-ins behind
// them.
#include "model/ruleset.hpp"

#include "model/pattern.hpp"

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

/// Who must always get in must be able to ask for this host's address on the link (RFC 4861 7.1):
/// a list that holds its own network would silence that first.
void add_discovery(std::vector<Rule>& rules, const Match& entry) {
    constexpr std::uint32_t kSolicitation = 135, kAdvertisement = 136, kIcmp6 = 58, kHops = 255;
    Match match;
    for (const AddressTest& test : entry.src) {
        const auto* prefix = std::get_if<Prefix>(&test);
        if (prefix && prefix->address.family == Family::ipv6) match.src.push_back(test);
    }
    if (match.src.empty()) return;
    match.family = {Family::ipv6};
    match.proto = {{kIcmp6, kIcmp6}};
    match.icmp_type = {{kSolicitation, kAdvertisement}};
    match.ttl = {{kHops, kHops}};
    match.iface = entry.iface;
    rules.push_back(pass_rule(kFailsafeName, std::move(match), Direction::ingress));
}

void add_failsafe(std::vector<Rule>& rules, const Match& entry) {
    if (!entry.direction.empty()) {
        rules.push_back(Rule{kFailsafeName, entry, ActionKind::pass, 0, {}});
        return;
    }
    rules.push_back(pass_rule(kFailsafeName, entry, Direction::ingress));
    rules.push_back(pass_rule(kFailsafeName, mirrored(entry), Direction::egress));
    add_discovery(rules, entry);
}

}  // namespace

ImpliedRules implied_rules(const Ruleset& ruleset) {
    ImpliedRules implied;
    for (const Match& entry : ruleset.failsafe)
        add_failsafe(implied.before, entry);
    implied.after = builtin_rules(ruleset);
    return implied;
}

std::vector<Rule> effective_rules(const Ruleset& ruleset) {
    auto [rules, after] = implied_rules(ruleset);
    rules.insert(rules.end(), ruleset.rules.begin(), ruleset.rules.end());
    rules.insert(rules.end(), after.begin(), after.end());
    return rules;
}

std::size_t own_rules_begin(const Ruleset& ruleset) {
    return implied_rules(ruleset).before.size();
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

std::vector<yett_tunnel_port> tunnel_ports_of(const Ruleset& ruleset) {
    std::vector<yett_tunnel_port> ports;
#define YETT_TUNNEL_PORT(name, number)                      \
    if (!ruleset.tunnel_ports.contains(YETT_TUNNEL_##name)) \
        ports.push_back({number, YETT_TUNNEL_##name, 0});
    YETT_TUNNEL_PORTS_DEFAULT(YETT_TUNNEL_PORT)
#undef YETT_TUNNEL_PORT
    for (const auto& [tunnel, numbers] : ruleset.tunnel_ports)
        for (const std::uint16_t number : numbers)
            ports.push_back({number, tunnel, 0});
    return ports;
}

HookChoice hook_choice_of(const Ruleset& ruleset, std::string_view interface) {
    std::optional<HookChoice> by_pattern;
    for (const auto& [name, choice] : ruleset.attach) {
        if (!means_interface(name, interface)) continue;
        if (!is_pattern(name)) return choice;
        if (!by_pattern) by_pattern = choice;
    }
    return by_pattern.value_or(HookChoice::automatic);
}

const Set* find_set(const Ruleset& ruleset, std::string_view name) {
    for (const auto& [set_name, set] : ruleset.sets)
        if (set_name == name) return &set;
    return nullptr;
}

Ruleset with_sets(const Ruleset& ruleset, const std::vector<std::pair<std::string, Set>>& sets) {
    Ruleset out = ruleset;
    out.tests.clear();
    for (auto& [name, set] : out.sets)
        for (const auto& [other, content] : sets)
            if (name == other) {
                set.prefixes = content.prefixes;
                set.ports = content.ports;
                set.macs = content.macs;
                set.ifaces = content.ifaces;
            }
    return out;
}

}  // namespace yett
