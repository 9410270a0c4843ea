// SPDX-License-Identifier: GPL-2.0-or-later
// One leaf, edited.
#include "compile/edit_tree.hpp"

#include <gtest/gtest.h>

#include "compile/node.hpp"

namespace yett {
namespace {

class TreeEditTest : public ::testing::Test {
  protected:
    /// A box of that rule: TCP to one port, and with `ttl` more than a record says.
    Record record(std::uint32_t rule, std::uint16_t port, std::uint8_t ttl = 0) {
        yett_box box{};
        box.rule = rule;
        box.named = YETT_FIELD_BIT(PROTO) | YETT_FIELD_BIT(DPORT);
        box.proto = {6, 6};
        box.dport = {port, port};
        if (ttl != 0) box.named |= YETT_FIELD_BIT(TTL), box.ttl = {ttl, ttl};
        const std::vector<yett_box> boxes{box};
        const std::vector<bool> none_counts(rule + 1);
        const std::vector<yett_action> actions(rule + 1);
        const Shapes shapes =
            shapes_of(boxes, YETT_FAMILY_IPV4, YETT_CLASS_PORTS, none_counts, false);
        BoxTags tags{boxes, {0}, actions};
        return record_of(shapes, 0, tags, image_);
    }
    std::vector<std::uint32_t> rules(std::uint64_t slot) {
        std::vector<std::uint32_t> rules;
        const LeafPlace leaf = leaf_of(slot);
        for (std::uint32_t i = 0; i < leaf.count; ++i)
            rules.push_back(words_of(image_.record(leaf.place, i, sizeof(yett_record4))).rule());
        return rules;
    }
    static Region everywhere() {
        Region region;
        for (unsigned f = 0; f < kCutFields; ++f)
            region[f] = whole_field(YETT_FAMILY_IPV4, f);
        return region;
    }
    std::uint64_t insert(std::uint64_t root, const Record& record) {
        return edit_.insert(root, everywhere(), record);
    }

    Image image_{kEngineOctets};
    TreeEdit edit_{image_, YETT_FAMILY_IPV4};
};

using Rules = std::vector<std::uint32_t>;

TEST_F(TreeEditTest, InsertsInRuleOrder) {
    std::uint64_t root = insert(kEmptySlot, record(5, 80));
    root = insert(root, record(9, 81));
    root = insert(root, record(2, 82));
    root = insert(root, record(7, 83));
    EXPECT_EQ(rules(root), (Rules{2, 5, 7, 9}));
    EXPECT_EQ(leaf_of(root).rule, 2u);
    EXPECT_EQ(edit_.longest(), 4u);
}

TEST_F(TreeEditTest, InsertsNothingTwice) {
    std::uint64_t root = insert(insert(kEmptySlot, record(5, 80)), record(5, 81, 64));
    EXPECT_EQ(insert(root, record(5, 80)), root);
    EXPECT_EQ(insert(root, record(5, 81, 64)), root) << "the same box, stored once more";
    EXPECT_EQ(leaf_of(insert(root, record(5, 81, 63))).count, 3u) << "another box";
}

TEST_F(TreeEditTest, RemovesAndRenumbers) {
    std::uint64_t root = kEmptySlot;
    for (const std::uint16_t rule : {1, 2, 3, 8})
        root = insert(root, record(rule, static_cast<std::uint16_t>(80 + rule)));
    root = edit_.remove(root, everywhere(), {1, 3});
    EXPECT_EQ(rules(root), (Rules{3, 8}));
    EXPECT_EQ(edit_.removed(), 2u);
    Renumbering renumbering(image_, 3, -2);
    root = renumbering.tree(root, YETT_FAMILY_IPV4);
    EXPECT_EQ(rules(root), (Rules{1, 6}));
    EXPECT_EQ(leaf_of(root).rule, 1u);
    EXPECT_EQ(TreeEdit(image_, YETT_FAMILY_IPV4).remove(root, everywhere(), {0, 9}), kEmptySlot);
}

}  // namespace
}  // namespace yett
