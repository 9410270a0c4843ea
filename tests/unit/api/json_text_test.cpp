// SPDX-License-Identifier: GPL-2.0-or-later
// What a request body may make the daemon do before anybody looks at what it says.
#include "api/json_text.hpp"

#include <gtest/gtest.h>

#include <ctime>

namespace yett {
namespace {

std::string object_of(int members) {
    std::string text = "{";
    for (int i = 0; i < members; ++i)
        text += (i ? ",\"m" : "\"m") + std::to_string(i) + "\":1";
    return text + "}";
}

TEST(ParseJson, takes_what_requests_have_and_refuses_crowds_at_once) {
    EXPECT_TRUE(parse_json(object_of(256)).ok());
    EXPECT_FALSE(parse_json(object_of(257)).ok());
    EXPECT_FALSE(parse_json("[{\"a\":" + object_of(300) + "}]").ok());
    const std::string crowd = object_of(500'000);
    const auto before = std::clock();
    const auto refused = parse_json(crowd);
    EXPECT_LT(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC, 15);
    ASSERT_FALSE(refused.ok());
    EXPECT_NE(refused.error().message.find("256 members"), std::string::npos);
}

TEST(ParseJson, says_what_stands_twice) {
    const auto twice = parse_json(R"({"a": 1, "b": {"c": 1, "c": 2}})");
    ASSERT_FALSE(twice.ok());
    EXPECT_EQ(twice.error().message, "the key \"c\" stands twice");
}

}  // namespace
}  // namespace yett
