// SPDX-License-Identifier: GPL-2.0-or-later
// What is said of reach is true, and nothing is left unsaid: random small rulesets, and every
// packet that their rules can tell from another, judged by the reference.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "abi/fields.h"
#include "check/check.hpp"
#include "check/judge.hpp"
#include "model/protocol.hpp"

namespace yett {
namespace {

using Random = std::mt19937;

template <typename T>
const T& one_of(Random& random, const std::vector<T>& values) {
    return values[random() % values.size()];
}

AddressTest prefix(const char* text) {
    return *parse_prefix(text);
}

const std::vector<AddressTest> kSources = {
    prefix("192.0.2.0/30"),   prefix("192.0.2.0/31"), prefix("192.0.2.2/31"), prefix("192.0.2.1"),
    prefix("2001:db8::/127"), prefix("2001:db8::1"),  SetReference{"s"},      SetReference{"t"},
    prefix("0.0.0.0/0"),      prefix("::/0"),
};
const std::vector<PortTest> kPorts = {NumberRange{0, 1}, NumberRange{2, 3}, NumberRange{2, 65535},
                                      NumberRange{3, 3}, NumberRange{0, 65535}};
const std::vector<NumberRange> kProtocols = {{6, 6}, {17, 17}, {1, 1}, {0, 255}, {6, 17}};

/// Up to three keys.
Match random_match(Random& random) {
    Match match;
    const auto keys = random() % 32 & random();
    if (keys & 1) match.src = {one_of(random, kSources)};
    if (keys & 1 && random() % 3 == 0) match.src.push_back(one_of(random, kSources));
    if (keys & 2) match.dport = {one_of(random, kPorts)};
    if (keys & 4) match.direction = {random() % 2 ? Direction::ingress : Direction::egress};
    if (keys & 8) match.proto = {one_of(random, kProtocols)};
    if (keys & 16) match.family = {random() % 2 ? Family::ipv4 : Family::ipv6};
    return match;
}

Rule random_rule(Random& random, std::size_t number) {
    Rule rule;
    rule.name = "r" + std::to_string(number);
    rule.match = random_match(random);
    for (auto left = random() % 4; left >= 2; --left) {
        Match part = random_match(random);
        if (!(part == Match{})) rule.match.negated.push_back(std::move(part));
    }
    rule.action = one_of(random, std::vector{ActionKind::pass, ActionKind::pass, ActionKind::drop,
                                             ActionKind::drop, ActionKind::count});
    return rule;
}

Ruleset random_ruleset(Random& random) {
    Ruleset ruleset;
    ruleset.sets = {{"s", Set{}}, {"t", Set{}}};
    if (random() % 2) ruleset.exceptions["frag_later"] = Verdict::pass;
    if (random() % 3 == 0) {
        Match entry = random_match(random);
        // Without a direction, replies were meant, too: those packets differ in more than these.
        entry.direction = {random() % 2 ? Direction::ingress : Direction::egress};
        ruleset.failsafe.push_back(std::move(entry));
    }
    const std::size_t count = 2 + random() % 7;
    for (std::size_t i = 0; i < count; ++i)
        ruleset.rules.push_back(random_rule(random, i));
    return ruleset;
}

/// A packet, and which sets its source is in.
struct Sight {
    PacketView view;
    unsigned sets;
};

constexpr std::uint32_t kLink = YETT_FIELD_BIT(IFACE) | YETT_FIELD_BIT(DIRECTION) |
                                YETT_FIELD_BIT(ETHERTYPE) | YETT_FIELD_BIT(VLAN);
constexpr std::uint32_t kNetwork = YETT_FIELD_BIT(FAMILY) | YETT_FIELD_BIT(SRC) |
                                   YETT_FIELD_BIT(DST) | YETT_FIELD_BIT(LEN) |
                                   YETT_FIELD_BIT(FRAGMENT);
constexpr std::uint32_t kPortFields = YETT_FIELD_BIT(SPORT) | YETT_FIELD_BIT(DPORT);

/// With each destination port that rules tell from others; as it is, and as a later fragment.
void add_packets(std::vector<Sight>& sights, PacketView view, bool fragments) {
    for (unsigned sets = 0; sets < 4; ++sets) {
        view.known = kLink | kNetwork | YETT_FIELD_BIT(PROTO);
        view.unknown = 0;
        view.fragment = FragmentKind::none;
        if (has_ports(view.proto)) {
            view.known |= kPortFields;
            for (view.dport = 1; view.dport <= 4; ++view.dport)
                sights.push_back({view, sets});
        } else {
            sights.push_back({view, sets});
        }
        if (!fragments) continue;
        view.fragment = FragmentKind::later;
        if (view.family == Family::ipv4) {
            view.unknown = has_ports(view.proto) ? kPortFields : 0;
            view.known &= ~view.unknown;
            sights.push_back({view, sets});
        }
        // In IPv6, and behind an authentication header, nobody knows the protocol either.
        view.unknown = kPortFields | YETT_FIELD_BIT(PROTO);
        view.known &= ~view.unknown;
        sights.push_back({view, sets});
    }
}

std::vector<Sight> all_sights(bool fragments) {
    std::vector<Sight> sights;
    for (const auto direction : {Direction::ingress, Direction::egress}) {
        PacketView view;
        view.direction = direction;
        view.known = kLink;
        view.ethertype = kEthertypeArp;
        sights.push_back({view, 0});
        for (const char* text : {"192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.9",
                                 "2001:db8::", "2001:db8::1", "2001:db8::9"}) {
            view.src = *parse_address(text);
            view.family = view.src.family;
            view.dst = view.src;
            view.ethertype = view.family == Family::ipv4 ? kEthertypeIpv4 : kEthertypeIpv6;
            for (const std::uint8_t proto : {1, 6, 9, 17, 47, 132}) {
                view.proto = proto;
                add_packets(sights, view, fragments);
            }
        }
    }
    return sights;
}

/// By rule of the ruleset: what the reference knows of it.
struct Known {
    bool matches = false, decides = false, decides_readable = false;
};

std::vector<Known> look(Ruleset ruleset) {
    const auto rules = effective_rules(ruleset);
    const std::size_t begin = own_rules_begin(ruleset);
    std::vector<Known> known(ruleset.rules.size());
    for (const Sight& sight : all_sights(ruleset.exceptions.contains("frag_later"))) {
        const Prefix source{sight.view.src, static_cast<std::uint8_t>(sight.view.src.bits())};
        for (unsigned set = 0; set < 2; ++set) {
            ruleset.sets[set].second.prefixes.clear();
            if (sight.sets >> set & 1) ruleset.sets[set].second.prefixes = {source};
        }
        const int rule = judge(ruleset, rules, sight.view).rule - static_cast<int>(begin);
        if (rule >= 0 && rule < static_cast<int>(known.size())) {
            known[rule].decides = true;
            known[rule].decides_readable |= sight.view.unknown == 0;
        }
        for (std::size_t i = 0; i < known.size(); ++i)
            if (!known[i].matches)
                known[i].matches = judge(ruleset, {ruleset.rules[i]}, sight.view).rule == 0;
    }
    return known;
}

std::string words_of(const std::vector<Diagnostic>& found) {
    std::string text;
    for (const auto& d : found)
        text += d.pointer + ' ' + d.code + ": " + d.message + '\n';
    return text;
}

TEST(ReachRandom, says_of_every_rule_what_the_reference_says_of_all_packets) {
    Random random(20);
    std::size_t unreachable = 0, drops = 0, reachable = 0;
    for (int round = 0; round < 300; ++round) {
        const Ruleset ruleset = random_ruleset(random);
        const auto found = check(ruleset);
        std::map<std::string, std::string> said;
        for (const auto& d : found)
            if (d.code == "unreachable" || d.code == "drop-after-pass") said[d.pointer] = d.code;
        const auto known = look(ruleset);
        for (std::size_t i = 0; i < known.size(); ++i) {
            if (ruleset.rules[i].action == ActionKind::count || !known[i].matches) continue;
            const auto code = said["/rules/" + std::to_string(i) + "/name"];
            const std::string where = "round " + std::to_string(round) + ", rule " +
                                      std::to_string(i) + '\n' + words_of(found);
            if (code == "unreachable") {
                EXPECT_FALSE(known[i].decides) << where;
            }
            if (code == "drop-after-pass") {
                EXPECT_FALSE(known[i].decides_readable) << where;
            }
            if (code.empty()) {
                EXPECT_TRUE(known[i].decides) << where;
            }
            unreachable += code == "unreachable";
            drops += code == "drop-after-pass";
            reachable += code.empty();
        }
    }
    EXPECT_GT(unreachable, 30u);
    EXPECT_GT(drops, 15u);
    EXPECT_GT(reachable, 120u);
}

}  // namespace
}  // namespace yett
