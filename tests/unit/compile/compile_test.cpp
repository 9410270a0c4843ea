// SPDX-License-Identifier: GPL-2.0-or-later
// Tables of known rules: how many boxes, in which lists, with what in them; bounds and refusals.
#include "compile/compile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "abi/reasons.h"
#include "json/reader.hpp"

namespace yett {
namespace {

Match match_of(const std::string& match) {
    const Document document = read_ruleset(
        R"({"version": 1, "name": "t", "interfaces": ["eth0"], "sets": {
            "a": {"type": "prefix", "entries": []}, "b": {"type": "prefix", "entries": []},
            "c": {"type": "prefix", "entries": []}, "web": {"type": "port", "entries": []}},
            "rules": [{"name": "r", "action": "drop", "match": )" +
        match + "}]}");
    EXPECT_TRUE(document.ok()) << match;
    return document.ruleset.rules.at(0).match;
}

Ruleset ruleset_of(std::vector<Rule> rules) {
    Ruleset ruleset;
    ruleset.interfaces = {"eth0"};
    for (const std::string& name : builtin_names())
        ruleset.builtins[name] = false;
    ruleset.rules = std::move(rules);
    return ruleset;
}

Ruleset one_rule(const std::string& match, ActionKind action = ActionKind::drop) {
    return ruleset_of({{"r", match_of(match), action, 60, ""}});
}

Slots slots_for(const Ruleset& ruleset) {
    Slots slots;
    std::uint32_t counter = 100;
    for (const std::string& name : counter_names(ruleset))
        slots.counters[name] = counter++;
    slots.interfaces = {{"eth0", 3}, {"eth1", 4}};
    slots.address_sets = {{"a", 1}, {"b", 2}, {"c", 3}};
    slots.port_sets = {{"web", 5}};
    slots.interface_sets = {{"inside", 6}, {"outside", 7}};
    return slots;
}

Tables compiled(const Ruleset& ruleset) {
    Result<Tables> tables = compile(ruleset, slots_for(ruleset));
    EXPECT_TRUE(tables.ok()) << tables.error().message;
    return tables ? *std::move(tables) : Tables{};
}

TEST(Compile, MakesAsFewBoxesAsTheRuleAllows) {
    const struct {
        const char* match;
        ActionKind action;
        unsigned ipv4, ipv6, other;  // boxes on ingress
    } rows[] = {
        {"{}", ActionKind::drop, 1, 1, 1},
        {R"({"dport": [80, 81]})", ActionKind::drop, 1, 1, 0},
        {R"({"dport": [80, "70-90", 91]})", ActionKind::pass, 1, 1, 0},
        {R"({"dport": [80, 82]})", ActionKind::drop, 2, 2, 0},
        {R"({"src": ["192.0.2.0/25", "192.0.2.128/25"]})", ActionKind::drop, 1, 0, 0},
        {R"({"src": ["192.0.2.0/24", "2001:db8::/32"]})", ActionKind::drop, 1, 1, 0},
        {R"({"src": "0.0.0.0/0"})", ActionKind::pass, 1, 0, 0},
        {R"({"family": "ipv6"})", ActionKind::drop, 0, 1, 0},
        {R"({"ethertype": "arp"})", ActionKind::pass, 0, 0, 1},
        {R"({"ethertype": "ipv4"})", ActionKind::pass, 1, 0, 1},
        {R"({"direction": "egress"})", ActionKind::drop, 0, 0, 0},
        {R"({"src": "@a", "dport": "@web"})", ActionKind::drop, 1, 1, 0},
        {R"({"src": ["@a", "@b"]})", ActionKind::drop, 2, 2, 0},
        {R"({"not": {"src": ["@a", "@b"]}})", ActionKind::drop, 1, 1, 1},
        {R"({"not": {"dport": 22}})", ActionKind::drop, 3, 3, 1},
        {R"({"not": {"dport": 0}})", ActionKind::drop, 2, 2, 1},
        {R"({"not": {"proto": "tcp"}})", ActionKind::drop, 2, 2, 1},
        {R"({"not": {"src": "192.0.2.0/24"}})", ActionKind::drop, 2, 1, 1},
        {R"({"tcp_flags": "syn,!ack"})", ActionKind::drop, 1, 1, 0},
        {R"({"not": {"tcp_flags": "syn,!ack"}})", ActionKind::pass, 3, 3, 1},
        {R"({"dport": 80, "not": {"dport": 80}})", ActionKind::pass, 0, 0, 0},
        {R"({"dport": 80, "not": {"dport": 80}})", ActionKind::drop, 1, 1, 0},
        {R"({"src": ["192.0.2.1", "192.0.2.3"], "dport": [1, 3, 5]})", ActionKind::drop, 6, 0, 0},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.match);
        const Tables tables = compiled(one_rule(row.match, row.action));
        const auto& lists = tables.lists[YETT_INGRESS];
        EXPECT_EQ(lists[YETT_FAMILY_IPV4].count, row.ipv4);
        EXPECT_EQ(lists[YETT_FAMILY_IPV6].count, row.ipv6);
        // A link-layer list may keep an ethertype that only a list of IP decides.
        EXPECT_EQ(lists[YETT_FAMILY_OTHER].count, row.other);
    }
}

TEST(Compile, BoxSaysWhatTheRuleSays) {
    const Tables tables = compiled(one_rule(
        R"({"iface": "eth0", "vlan": "1-9", "src": "192.0.2.0/24", "proto": "tcp",
            "sport": "@web", "dport": "80-90", "tcp_flags": "syn,!ack", "len": ">=60",
            "ttl": 64, "dscp": 46, "fragment": "none", "not": {"dst": "@b"}})",
        ActionKind::pass));
    const BoxRun& list = tables.lists[YETT_INGRESS][YETT_FAMILY_IPV4];
    ASSERT_EQ(list.count, 1u);
    const yett_box& box = tables.boxes[list.first];
    EXPECT_EQ(box.iface.first, 3);
    EXPECT_EQ(box.iface.last, 3);
    EXPECT_EQ(box.vlan.first, 1);
    EXPECT_EQ(box.vlan.last, 9);
    EXPECT_EQ(box.src_first.lo, 0xc0000200u);
    EXPECT_EQ(box.src_last.lo, 0xc00002ffu);
    EXPECT_EQ(box.src_last.hi, 0u);
    EXPECT_EQ(box.proto.first, 6);
    EXPECT_EQ(box.proto.last, 6);
    EXPECT_EQ(box.sport_set, 5);
    EXPECT_EQ(box.dport.first, 80);
    EXPECT_EQ(box.dport.last, 90);
    EXPECT_EQ(box.tcp_mask, YETT_TCP_SYN | YETT_TCP_ACK);
    EXPECT_EQ(box.tcp_value, YETT_TCP_SYN);
    EXPECT_EQ(box.len.first, 60);
    EXPECT_EQ(box.len.last, 65535);
    EXPECT_EQ(box.ttl.first, 64);
    EXPECT_EQ(box.dscp.last, 46);
    EXPECT_EQ(box.fragment.last, YETT_FRAGMENT_NONE);
    EXPECT_EQ(box.dst_set, 2);
    EXPECT_EQ(box.flags, YETT_BOX_NEEDS_KNOWN | YETT_BOX_NOT_DST_SET);
    EXPECT_EQ(box.absent, 0u);
    EXPECT_EQ(box.named, YETT_FIELD_BIT(IFACE) | YETT_FIELD_BIT(VLAN) | YETT_FIELD_BIT(SRC) |
                             YETT_FIELD_BIT(DST) | YETT_FIELD_BIT(PROTO) | YETT_FIELD_BIT(SPORT) |
                             YETT_FIELD_BIT(DPORT) | YETT_FIELD_BIT(TCP_FLAGS) |
                             YETT_FIELD_BIT(LEN) | YETT_FIELD_BIT(TTL) | YETT_FIELD_BIT(DSCP) |
                             YETT_FIELD_BIT(FRAGMENT));
}

