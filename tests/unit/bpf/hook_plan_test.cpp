// SPDX-License-Identifier: GPL-2.0-or-later
// Which hook is chosen, as a table.
#include "bpf/hook_plan.hpp"

#include <gtest/gtest.h>

namespace yett {
namespace {

constexpr AttachMode kNative = AttachMode::xdp_native, kGeneric = AttachMode::xdp_generic,
                     kTc = AttachMode::tc;
constexpr Demands kNothing{}, kTags{.tags = true}, kReplies{.replies = true},
    kFrames{.frames = true};

struct Row {
    const char* driver;
    Demands demands;
    std::optional<AttachMode> asked;
    const char* holder;
    AttachMode mode;
    const char* note;  ///< a part of it; empty: there is none
};

const Row kRows[] = {
    // By the driver.
    {"mlx5_core", kNothing, {}, "", kNative, ""},
    {"", kNothing, {}, "", kNative, ""},
    {"virtio_net", kNothing, {}, "", kNative, "single segments"},
    {"veth", kNothing, {}, "", kTc, "a veth with XDP"},
    {"tun", kNothing, {}, "", kTc, "XDP on a tap"},
    // By the ruleset.
    {"veth", kNothing, kNative, "", kNative, ""},
    {"veth", kNothing, kGeneric, "", kGeneric, "super-packet"},
    {"tun", kNothing, kNative, "", kNative, "super-packet"},
    {"mlx5_core", kNothing, kTc, "", kTc, "the ruleset asks"},
    {"veth", kNothing, kTc, "", kTc, "the ruleset asks"},
    // What rules need comes before what is asked for.
    {"veth", kTags, kNative, "", kTc, "no VLAN tag"},
    {"veth", kReplies, kNative, "", kTc, "replies are lost"},
    {"veth", kReplies, kGeneric, "", kTc, "replies are lost"},
    {"veth", kTags, {}, "", kTc, "a veth with XDP"},
    {"mlx5_core", kTags, {}, "", kNative, ""},
    {"mlx5_core", kReplies, {}, "", kNative, ""},
    {"mlx5_core", kFrames, {}, "", kNative, ""},
    {"mlx5_core", kTags, kGeneric, "", kTc, "generic XDP"},
    {"mlx5_core", kFrames, kGeneric, "", kTc, "len"},
    {"veth", kFrames, kNative, "", kNative, ""},
    {"tun", kFrames, kNative, "", kTc, "len"},
    // Nobody else's program is touched.
    {"mlx5_core", kNothing, {}, "other (id 7)", kTc, "taken by other (id 7)"},
    {"veth", kNothing, kNative, "other (id 7)", kTc, "taken by other (id 7)"},
    {"veth", kNothing, kTc, "other (id 7)", kTc, "the ruleset asks"},
};

TEST(HookPlan, follows_the_driver_the_ruleset_and_the_rules) {
    for (const Row& row : kRows) {
        Demands demands = row.demands;
        demands.asked = row.asked;
        const HookPlan plan = plan_hook(demands, {row.driver, row.holder});
        const int number = static_cast<int>(&row - kRows);
        EXPECT_EQ(plan.mode, row.mode) << "row " << number << ": " << row.driver << plan.note;
        EXPECT_NE(plan.note.find(row.note), plan.note.npos) << "row " << number << plan.note;
        EXPECT_EQ(plan.note.empty(), *row.note == 0) << "row " << number << ": " << plan.note;
    }
}

TEST(HookPlan, is_told_afterwards_as_far_as_can_be_seen) {
    EXPECT_EQ(note_afterwards(kNative, {"veth", ""}), "");
    EXPECT_NE(note_afterwards(kGeneric, {"veth", ""}), "");
    EXPECT_EQ(note_afterwards(kTc, {"veth", ""}), plan_hook({}, {"veth", ""}).note);
    EXPECT_EQ(note_afterwards(kTc, {"tun", ""}), plan_hook({}, {"tun", ""}).note);
    EXPECT_EQ(note_afterwards(kTc, {"e1000e", "x"}), plan_hook({}, {"e1000e", "x"}).note);
    EXPECT_NE(note_afterwards(kTc, {"e1000e", ""}), "");
}

}  // namespace
}  // namespace yett
