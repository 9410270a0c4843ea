// SPDX-License-Identifier: GPL-2.0-or-later
// Addresses, prefixes and ranges: what is read, what is refused, what is printed.
#include "model/address.hpp"

#include <gtest/gtest.h>

#include <string>

namespace yett {
namespace {

TEST(AddressTest, PrintsCanonically) {
    const struct {
        const char* typed;
        const char* printed;
    } rows[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"2001:DB8::1", "2001:db8::1"},
        {"2001:db8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1"},
        {"2001:0db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"::", "::"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.typed);
        const auto address = parse_address(row.typed);
        ASSERT_TRUE(address);
        EXPECT_EQ(to_text(*address), row.printed);
        EXPECT_EQ(parse_address(to_text(*address)), address);
    }
}

TEST(AddressTest, RefusesWhatIsNoAddress) {
    const std::string with_nul("192.0.2.1\0", 10);
    for (const std::string& text :
         {std::string(), std::string("192.0.2"), std::string("192.0.2.1.1"),
          std::string("192.0.2.256"), std::string("192.0.2.01"), std::string("0x7f.1"),
          std::string("1"), std::string(" 192.0.2.1"), std::string("192.0.2.1 "),
          std::string("2001:db8::1%eth0"), std::string("2001:db8::1::2"), std::string("fe80"),
          std::string("2001:db8::g"), std::string(1000, '1'), with_nul}) {
        SCOPED_TRACE(text);
        EXPECT_FALSE(parse_address(text));
    }
}

TEST(PrefixTest, ReadsLengthAndKeepsHostBits) {
    const struct {
        const char* typed;
        unsigned length;
        bool host_bits;
        const char* first;
        const char* last;
    } rows[] = {
        {"192.0.2.0/24", 24, false, "192.0.2.0", "192.0.2.255"},
        {"192.0.2.130/25", 25, true, "192.0.2.128", "192.0.2.255"},
        {"192.0.2.1", 32, false, "192.0.2.1", "192.0.2.1"},
        {"192.0.2.1/31", 31, true, "192.0.2.0", "192.0.2.1"},
        {"0.0.0.0/0", 0, false, "0.0.0.0", "255.255.255.255"},
        {"2001:db8::/33", 33, false, "2001:db8::", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff"},
        {"2001:db8::1/127", 127, true, "2001:db8::", "2001:db8::1"},
        {"::/0", 0, false, "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.typed);
        const auto prefix = parse_prefix(row.typed);
        ASSERT_TRUE(prefix);
        EXPECT_EQ(prefix->length, row.length);
        EXPECT_EQ(has_host_bits(*prefix), row.host_bits);
        EXPECT_EQ(to_text(*prefix), row.typed);
        EXPECT_EQ(to_text(to_range(*prefix).first), row.first);
        EXPECT_EQ(to_text(to_range(*prefix).last), row.last);
        EXPECT_EQ(to_text(without_host_bits(*prefix).address), row.first);
    }
}

TEST(PrefixTest, RefusesOddLengths) {
    for (const char* text : {"192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/024",
                             "192.0.2.0/+8", "192.0.2.0/8/8", "192.0.2.0/ 8", "192.0.2.0/1e1",
                             "2001:db8::/129", "2001:db8::/0128", "/24", "192.0.2.0/4294967320"}) {
        SCOPED_TRACE(text);
        EXPECT_FALSE(parse_prefix(text));
    }
}

TEST(PrefixTest, ContainsItsRangeAndNoOtherFamily) {
    const auto prefix = parse_prefix("192.0.2.128/26");
    ASSERT_TRUE(prefix);
    const struct {
        const char* address;
        bool inside;
    } rows[] = {{"192.0.2.127", false}, {"192.0.2.128", true}, {"192.0.2.191", true},
                {"192.0.2.192", false}, {"::", false},         {"c000:280::", false}};
    for (const auto& row : rows) {
        SCOPED_TRACE(row.address);
        EXPECT_EQ(contains(*prefix, *parse_address(row.address)), row.inside);
        EXPECT_EQ(contains(to_range(*prefix), *parse_address(row.address)), row.inside);
    }
    EXPECT_FALSE(contains(*parse_prefix("0.0.0.0/0"), *parse_address("::1")));
    EXPECT_FALSE(contains(*parse_prefix("::/0"), *parse_address("0.0.0.1")));
}

TEST(AddressRangeTest, ReadsBothEndsAsWritten) {
    EXPECT_EQ(to_text(*parse_address_range("192.0.2.9-192.0.2.1")), "192.0.2.9-192.0.2.1");
    EXPECT_EQ(to_text(*parse_address_range("2001:db8::1-2001:DB8::2")), "2001:db8::1-2001:db8::2");
    for (const char* text : {"192.0.2.1", "192.0.2.1-", "-192.0.2.1", "192.0.2.1-2001:db8::1",
                             "192.0.2.1-192.0.2.2-192.0.2.3", "192.0.2.0/24-192.0.3.0"}) {
        SCOPED_TRACE(text);
        EXPECT_FALSE(parse_address_range(text));
    }
}

}  // namespace
}  // namespace yett