TEST(Compile, ListsOfBothHooksShareTheirBoxes) {
    const Tables shared = compiled(one_rule(R"({"proto": "tcp"})"));
    const auto& lists = shared.lists;
    EXPECT_EQ(shared.boxes.size(), 2u);  // one for each family
    EXPECT_EQ(lists[YETT_INGRESS][YETT_FAMILY_IPV4].first,
              lists[YETT_EGRESS][YETT_FAMILY_IPV4].first);
}

TEST(Compile, ActionsCarryCounterAndFlags) {
    Ruleset ruleset =
        ruleset_of({{"b", {}, ActionKind::ban, 60, ""}, {"p", {}, ActionKind::pass, 0, ""}});
    ruleset.failsafe.push_back({});
    ruleset.policy[1] = Verdict::drop;
    ruleset.exceptions = {{"frag_later", Verdict::pass}, {"bad_length", Verdict::pass}};
    const Tables tables = compiled(ruleset);
    ASSERT_EQ(tables.actions.size(), 4u);
    EXPECT_EQ(tables.rule_names, (std::vector<std::string>{"(failsafe)", "(failsafe)", "b", "p"}));
    EXPECT_EQ(tables.actions[0].flags, YETT_ACTION_BEATS_BAN);
    EXPECT_EQ(tables.actions[1].counter, tables.actions[0].counter);
    EXPECT_EQ(tables.actions[2].kind, YETT_ACTION_BAN);
    EXPECT_EQ(tables.actions[2].ban_seconds, 60u);
    EXPECT_EQ(tables.actions[2].flags, 0);
    EXPECT_EQ(tables.actions[3].kind, YETT_ACTION_PASS);
    EXPECT_EQ(tables.ruleset.flags, YETT_RULESET_BANS | YETT_RULESET_STATE |
                                        YETT_RULESET_TRACK_FRAGMENTS | YETT_RULESET_JUDGES_LATER);
    EXPECT_EQ(tables.ruleset.policy[YETT_INGRESS], YETT_PASS);
    EXPECT_EQ(tables.ruleset.policy[YETT_EGRESS], YETT_DROP);
    EXPECT_TRUE(tables.ruleset.exceptions_pass >> YETT_REASON_FRAG_LATER & 1);
    EXPECT_FALSE(tables.ruleset.exceptions_pass >> YETT_REASON_BAD_LENGTH & 1);
}

