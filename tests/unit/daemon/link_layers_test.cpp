// SPDX-License-Identifier: GPL-2.0-or-later
// Which interfaces carry the frames of another.
#include "daemon/link_layers.hpp"

#include <gtest/gtest.h>

namespace yett {
namespace {

using Links = std::set<std::uint32_t>;

TEST(LinkLayers, go_down_to_every_interface_below) {
    // A VLAN 9 on a bridge 5 with the ports 2 and 3; 7 stands alone.
    const LinkLayers layers = {{9, 5}, {5, 2}, {5, 3}};
    EXPECT_EQ(below(layers, 9), (Links{9, 5, 2, 3}));
    EXPECT_EQ(below(layers, 5), (Links{5, 2, 3}));
    EXPECT_EQ(below(layers, 2), (Links{2}));
    EXPECT_EQ(below(layers, 7), (Links{7}));
}

TEST(LinkLayers, end_where_two_stand_on_each_other) {
    EXPECT_EQ(below({{1, 2}, {2, 1}}, 1), (Links{1, 2}));
}

TEST(LinkLayers, are_read_off_this_namespace) {
    const auto layers = read_link_layers();
    EXPECT_TRUE(layers.ok()) << layers.error().message;
}

}  // namespace
}  // namespace yett
