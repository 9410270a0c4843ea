// SPDX-License-Identifier: GPL-2.0-or-later
// Patterns of interfaces' names, and what is none.
#include "model/pattern.hpp"

#include <gtest/gtest.h>

#include "model/names.hpp"

namespace yett {
namespace {

struct Row {
    std::string pattern;
    std::vector<std::string> meant, others;
};

const std::vector<Row> kRows = {
    {"eth0", {"eth0"}, {"eth00", "xeth0", "eth", ""}},
    {"eth*", {"eth", "eth0", "eth10.7"}, {"et", "xeth0", "lo"}},
    {"*", {"eth0", "x"}, {"lo"}},
    {"*0", {"eth0", "0", "00"}, {"eth1", "0a"}},
    {"l*", {"lan", "lo0"}, {"lo"}},
    {"lo", {"lo"}, {"lo0"}},
    {"e*h*0", {"eth0", "exhx00", "eh0"}, {"eth1", "et0", "he0"}},
    {"a*a", {"aa", "aba", "aaa"}, {"a", "ab"}},
    {"**", {"eth0"}, {"lo"}},
    {"a*ab", {"aab", "aaab"}, {"ab", "aba"}},
};

TEST(Pattern, means_what_its_row_says) {
    for (const Row& row : kRows) {
        for (const auto& name : row.meant)
            EXPECT_TRUE(means_interface(row.pattern, name)) << row.pattern << " and " << name;
        for (const auto& name : row.others)
            EXPECT_FALSE(means_interface(row.pattern, name)) << row.pattern << " and " << name;
    }
}

TEST(Pattern, stands_where_a_name_does_not) {
    for (const char* text : {"eth*", "*", "*0", "a*b"}) {
        EXPECT_FALSE(is_interface_name(text)) << text;
        EXPECT_TRUE(is_interface_pattern(text)) << text;
    }
    for (const char* text : {"!lo", "eth+", "any", "all", "@set", "a b", "a/b", "a:b", ""}) {
        EXPECT_FALSE(is_interface_name(text)) << text;
        EXPECT_FALSE(is_interface_pattern(text)) << text;
    }
    for (const char* text : {"eth0", "eth0.100", "a+b", "anyone", "wan!"})
        EXPECT_TRUE(is_interface_name(text)) << text;
    for (const char* text : {"eth+*+", "!*", "@*", "a/*", "sixteen-letters*"})
        EXPECT_FALSE(is_interface_pattern(text)) << text;
}

}  // namespace
}  // namespace yett
