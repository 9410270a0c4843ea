// SPDX-License-Identifier: GPL-2.0-or-later
// Slots over reloads: what keeps its place, what gets a new one, and what happens when none is
// left.
#include "apply/slots.hpp"

#include <gtest/gtest.h>

#include "abi/limits.h"

namespace yett {
namespace {

Ruleset make_ruleset(const std::vector<std::string>& rules, const std::vector<std::string>& sets) {
    Ruleset ruleset;
    ruleset.interfaces = {"eth0"};
    for (const auto& name : rules) {
        Rule rule;
        rule.name = name;
        ruleset.rules.push_back(rule);
    }
    for (const auto& name : sets)
        ruleset.sets.emplace_back(name, Set{});
    return ruleset;
}

Slots allocate(const Slots& previous, const Ruleset& ruleset, const Kept& kept = {}) {
    auto slots = allocate_slots(previous, ruleset, kept);
    EXPECT_TRUE(slots.ok());
    return slots ? *slots : Slots{};
}

std::set<std::uint32_t> values(const std::unordered_map<std::string, std::uint32_t>& table) {
    std::set<std::uint32_t> out;
    for (const auto& [name, slot] : table)
        out.insert(slot);
    return out;
}

TEST(Slots, every_name_has_its_own) {
    const auto slots = allocate({}, make_ruleset({"a", "b", "c"}, {"s", "t"}));
    EXPECT_EQ(values(slots.counters).size(), slots.counters.size());
    EXPECT_EQ(slots.counters.count("a"), 1u);
    EXPECT_EQ(slots.counters.count(policy_counter_name(Direction::ingress)), 1u);
    EXPECT_EQ(slots.interfaces.at("eth0"), 1) << "slot 0 is an interface nobody registered";
    EXPECT_NE(slots.address_sets.at("s"), slots.address_sets.at("t"));
    EXPECT_GE(slots.address_sets.at("s"), 1) << "slot 0 is no set";
}

TEST(Slots, sets_of_addresses_share_a_space_and_others_have_their_own) {
    auto ruleset = make_ruleset({}, {"nets", "macs", "web", "inside"});
    ruleset.sets[1].second.type = SetType::mac;
    ruleset.sets[2].second.type = SetType::port;
    ruleset.sets[3].second.type = SetType::iface;
    ruleset.sets[3].second.ifaces = {"wlan0"};
    const auto slots = allocate({}, ruleset);
    EXPECT_EQ(slots.address_sets.size(), 2u);
    EXPECT_NE(slots.address_sets.at("nets"), slots.address_sets.at("macs"));
    EXPECT_EQ(slots.port_sets.at("web"), 1);
    EXPECT_EQ(slots.interface_sets.at("inside"), 1);
    EXPECT_EQ(slots.interfaces.count("wlan0"), 1u) << "what a set names can be asked for";
}

TEST(Slots, rules_keep_theirs_whatever_moves_around_them) {
    const auto before = allocate({}, make_ruleset({"a", "b", "c"}, {}));
    const auto after = allocate(before, make_ruleset({"x", "c", "y", "a"}, {}));
    EXPECT_EQ(after.counters.at("a"), before.counters.at("a"));
    EXPECT_EQ(after.counters.at("c"), before.counters.at("c"));
    EXPECT_EQ(after.counters.count("b"), 0u);
    for (const auto* name : {"x", "y"}) {
        EXPECT_EQ(values(before.counters).count(after.counters.at(name)), 0u)
            << name << " got a slot that the running generation counts in";
    }
}

TEST(Slots, a_freed_one_is_used_again_in_the_generation_after) {
    const auto first = allocate({}, make_ruleset({"a", "b"}, {}));
    const auto second = allocate(first, make_ruleset({"a"}, {}));
    const auto third = allocate(second, make_ruleset({"a", "c"}, {}));
    EXPECT_EQ(third.counters.at("c"), first.counters.at("b"));
}

TEST(Slots, sets_keep_theirs_only_when_told_so) {
    const auto before = allocate({}, make_ruleset({}, {"s", "t"}));
    const auto after = allocate(before, make_ruleset({}, {"s", "t"}), {{"s"}, {}});
    EXPECT_EQ(after.address_sets.at("s"), before.address_sets.at("s"));
    EXPECT_NE(after.address_sets.at("t"), before.address_sets.at("t"));
    EXPECT_NE(after.address_sets.at("t"), before.address_sets.at("s"));
}

TEST(Slots, a_set_that_changes_its_type_gets_a_new_one) {
    const auto before = allocate({}, make_ruleset({}, {"s"}));
    auto ruleset = make_ruleset({}, {"s"});
    ruleset.sets[0].second.type = SetType::port;
    const auto after = allocate(before, ruleset);
    EXPECT_TRUE(after.address_sets.empty());
    EXPECT_EQ(after.port_sets.count("s"), 1u);
}

TEST(Slots, attached_interfaces_keep_theirs_though_no_rule_names_them) {
    const auto before = allocate({}, make_ruleset({}, {}));
    auto ruleset = make_ruleset({}, {});
    ruleset.interfaces = {"eth1"};
    const auto after = allocate(before, ruleset, {{}, {"eth0"}});
    EXPECT_EQ(after.interfaces.at("eth0"), 1);
    EXPECT_EQ(after.interfaces.at("eth1"), 2);
    EXPECT_EQ(allocate(after, ruleset).interfaces.count("eth0"), 0u);
}

TEST(Slots, run_out_with_an_error_and_not_with_a_clash) {
    Slots before;
    for (std::uint32_t i = 0; i < YETT_MAX_SET_SLOTS - 2; ++i) {
        before.address_sets["old" + std::to_string(i)] = static_cast<std::uint16_t>(i + 1);
    }
    const auto one = allocate_slots(before, make_ruleset({}, {"new"}), {});
    ASSERT_TRUE(one.ok());
    EXPECT_EQ(one->address_sets.at("new"), YETT_MAX_SET_SLOTS - 1);
    const auto two = allocate_slots(before, make_ruleset({}, {"new", "newer"}), {});
    ASSERT_FALSE(two.ok());
    EXPECT_EQ(two.error().kind, ErrorKind::kernel);
    EXPECT_NE(two.error().message.find(std::to_string(YETT_MAX_SET_SLOTS - 1)), std::string::npos)
        << two.error().message;
}

TEST(Slots, one_interface_more) {
    Slots slots = allocate({}, make_ruleset({}, {}));
    const auto fresh = allocate_interface(slots, "eth7");
    ASSERT_TRUE(fresh.ok());
    EXPECT_EQ(*fresh, 2);
    EXPECT_EQ(*allocate_interface(slots, "eth7"), 2);
    EXPECT_EQ(*allocate_interface(slots, "eth0"), 1);
}

}  // namespace
}  // namespace yett
