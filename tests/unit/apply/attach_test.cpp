// SPDX-License-Identifier: GPL-2.0-or-later
// What rules ask of the hook that they are judged at.
#include "apply/attach.hpp"

#include <gtest/gtest.h>

#include "json/reader.hpp"

namespace yett {
namespace {

struct Row {
    const char* rule;  ///< its members after the name
    bool tags = false, replies = false, frames = false;
};

const Row kRows[] = {
    {R"("match": {"dport": 22}, "action": "drop")"},
    {R"("match": {"vlan": 7}, "action": "drop")", true},
    {R"("match": {"not": {"vlan": 0}}, "action": "drop")", true},
    {R"("match": {"dport": 22}, "action": "reject")", false, true},
    {R"("match": {"len": ">=1400"}, "action": "drop")", false, false, true},
    {R"("match": {"not": {"len": "<=100"}}, "action": "drop")", false, false, true},
    {R"("match": {"dport": 22}, "action": "pass", "limit": {"per": "src", "rate": "9/s"})", false,
     false, true},
};

TEST(Demands, are_those_of_the_rules) {
    for (const Row& row : kRows) {
        const std::string rule = "{\"name\": \"a\", " + std::string(row.rule) + "}";
        const Document document = read_ruleset("{\"rules\": [" + rule + "]}");
        ASSERT_TRUE(document.ok()) << rule;
        const Demands demands = demands_of(document.ruleset);
        EXPECT_EQ(demands.tags, row.tags) << rule;
        EXPECT_EQ(demands.replies, row.replies) << rule;
        EXPECT_EQ(demands.frames, row.frames) << rule;
        EXPECT_EQ(demands.asked, std::nullopt) << rule;
    }
}

TEST(Demands, of_a_failsafe_entry_count_too) {
    const Document document = read_ruleset(R"({"failsafe": [{"vlan": 7}]})");
    ASSERT_TRUE(document.ok());
    EXPECT_TRUE(demands_of(document.ruleset).tags);
}

}  // namespace
}  // namespace yett