TEST(Compile, TimeoutsAreTheRulesetsElseTheDefaults) {
    Ruleset ruleset = one_rule("{}");
    ruleset.timeouts[YETT_PHASE_TCP_OPEN] = 5 * 86400;
    ruleset.timeouts[YETT_PHASE_UDP_SENT] = YETT_LEAST_TIMEOUT;
    const yett_ruleset header = compiled(ruleset).ruleset;
    const auto seconds = [&](yett_connection_phase phase) {
        constexpr double kUnit = 0.134217728;
        return header.timeout[phase] * kUnit;
    };
    constexpr double kLateAtMost = 1.1;
    EXPECT_EQ(header.timeout[YETT_PHASE_NONE], 0u);
    EXPECT_GE(seconds(YETT_PHASE_TCP_OPEN), 432000);
    EXPECT_LE(seconds(YETT_PHASE_TCP_OPEN), 432000 + kLateAtMost);
    EXPECT_GE(seconds(YETT_PHASE_UDP_SENT), YETT_LEAST_TIMEOUT);
    EXPECT_LE(seconds(YETT_PHASE_UDP_SENT), YETT_LEAST_TIMEOUT + kLateAtMost);
    EXPECT_GE(seconds(YETT_PHASE_UDP_ANSWERED), 180);
    EXPECT_LE(seconds(YETT_PHASE_UDP_ANSWERED), 180 + kLateAtMost);
}

