// SPDX-License-Identifier: GPL-2.0-or-later
// Slots say again what they were made of.
#include "compile/node.hpp"

#include <gtest/gtest.h>

namespace yett {
namespace {

void expect_same(const Window& a, const Window& b) {
    EXPECT_EQ(a.bits, b.bits);
    if (a.bits == 0) return;
    EXPECT_EQ(a.field, b.field);
    EXPECT_EQ(a.shift, b.shift);
}

TEST(Node, ReadsBackEveryWindow) {
    for (unsigned field = 0; field < kCutFields; ++field) {
        for (unsigned bits = 1; bits <= 15; ++bits) {
            for (unsigned shift = 0; shift + bits <= 64; ++shift) {
                const Node node{0xabcdef, {{field, shift, bits}, {field ^ 1, 64 - bits, bits}}};
                const std::uint64_t slot = slot_of(node);
                ASSERT_FALSE(is_leaf(slot));
                const Node back = node_of(slot);
                EXPECT_EQ(back.first, node.first);
                expect_same(back.cut.a, node.cut.a);
                expect_same(back.cut.b, node.cut.b);
            }
        }
    }
}

TEST(Node, ReadsBackThatThereIsNoSecondWindow) {
    const Node back = node_of(slot_of(Node{7, {{YETT_CUT_DPORT, 3, 5}, {}}}));
    EXPECT_EQ(back.cut.b.bits, 0u);
    EXPECT_EQ(back.children(), 32u);
}

TEST(Node, ReadsBackLeaves) {
    const LeafPlace leaf{(1u << YETT_SLOT_PLACE_BITS) - 1, (1u << YETT_SLOT_COUNT_BITS) - 1,
                         (1u << YETT_RULE_BITS) - 2};
    ASSERT_TRUE(is_leaf(slot_of(leaf)));
    const LeafPlace back = leaf_of(slot_of(leaf));
    EXPECT_EQ(back.place, leaf.place);
    EXPECT_EQ(back.count, leaf.count);
    EXPECT_EQ(back.rule, leaf.rule);
}

/// A window at the top of a region narrows it; one in its middle says nothing of a range.
TEST(Node, NarrowsRegionsWhereItCan) {
    Region region{};
    region[YETT_CUT_SRC] = {0, 0xffffffff};
    const Region top = part_of(region, {{YETT_CUT_SRC, 24, 8}, {}}, 10, 0);
    EXPECT_EQ(top[YETT_CUT_SRC], (Span{0x0a000000, 0x0affffff}));
    const Region middle = part_of(region, {{YETT_CUT_SRC, 8, 8}, {}}, 10, 0);
    EXPECT_EQ(middle[YETT_CUT_SRC], region[YETT_CUT_SRC]);
}

}  // namespace
}  // namespace yett
