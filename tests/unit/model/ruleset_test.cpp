// SPDX-License-Identifier: GPL-2.0-or-later
// The rules that a ruleset implies, and their order.
#include "model/ruleset.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace yett {
namespace {

std::vector<std::string> names_of(const std::vector<Rule>& rules) {
    std::vector<std::string> names;
    for (const Rule& rule : rules)
        names.push_back(rule.name);
    return names;
}

Ruleset closed() {
    Ruleset ruleset;
    ruleset.policy[0] = ruleset.policy[1] = Verdict::drop;
    return ruleset;
}

std::vector<std::string> each_once(const std::vector<Rule>& rules) {
    std::vector<std::string> names = names_of(rules);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

TEST(EffectiveRules, FailsafeThenTheOperatorsThenBuiltins) {
    Ruleset ruleset = closed();
    ruleset.failsafe.push_back({});
    ruleset.rules.push_back({"own", {}, ActionKind::drop, 0, ""});
    EXPECT_EQ(
        each_once(effective_rules(ruleset)),
        (std::vector<std::string>{"(failsafe)", "own", "builtin-arp", "builtin-nd", "builtin-mld",
                                  "builtin-igmp", "builtin-dhcp-client", "builtin-link"}));
    EXPECT_EQ(own_rules_begin(ruleset), 2u);
}

TEST(EffectiveRules, BuiltinsStandWhereThePolicyDropsAlone) {
    Ruleset ruleset = closed();
    ruleset.policy[1] = Verdict::pass;
    for (const Rule& rule : builtin_rules(ruleset))
        EXPECT_EQ(rule.match.direction, std::vector{Direction::ingress}) << rule.name;
    ruleset.policy[0] = Verdict::pass;
    EXPECT_TRUE(builtin_rules(ruleset).empty());
}

TEST(EffectiveRules, EachBuiltinCanBeTurnedOff) {
    for (const std::string& name : builtin_names()) {
        SCOPED_TRACE(name);
        Ruleset ruleset = closed();
        const auto all = names_of(builtin_rules(ruleset));
        EXPECT_NE(std::count(all.begin(), all.end(), name), 0);
        ruleset.builtins[name] = true;
        EXPECT_EQ(names_of(builtin_rules(ruleset)), all);
        ruleset.builtins[name] = false;
        const auto rest = names_of(builtin_rules(ruleset));
        EXPECT_EQ(std::count(rest.begin(), rest.end(), name), 0);
        EXPECT_LT(rest.size(), all.size());
    }
}

TEST(EffectiveRules, FailsafeLetsTheRepliesOut) {
    Ruleset ruleset;
    Match entry;
    entry.src = {*parse_prefix("192.0.2.0/24")};
    entry.proto = {{6, 6}};
    entry.dport = {NumberRange{22, 22}};
    entry.icmp_type = {{8, 8}};
    entry.negated.resize(1);
    entry.negated[0].sport = {NumberRange{0, 1023}};
    ruleset.failsafe = {entry};
    const auto rules = effective_rules(ruleset);
    EXPECT_EQ(rules[0].action, ActionKind::pass);
    EXPECT_EQ(rules[0].match.direction, std::vector{Direction::ingress});
    EXPECT_EQ(rules[0].match.src, entry.src);
    const Match& out = rules[1].match;
    EXPECT_EQ(out.direction, std::vector{Direction::egress});
    EXPECT_EQ(out.dst, entry.src);
    EXPECT_TRUE(out.src.empty());
    EXPECT_EQ(out.sport, entry.dport);
    EXPECT_TRUE(out.dport.empty());
    EXPECT_EQ(out.proto, entry.proto);
    EXPECT_EQ(out.icmp_type, entry.icmp_type);
    EXPECT_EQ(out.negated[0].dport, entry.negated[0].sport);
}

TEST(EffectiveRules, FailsafeMayAskForThisHostsAddress) {
    Ruleset ruleset;
    Match entry;
    entry.src = {*parse_prefix("192.0.2.0/24"), *parse_prefix("2001:db8:99::/48")};
    entry.dport = {NumberRange{22, 22}};
    ruleset.failsafe = {entry};
    const auto rules = effective_rules(ruleset);
    ASSERT_EQ(rules.size(), 3u);
    EXPECT_EQ(rules[2].match.src, std::vector<AddressTest>{*parse_prefix("2001:db8:99::/48")});
    EXPECT_EQ(rules[2].match.icmp_type, (std::vector<NumberRange>{{135, 136}}));
    EXPECT_EQ(rules[2].match.direction, std::vector{Direction::ingress});
}

TEST(EffectiveRules, FailsafeWithADirectionStaysAsWritten) {
    Ruleset ruleset;
    Match entry;
    entry.direction = {Direction::egress};
    entry.dport = {NumberRange{53, 53}};
    ruleset.failsafe = {entry};
    EXPECT_EQ(effective_rules(ruleset)[0].match, entry);
    EXPECT_EQ(effective_rules(ruleset).size(), 1u);
}

TEST(FindSet, GivesTheSetOrNothing) {
    Ruleset ruleset;
    ruleset.sets.push_back({"web", Set{}});
    EXPECT_EQ(find_set(ruleset, "web"), &ruleset.sets[0].second);
    EXPECT_EQ(find_set(ruleset, "we"), nullptr);
}

TEST(HookChoice, a_name_beats_patterns_and_of_these_the_first_that_fits_decides) {
    Ruleset ruleset;
    EXPECT_EQ(hook_choice_of(ruleset, "eth0"), HookChoice::automatic);
    ruleset.attach = {{"veth*", HookChoice::native},
                      {"*1", HookChoice::tc},
                      {"veth7", HookChoice::automatic},
                      {"*", HookChoice::generic},
                      {"lo", HookChoice::tc}};
    const std::pair<const char*, HookChoice> rows[] = {
        {"veth0", HookChoice::native},    {"veth1", HookChoice::native},
        {"veth7", HookChoice::automatic}, {"eth1", HookChoice::tc},
        {"eth0", HookChoice::generic},    {"lo", HookChoice::tc}};
    for (const auto& [name, choice] : rows)
        EXPECT_EQ(hook_choice_of(ruleset, name), choice) << name;
}

}  // namespace
}  // namespace yett