TEST(Compile, NamesAreListedOnce) {
    Ruleset ruleset = one_rule(R"({"iface": ["eth1", "eth0"], "not": {"iface": "eth2"}})");
    ruleset.failsafe.resize(1);
    EXPECT_EQ(interface_names(ruleset), (std::vector<std::string>{"eth0", "eth1", "eth2"}));
    EXPECT_EQ(counter_names(ruleset),
              (std::vector<std::string>{"(failsafe)", "r", "(policy:ingress)", "(policy:egress)"}));
}

std::string complaint(const Ruleset& ruleset, const Slots& slots, ErrorKind kind) {
    const Result<Tables> tables = compile(ruleset, slots);
    EXPECT_FALSE(tables.ok());
    if (tables) return {};
    EXPECT_EQ(tables.error().kind, kind) << tables.error().message;
    return tables.error().message;
}

std::vector<PortTest> every_other_port(unsigned count) {
    std::vector<PortTest> ports;
    for (std::uint32_t i = 0; i < count; ++i)
        ports.emplace_back(NumberRange{2 * i, 2 * i});
    return ports;
}

TEST(Compile, RefusesBeyondItsBounds) {
    Ruleset many = ruleset_of(std::vector<Rule>(YETT_MAX_RULES + 1));
    EXPECT_EQ(
        complaint(many, slots_for(many), ErrorKind::invalid),
        "the ruleset has 102401 rules with failsafe entries and built-ins; it may have 102400");

    Ruleset wide = one_rule("{}");
    wide.rules[0].match.sport = wide.rules[0].match.dport = every_other_port(800);
    EXPECT_EQ(complaint(wide, slots_for(wide), ErrorKind::invalid),
              "rule \"r\" expands to more than 524288 combinations of its values; a ruleset holds "
              "524288");

    // 250000 boxes for each of two families, and as many on egress where the TTL differs.
    Ruleset both =
        ruleset_of({{"in", {}, ActionKind::drop, 0, ""}, {"out", {}, ActionKind::drop, 0, ""}});
    both.rules[0].match.direction = {Direction::ingress};
    both.rules[0].match.dport = every_other_port(500);
    both.rules[0].match.sport = every_other_port(500);
    both.rules[1].match = both.rules[0].match;
    both.rules[1].match.direction = {Direction::egress};
    both.rules[1].match.ttl = {{1, 1}};
    both.rules[0].match.family = {Family::ipv4};
    EXPECT_EQ(complaint(both, slots_for(both), ErrorKind::invalid),
              "the ruleset expands to 750000 combinations of values; it may have 524288; rule "
              "\"out\" takes most of them, 500000");

    Ruleset sets = one_rule(R"({"not": {"src": ["@a", "@b", "@c"]}})");
    EXPECT_EQ(complaint(sets, slots_for(sets), ErrorKind::invalid),
              "rule \"r\" asks src for 3 sets at once; two is the most");
}

TEST(Compile, TakesSlowerTreesWhereFastOnesDoNotFitAndRefusesBelow) {
    std::vector<Rule> rules;
    for (std::uint32_t i = 0; i < 400; ++i) {
        Rule rule{"r" + std::to_string(i), match_of(R"({"family": "ipv4", "proto": "tcp"})"),
                  ActionKind::drop, 0, ""};
        rule.match.sport = {NumberRange{i * 7919 % 60000, i * 7919 % 60000 + 3000}};
        rule.match.dport = {NumberRange{i * 104729 % 60000, i * 104729 % 60000 + 3000}};
        rules.push_back(rule);
    }
    Tables tables = compiled(ruleset_of(rules));
    const std::size_t fast = tables.report.octets;
    const unsigned fewest = tables.report.worst().records;
    EXPECT_EQ(tables.report.fallback, "");

    ASSERT_TRUE(build_engine(tables, fast - 1).ok());
    EXPECT_LT(tables.report.octets, fast);
    EXPECT_GT(tables.report.worst().records, fewest);
    const std::string mebibyte = "0." + std::to_string((fast * 10 + (1 << 20) - 1) >> 20) + " MiB";
    EXPECT_EQ(tables.report.fallback, "the fast trees take " + mebibyte + " of the " + mebibyte +
                                          " that there are; these are smaller and slower");

    const Result<void> refused = build_engine(tables, 4096);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
    EXPECT_EQ(refused.error().message,
              "the ruleset expands to 400 combinations of values, which take 0.1 MiB; there is "
              "room for 0.1 MiB; rule \"r0\" takes most of them, 1");
}

