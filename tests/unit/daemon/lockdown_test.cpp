// SPDX-License-Identifier: GPL-2.0-or-later
// What is left of a ruleset: never a wider failsafe than was written, and no interface forgotten
// that can be read.
#include "daemon/lockdown.hpp"

#include <gtest/gtest.h>

#include "check/check.hpp"
#include "json/printer.hpp"
#include "json/reader.hpp"

namespace yett {
namespace {

constexpr const char* kFile = R"({
  "version": 1, "name": "edge", // a comment
  "interfaces": ["eth0", "eth1"],
  "policy": { "ingress": "drop", "egress": "pass" },
  "failsafe": [ { "src": "192.0.2.0/24", "proto": "tcp", "dport": 22 }, { "src": "@admins" } ],
  "sets": { "admins": { "type": "prefix", "entries": ["198.51.100.7"] },
            "bad": { "type": "prefix", "entries": ["203.0.113.0/24"] },
            "web": { "type": "port", "entries": [80] } },
  "rules": [ { "name": "bad", "match": { "src": "@bad" }, "action": "drop" },
             { "name": "web", "match": { "proto": "tcp", "dport": "@web" }, "action": "pass" } ]
})";

Ruleset read(const std::string& text) {
    const auto document = read_ruleset(text);
    EXPECT_TRUE(document.ok());
    return document.ruleset;
}

TEST(Skeleton, knows_what_is_covered_and_reads_back) {
    const auto skeleton = skeleton_of(read(kFile));
    EXPECT_EQ(skeleton.name, "edge");
    EXPECT_EQ(skeleton.interfaces, (std::vector<std::string>{"eth0", "eth1"}));
    EXPECT_EQ(skeleton.failsafe.size(), 2u);
    EXPECT_TRUE(skeleton.rules.empty());
    ASSERT_EQ(skeleton.sets.size(), 3u);
    EXPECT_EQ(find_set(skeleton, "admins")->prefixes.size(), 1u) << "the failsafe asks for it";
    EXPECT_TRUE(find_set(skeleton, "bad")->prefixes.empty());
    EXPECT_EQ(find_set(skeleton, "web")->ports.size(), 1u) << "it is written as a whole";
    EXPECT_EQ(read(print(skeleton)), skeleton);
}

TEST(Lockdown, is_the_failsafe_and_drop) {
    const auto lockdown = lockdown_of(skeleton_of(read(kFile)));
    EXPECT_TRUE(acceptable(check(lockdown)));
    EXPECT_EQ(lockdown.interfaces, (std::vector<std::string>{"eth0", "eth1"}));
    EXPECT_EQ(lockdown.policy[0], Verdict::drop);
    EXPECT_EQ(lockdown.policy[1], Verdict::drop);
    EXPECT_EQ(lockdown.failsafe.size(), 2u);
    ASSERT_EQ(lockdown.sets.size(), 1u);
    EXPECT_EQ(lockdown.sets[0].first, "admins");
}

struct Row {
    const char* name;
    const char* text;
    std::size_t interfaces, failsafe;
};

const Row kRows[] = {
    {"an unknown key",
     R"({"version": 1, "name": "x", "interfaces": ["eth0"], "oops": 1,
         "failsafe": [{"src": "192.0.2.0/24"}], "rules": []})",
     1, 1},
    {"a rule that is wrong",
     R"({"interfaces": "eth0", "failsafe": {"src": "192.0.2.0/24"},
         "rules": [{"name": "a", "match": {"dport": 99999}, "action": "drop"}]})",
     1, 1},
    {"cut in the middle of a failsafe entry",
     R"({"interfaces": ["eth0", "eth1"], "failsafe": [{"src": "192.0.2.0/24"}, {"src": "198.51.)",
     2, 1},
    {"cut behind a key of a failsafe entry",
     R"({"interfaces": ["eth0"], "failsafe": [{"src": "192.0.2.0/24", "proto": "tcp")", 1, 0},
    {"cut in the middle of the interfaces", R"({"interfaces": ["eth0", "eth1)", 1, 0},
    {"a failsafe entry that is wrong",
     R"({"interfaces": ["eth0"], "failsafe": [{"src": "192.0.2.0/24", "dport": 99999}]})", 1, 0},
    {"a failsafe entry with an unknown key",
     R"({"interfaces": ["eth0"], "failsafe": [{"scr": "192.0.2.0/24"}]})", 1, 0},
    {"a failsafe entry with a key twice",
     R"({"interfaces": ["eth0"], "failsafe": [{"src": "192.0.2.0/24", "src": "0.0.0.0/0"}]})", 1,
     0},
    {"a failsafe that asks for a set",
     R"({"interfaces": ["eth0"], "failsafe": [{"src": "@admins"}], "oops": 1})", 1, 0},
    {"names that are none", R"({"interfaces": ["eth0", 7, "a/b", ["eth1"], ""]})", 1, 0},
    {"the same name twice", R"({"interfaces": ["eth0", "eth0"]})", 1, 0},
    {"members of other objects",
     R"({"rules": [{"interfaces": ["eth0"], "failsafe": [{"proto": "tcp"}]}]})", 0, 0},
    {"a comment that is not closed", R"({"interfaces": ["eth0"], /* )", 1, 0},
    {"a list of files", "[\"eth0\"]", 0, 0},
    {"no JSON at all", "interfaces = eth0", 0, 0},
    {"nothing", "", 0, 0},
};

class Salvaging : public ::testing::TestWithParam<Row> {};

TEST_P(Salvaging, takes_what_is_certain) {
    const auto found = salvage(GetParam().text);
    EXPECT_EQ(found.interfaces.size(), GetParam().interfaces);
    EXPECT_EQ(found.failsafe.size(), GetParam().failsafe);
    EXPECT_TRUE(found.rules.empty());
}

std::string name_of(const ::testing::TestParamInfo<Row>& info) {
    std::string name = info.param.name;
    std::replace(name.begin(), name.end(), ' ', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Text, Salvaging, ::testing::ValuesIn(kRows), name_of);

TEST(Salvage, does_not_follow_a_text_into_the_deep) {
    std::string text = R"({"interfaces": ["eth0"], "failsafe": [)";
    for (int i = 0; i < 100'000; ++i)
        text += R"({"not":)";
    EXPECT_EQ(salvage(text).interfaces.size(), 1u);
}

/// Every cut of a good file: the failsafe never gets wider than it was.
TEST(Salvage, of_every_cut_has_no_failsafe_that_was_not_written) {
    const auto whole = read(kFile);
    const std::string text = kFile;
    for (std::size_t length = 0; length <= text.size(); length += 3) {
        const auto found = salvage(text.substr(0, length));
        for (const auto& match : found.failsafe)
            EXPECT_EQ(match, whole.failsafe[0]) << length;
        for (std::size_t i = 0; i < found.interfaces.size(); ++i)
            EXPECT_EQ(found.interfaces[i], whole.interfaces[i]) << length;
    }
}

}  // namespace
}  // namespace yett
