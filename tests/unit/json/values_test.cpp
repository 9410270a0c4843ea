// SPDX-License-Identifier: GPL-2.0-or-later
// The little languages inside strings: what they take, and what they say to what they do not.
#include "json/values.hpp"

#include <gtest/gtest.h>

namespace yett {
namespace {

TEST(Values, timeouts) {
    struct Row {
        const char* text;
        const char* expected;  ///< seconds, or what is wrong
    };
    static constexpr Row kRows[] = {
        {"90", "90"},
        {"0", "0"},
        {"never", "0"},
        {"1h", "3600"},
        {"7d", "604800"},
        {"3650d", "315360000"},
        {"315360000", "315360000"},
        {"315360001", "\"315360001\" is too long"},
        {"3651d", "\"3651d\" is too long"},
        {"99999999999999999999", "\"99999999999999999999\" is too long"},
        {"99999999999999999999d", "\"99999999999999999999d\" is no time that an entry could stay"},
        {"-1", "\"-1\" is no time that an entry could stay"},
        {"-1h", "\"-1h\" is no time that an entry could stay"},
        {"1 h", "\"1 h\" is no time that an entry could stay"},
        {"1.5h", "\"1.5h\" is no time that an entry could stay"},
        {"0s", "\"0s\" is no time that an entry could stay"},
        {"", "\"\" is no time that an entry could stay"},
    };
    for (const auto& row : kRows) {
        const auto seconds = parse_timeout(row.text);
        EXPECT_EQ(seconds ? std::to_string(*seconds) : seconds.error().message, row.expected);
    }
}

TEST(Values, ports_as_others_write_them) {
    struct Row {
        const char* text;
        const char* hint;
    };
    static constexpr Row kRows[] = {
        {"8000:8100", "write \"8000-8100\""},
        {"80,443", "write [80, 443]"},
        {"80, 443, 8000-8100", "write [80, 443, \"8000-8100\"]"},
        {"ssh", "write 22"},
    };
    for (const auto& row : kRows) {
        const auto range = parse_set_ports(row.text);
        ASSERT_FALSE(range.ok()) << row.text;
        EXPECT_EQ(range.error().hint, row.hint);
    }
    for (const char* text : {":", "80:", "80,x"}) {
        const auto range = parse_set_ports(text);
        ASSERT_FALSE(range.ok()) << text;
        EXPECT_EQ(range.error().hint, "write a number, a range \"first-last\", or \">=n\", \"<=n\"")
            << text;
    }
}

TEST(Values, ranges_become_the_fewest_prefixes) {
    struct Row {
        const char* range;
        const char* prefixes;
    };
    static constexpr Row kRows[] = {
        {"192.0.2.0-192.0.2.255", "192.0.2.0/24"},
        {"192.0.2.1-192.0.2.4", "192.0.2.1 192.0.2.2/31 192.0.2.4"},
        {"0.0.0.0-255.255.255.255", "0.0.0.0/0"},
        {"::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0"},
        {"255.255.255.255-255.255.255.255", "255.255.255.255"},
    };
    for (const auto& row : kRows) {
        const auto prefixes = parse_set_addresses(row.range);
        ASSERT_TRUE(prefixes.ok()) << row.range;
        std::string text;
        for (const auto& prefix : *prefixes)
            text += (text.empty() ? "" : " ") + to_text(prefix);
        EXPECT_EQ(text, row.prefixes);
    }
}

}  // namespace
}  // namespace yett