TEST(Compile, RefusesNamesWithoutASlot) {
    const struct {
        const char* match;
        const char* message;
    } rows[] = {
        {R"({"iface": "eth9"})", "interface \"eth9\" has no slot"},
        {R"({"not": {"dst": "@a"}})", "prefix set \"a\" has no slot"},
        {R"({"sport": "@web"})", "port set \"web\" has no slot"},
        {R"({"smac": "@a"})", "MAC set \"a\" has no slot"},
        {R"({"not": {"iface": "@inside"}})", "interface set \"inside\" has no slot"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.match);
        const Ruleset ruleset = one_rule(row.match);
        Slots slots = slots_for(ruleset);
        slots.address_sets.clear();
        slots.port_sets.clear();
        slots.interface_sets.clear();
        EXPECT_EQ(complaint(ruleset, slots, ErrorKind::internal), row.message);
    }
    const Ruleset ruleset = one_rule("{}");
    Slots slots = slots_for(ruleset);
    slots.counters.erase("(policy:egress)");
    EXPECT_EQ(complaint(ruleset, slots, ErrorKind::internal),
              "counter \"(policy:egress)\" has no slot");
}

TEST(Compile, SetsOfTheLinkLayerStandInTheirFields) {
    const Tables tables = compiled(one_rule(
        R"({"smac": "@a", "iface": "@inside", "not": {"dmac": ["@b", "@c"], "iface": "@outside"}})"));
    // Of "not" one key must fail: both sets of dmac, or the set of iface; or there is no dmac.
    ASSERT_EQ(tables.lists[0][YETT_FAMILY_IPV4].count, 3u);
    const yett_box* const box = &tables.boxes[tables.lists[0][YETT_FAMILY_IPV4].first];
    const auto with = [&](auto question) { return *std::find_if(box, box + 3, question); };
    const yett_box by_iface = with([](const yett_box& one) { return one.iface_set2 != 0; });
    const yett_box by_dmac = with([](const yett_box& one) { return one.dmac_set != 0; });
    const yett_box by_none = with([](const yett_box& one) { return one.absent != 0; });
    EXPECT_EQ(by_none.absent, YETT_FIELD_BIT(DMAC));
    EXPECT_EQ(by_none.smac_set, 1);
    EXPECT_EQ(by_iface.smac_set, 1);
    EXPECT_EQ(by_iface.iface_set, 6);
    EXPECT_EQ(by_iface.iface_set2, 7);
    EXPECT_EQ(by_iface.dmac_set, 0);
    EXPECT_EQ(by_iface.flags, unsigned{YETT_BOX_NOT_IFACE_SET2});
    EXPECT_EQ(by_dmac.dmac_set, 2);
    EXPECT_EQ(by_dmac.dmac_set2, 3);
    EXPECT_EQ(by_dmac.iface_set, 6);
    EXPECT_EQ(by_dmac.flags, unsigned{YETT_BOX_NOT_DMAC_SET | YETT_BOX_NOT_DMAC_SET2});
}

TEST(Compile, SameRulesetSameOctets) {
    const Ruleset ruleset = one_rule(R"({"src": ["@a", "@b"], "not": {"dport": [1, 2, 9]}})");
    const Tables first = compiled(ruleset), second = compiled(ruleset);
    ASSERT_EQ(first.boxes.size(), second.boxes.size());
    EXPECT_EQ(
        std::memcmp(first.boxes.data(), second.boxes.data(), first.boxes.size() * sizeof(yett_box)),
        0);
    EXPECT_EQ(std::memcmp(&first.ruleset, &second.ruleset, sizeof first.ruleset), 0);
}

}  // namespace
}  // namespace yett
