// SPDX-License-Identifier: GPL-2.0-or-later
// Shows that the differential test can fail: every kind of damage to compiled boxes must be seen by
// it.
#include <gtest/gtest.h>

#include <functional>

#include "differential/compare.hpp"
#include "differential/evaluator.hpp"
#include "differential/generator.hpp"

namespace yett::testing {
namespace {

constexpr int kMostRulesets = 3000;
constexpr int kPacketsForEachMutation = 100;
constexpr std::uint64_t kSeed = 20;

struct Mutation {
    std::string name;
    std::function<void(yett_box&)> damage;
};

/// Fields whose tests stand in boxes: all but the direction, which chooses the list.
std::vector<Mutation> forgotten_fields() {
    std::vector<Mutation> mutations;
    const auto forget = [&](const std::string& name, std::uint32_t bit) {
        mutations.push_back({"forgets " + name, [bit](yett_box& box) { box.named &= ~bit; }});
    };
#define YETT_FORGET(name, text) \
    if (YETT_FIELD_##name != YETT_FIELD_DIRECTION) forget(text, YETT_FIELD_BIT(name));
    YETT_FIELDS(YETT_FORGET)
#undef YETT_FORGET
    return mutations;
}

std::vector<Mutation> shifted_ranges() {
    return {
        {"iface range", [](yett_box& box) { ++box.iface.first; }},
        {"ethertype range", [](yett_box& box) { ++box.ethertype.first; }},
        {"vlan range", [](yett_box& box) { --box.vlan.last; }},
        {"sport range", [](yett_box& box) { --box.sport.last; }},
        {"dport range", [](yett_box& box) { ++box.dport.first; }},
        {"len range", [](yett_box& box) { --box.len.last; }},
        {"proto range", [](yett_box& box) { ++box.proto.last; }},
        {"ttl range", [](yett_box& box) { --box.ttl.last; }},
        {"dscp range", [](yett_box& box) { ++box.dscp.first; }},
        {"state range", [](yett_box& box) { ++box.state.first; }},
        {"icmp_type range", [](yett_box& box) { --box.icmp_type.last; }},
        {"icmp_code range", [](yett_box& box) { --box.icmp_code.last; }},
        {"fragment range", [](yett_box& box) { ++box.fragment.first; }},
        {"src range", [](yett_box& box) { --box.src_last.lo; }},
        {"dst range", [](yett_box& box) { ++box.dst_first.lo; }},
        {"upper half of src", [](yett_box& box) { ++box.src_first.hi; }},
        {"tcp flags", [](yett_box& box) { box.tcp_value ^= box.tcp_mask & YETT_TCP_SYN; }},
    };
}

std::vector<Mutation> other_damage() {
    std::vector<Mutation> mutations = {
        {"needs no knowledge", [](yett_box& box) { box.flags &= ~YETT_BOX_NEEDS_KNOWN; }},
        {"always needs knowledge", [](yett_box& box) { box.flags |= YETT_BOX_NEEDS_KNOWN; }},
        {"forgets absent", [](yett_box& box) { box.absent = 0; }},
        {"forgets src_set", [](yett_box& box) { box.src_set = 0; }},
        {"forgets dst_set", [](yett_box& box) { box.dst_set = 0; }},
        {"forgets sport_set", [](yett_box& box) { box.sport_set = 0; }},
        {"forgets dport_set", [](yett_box& box) { box.dport_set = 0; }},
        {"forgets src_set2", [](yett_box& box) { box.src_set2 = 0; }},
        {"forgets dst_set2", [](yett_box& box) { box.dst_set2 = 0; }},
        {"forgets sport_set2", [](yett_box& box) { box.sport_set2 = 0; }},
        {"forgets dport_set2", [](yett_box& box) { box.dport_set2 = 0; }},
        {"forgets smac_set", [](yett_box& box) { box.smac_set = 0; }},
        {"forgets dmac_set", [](yett_box& box) { box.dmac_set = 0; }},
        {"forgets iface_set", [](yett_box& box) { box.iface_set = 0; }},
        {"forgets smac_set2", [](yett_box& box) { box.smac_set2 = 0; }},
        {"forgets dmac_set2", [](yett_box& box) { box.dmac_set2 = 0; }},
        {"forgets iface_set2", [](yett_box& box) { box.iface_set2 = 0; }},
    };
    for (const int bit : {YETT_BOX_NOT_SRC_SET, YETT_BOX_NOT_DST_SET, YETT_BOX_NOT_SPORT_SET,
                          YETT_BOX_NOT_DPORT_SET, YETT_BOX_NOT_SRC_SET2, YETT_BOX_NOT_DST_SET2,
                          YETT_BOX_NOT_SPORT_SET2, YETT_BOX_NOT_DPORT_SET2, YETT_BOX_NOT_SMAC_SET,
                          YETT_BOX_NOT_DMAC_SET, YETT_BOX_NOT_IFACE_SET, YETT_BOX_NOT_SMAC_SET2,
                          YETT_BOX_NOT_DMAC_SET2, YETT_BOX_NOT_IFACE_SET2})
        mutations.push_back({"inverts the set test of flag " + std::to_string(bit),
                             [bit](yett_box& box) { box.flags ^= bit; }});
    return mutations;
}

bool differs(const Ruleset& ruleset, const Slots& slots, const Tables& tables,
             Generator& generator) {
    const std::vector<Rule> rules = effective_rules(ruleset);
    for (int i = 0; i < kPacketsForEachMutation; ++i) {
        const Sample sample = generator.sample();
        if (!early_reason(ruleset, sample.packet, sample.direction).empty()) continue;
        const PacketView view = view_of(sample.packet, sample.direction, sample.iface);
        if (!same(judge(ruleset, rules, view), evaluate(tables, slots, ruleset, view))) return true;
    }
    return false;
}

bool is_seen(const Mutation& mutation) {
    Generator generator(kSeed);
    for (int i = 0; i < kMostRulesets; ++i) {
        const Ruleset ruleset = generator.ruleset();
        const Slots slots = slots_for(ruleset);
        Result<Tables> tables = compile(ruleset, slots);
        if (!tables) continue;
        for (yett_box& box : tables->boxes)
            mutation.damage(box);
        if (differs(ruleset, slots, *tables, generator)) return true;
    }
    return false;
}

TEST(Mutations, EveryDamageIsSeen) {
    std::vector<Mutation> mutations = forgotten_fields();
    for (auto& list : {shifted_ranges(), other_damage()})
        mutations.insert(mutations.end(), list.begin(), list.end());
    for (const Mutation& mutation : mutations) {
        SCOPED_TRACE(mutation.name);
        EXPECT_TRUE(is_seen(mutation));
    }
}

TEST(Mutations, UndamagedBoxesDoNotDiffer) {
    EXPECT_FALSE(is_seen({"nothing", [](yett_box&) {}}));
}

}  // namespace
}  // namespace yett::testing
