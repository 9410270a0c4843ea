// SPDX-License-Identifier: GPL-2.0-or-later
// Who may still take how much, after what.
#include "api/budget.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace yett {
namespace {

constexpr BudgetOptions kOptions{100, 30, 20};

TEST(Budget, one_user_cannot_take_it_all_and_root_always_has_its_part) {
    Budget budget(kOptions);
    std::vector<Budget::Held> held;
    const auto takes = [&](uid_t uid, std::uint64_t amount) {
        auto got = budget.take(uid, amount);
        if (got) held.push_back(std::move(*got));
        return got.has_value();
    };
    EXPECT_FALSE(takes(1000, 31)) << "more than one may have";
    EXPECT_TRUE(takes(1000, 30));
    EXPECT_FALSE(takes(1000, 1)) << "that one has all it may have";
    EXPECT_TRUE(takes(1000, 0));
    EXPECT_TRUE(takes(1001, 30));
    EXPECT_FALSE(takes(1002, 21)) << "what is left is root's";
    EXPECT_TRUE(takes(1002, 20));
    EXPECT_FALSE(takes(1003, 1));
    EXPECT_TRUE(takes(0, 20));
    EXPECT_FALSE(takes(0, 1)) << "it is full";
    held.clear();
    EXPECT_TRUE(takes(0, 100)) << "all was given back";
}

}  // namespace
}  // namespace yett
