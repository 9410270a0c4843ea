// SPDX-License-Identifier: GPL-2.0-or-later
// The ifindex -> slot table: every interface within its probes, nothing moves without need.
#include "apply/interfaces.hpp"

#include <gtest/gtest.h>

namespace yett {
namespace {

using Table = std::vector<yett_interface>;

/// As the data plane looks it up; 0: not found.
std::uint32_t find(const Table& table, std::uint32_t ifindex) {
    for (std::uint32_t probe = 0; probe < YETT_IFINDEX_PROBES; ++probe) {
        const auto& bucket = table[(ifindex + probe) % YETT_IFINDEX_BUCKETS];
        if (bucket.ifindex == ifindex) return bucket.slot;
    }
    return 0;
}

TEST(Interfaces, every_one_is_found_also_around_the_end) {
    const std::map<std::uint32_t, std::uint16_t> slots = {{1, 1},    {1025, 2}, {2049, 3},
                                                          {1023, 4}, {2047, 5}, {1000000, 6}};
    const auto table = place_interfaces(Table(YETT_IFINDEX_BUCKETS), slots);
    ASSERT_TRUE(table.ok());
    for (const auto& [ifindex, slot] : slots)
        EXPECT_EQ(find(*table, ifindex), slot);
    EXPECT_EQ(find(*table, 2), 0u);
}

TEST(Interfaces, what_stays_is_not_moved) {
    const auto before = place_interfaces(Table(YETT_IFINDEX_BUCKETS), {{1, 1}, {1025, 2}});
    ASSERT_TRUE(before.ok());
    const auto after = place_interfaces(*before, {{1025, 2}, {7, 3}});
    ASSERT_TRUE(after.ok());
    EXPECT_EQ((*after)[2].ifindex, 1025u);
    EXPECT_EQ((*after)[1].ifindex, 0u);
    EXPECT_EQ(find(*after, 7), 3u);
}

TEST(Interfaces, too_many_of_one_bucket_are_refused) {
    std::map<std::uint32_t, std::uint16_t> slots;
    for (std::uint32_t i = 0; i <= YETT_IFINDEX_PROBES; ++i) {
        slots[5 + i * YETT_IFINDEX_BUCKETS] = static_cast<std::uint16_t>(i + 1);
    }
    const auto table = place_interfaces(Table(YETT_IFINDEX_BUCKETS), slots);
    ASSERT_FALSE(table.ok());
    EXPECT_EQ(table.error().kind, ErrorKind::kernel);
}

}  // namespace
}  // namespace yett
