// SPDX-License-Identifier: GPL-2.0-or-later
// The ruleset as a whole, section by section.
#include "check/check.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "abi/fields.h"
#include "abi/limits.h"
#include "base/pointer.hpp"
#include "base/quote.hpp"
#include "base/suggest.hpp"
#include "check/findings.hpp"
#include "model/names.hpp"
#include "model/protocol.hpp"
#include "model/reason.hpp"

namespace yett {
namespace {

constexpr const char* kNameGrammar = "1 to 63 of: A-Z a-z 0-9 . _ -";

void check_head(Findings& findings, const Ruleset& ruleset) {
    if (ruleset.version != 1) {
        findings.error("version", "/version", "this yett knows version 1 of rule files");
    }
    if (!ruleset.name.empty() && !is_name(ruleset.name)) {
        findings.error("name", "/name", quote(ruleset.name) + " is no name for a ruleset",
                       kNameGrammar);
    }
    check_interfaces(findings, ruleset);
}

void check_builtins(Findings& findings, const Ruleset& ruleset) {
    const std::vector<std::string> names = builtin_names();
    const std::vector<std::string_view> known(names.begin(), names.end());
    for (const auto& [name, on] : ruleset.builtins) {
        if (findings.full()) return;
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        findings.error("unknown-builtin", "/builtins/" + pointer_token(name),
                       "there is no built-in rule " + quote(name), hint_of(name, known));
        findings.at_key();
    }
}

void check_exceptions(Findings& findings, const Ruleset& ruleset) {
    std::vector<std::string_view> allowed;
    for (std::size_t i = 0; i < kReasons.size(); ++i) {
        if (can_be_excepted(static_cast<yett_reason>(i))) allowed.push_back(kReasons[i].name);
    }
    for (const auto& [name, verdict] : ruleset.exceptions) {
        if (findings.full()) return;
        const auto reason = find_reason(name);
        if (reason && can_be_excepted(*reason)) continue;
        findings.error("unknown-exception", "/exceptions/" + pointer_token(name),
                       reason ? quote(name) + " cannot be an exception"
                              : "there is no exception " + quote(name),
                       hint_of(name, allowed));
        findings.at_key();
    }
}

/// Ports that nobody looks at say that the author expects somebody to.
void check_tunnel_ports(Findings& findings, const Ruleset& ruleset) {
    std::map<std::uint16_t, std::uint8_t> owners;
    for (const auto& [tunnel, numbers] : ruleset.tunnel_ports) {
        const std::string name(kTunnelNames[tunnel]);
        if (!(ruleset.inspect >> tunnel & 1))
            findings.warning("no-effect", "/tunnel_ports/" + name,
                             "nobody looks into " + name + ": it is not in \"inspect\"",
                             "add it: \"inspect\": [\"" + name + "\"]");
    }
    for (const yett_tunnel_port& port : tunnel_ports_of(ruleset)) {
        const auto [first, fresh] = owners.emplace(port.port, port.tunnel);
        if (fresh) continue;
        findings.error("duplicate-port", "/tunnel_ports",
                       "port " + std::to_string(port.port) + " is named twice",
                       "a UDP port is of one tunnel; " + std::string(kTunnelNames[first->second]) +
                           " has it already");
    }
    if (owners.size() > YETT_MAX_TUNNEL_PORTS)
        findings.error("too-many", "/tunnel_ports",
                       std::to_string(owners.size()) + " ports of tunnels are too many",
                       "yett holds " + std::to_string(YETT_MAX_TUNNEL_PORTS));
}

void check_failsafe(Findings& findings, const Scope& scope) {
    const Ruleset& ruleset = scope.ruleset;
    for (std::size_t i = 0; i < ruleset.failsafe.size() && !findings.full(); ++i) {
        const std::string pointer = "/failsafe/" + std::to_string(i);
        check_match(findings, scope, ruleset.failsafe[i], pointer);
        if (ruleset.failsafe[i] == Match{}) {
            findings.error("empty-failsafe", pointer, "an empty failsafe entry lets everything in",
                           "name who must always get in, and to what");
        }
    }
    if (ruleset.failsafe.empty() && ruleset.policy[0] == Verdict::drop) {
        findings.warning("no-failsafe", "/policy/ingress",
                         "nothing is sure to get in: there is no failsafe entry",
                         "add the address that you manage this host from");
    }
}

void check_never_ban(Findings& findings, const Scope& scope) {
    if (!scope.ruleset.never_ban) return;
    const std::string& name = scope.ruleset.never_ban->name;
    const auto found = scope.sets.find(name);
    if (found == scope.sets.end()) {
        std::string hint = did_you_mean(name, scope.names_of(SetType::prefix));
        if (hint.empty()) hint = "add it to \"sets\"";
        findings.error("unknown-set", "/never_ban", "there is no set " + quote(name), hint);
    } else if (found->second->type != SetType::prefix) {
        findings.error("set-type", "/never_ban",
                       quote(name) + " is a set of " + std::string(plural_of(found->second->type)) +
                           ", never_ban takes prefixes");
    }
}

void check_rule_name(Findings& findings, const Rule& rule, const std::string& pointer) {
    if (!is_name(rule.name)) {
        findings.error("name", pointer + "/name", quote(rule.name) + " is no name for a rule",
                       kNameGrammar);
    } else if (rule.name.starts_with("builtin-")) {
        findings.error("name", pointer + "/name",
                       "names with \"builtin-\" are for yett's own rules", "choose another name");
    }
}

void check_rules(Findings& findings, const Scope& scope) {
    const auto& rules = scope.ruleset.rules;
    const ImpliedRules implied = implied_rules(scope.ruleset);
    const std::size_t all = implied.before.size() + rules.size() + implied.after.size();
    if (all > YETT_MAX_RULES) {
        findings.error("too-many", "/rules",
                       std::to_string(all) + " rules, with failsafe and built-ins, are too many",
                       "yett holds " + std::to_string(YETT_MAX_RULES) +
                           "; long lists of addresses belong into a set");
        findings.at_key();
    }
    // Before what is warned of rule by rule: of very many warnings the first are kept.
    check_reach(findings, scope.ruleset);
    std::unordered_map<std::string_view, std::size_t> names;
    for (std::size_t i = 0; i < rules.size() && !findings.full(); ++i) {
        const std::string pointer = "/rules/" + std::to_string(i);
        check_rule_name(findings, rules[i], pointer);
        const auto [first, fresh] = names.emplace(rules[i].name, i);
        if (!fresh) {
            findings.error("duplicate-name", pointer + "/name",
                           "there are two rules " + quote(rules[i].name),
                           "the other is rule " + std::to_string(first->second + 1) +
                               "; counters need a name for each");
        }
        check_match(findings, scope, rules[i].match, pointer + "/match");
        check_action(findings, rules[i], pointer);
    }
    check_lists(findings, rules);
}

}  // namespace

std::vector<Diagnostic> check(const Ruleset& ruleset) {
    Findings findings;
    const Scope scope(ruleset);
    check_head(findings, ruleset);
    check_builtins(findings, ruleset);
    check_exceptions(findings, ruleset);
    check_tunnel_ports(findings, ruleset);
    check_sets(findings, scope);
    check_never_ban(findings, scope);
    check_failsafe(findings, scope);
    check_rules(findings, scope);
    check_packet_tests(findings, ruleset);
    return findings.take();
}

}  // namespace yett
