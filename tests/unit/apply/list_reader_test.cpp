// SPDX-License-Identifier: GPL-2.0-or-later
// Lists as they are found in the world: row by row.
#include "apply/list_reader.hpp"

#include <gtest/gtest.h>

namespace yett {
namespace {

struct Row {
    const char* name;
    ListFormat format;
    unsigned column;
    const char* text;
    const char* values;  ///< or "line 2: ..." for what is refused
};

constexpr auto kAuto = ListFormat::automatic;
constexpr auto kCsv = ListFormat::csv;
constexpr Row kRows[] = {
    {"nothing", kAuto, 1, "", ""},
    {"plain", kAuto, 1, "192.0.2.1\n198.51.100.0/24\n2001:db8::/32\n",
     "192.0.2.1 198.51.100.0/24 2001:db8::/32"},
    {"no newline at the end", kAuto, 1, "192.0.2.1\n192.0.2.2", "192.0.2.1 192.0.2.2"},
    {"CR LF, spaces, empty lines", kAuto, 1, "\r\n  192.0.2.1 \r\n\t\r\n192.0.2.2\r\n",
     "192.0.2.1 192.0.2.2"},
    {"netset", kAuto, 1, "#\n# a heading, 2 subnets\n#\n192.0.2.0/25\n192.0.2.128/25 # half\n",
     "192.0.2.0/25 192.0.2.128/25"},
    {"Spamhaus as text", kAuto, 1, "; Last-Modified\n192.0.2.0/24 ; SBL1\n203.0.113.0/24;SBL2\n",
     "192.0.2.0/24 203.0.113.0/24"},
    {"Spamhaus as NDJSON", kAuto, 1,
     "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\",\"rir\":\"apnic\"}\n"
     "{\"cidr\": \"2001:db8::/32\", \"sblid\": \"SBL\\\"2\"}\n"
     "{\"type\":\"metadata\",\"timestamp\":1700000000,\"size\":2,\"copyright\":\"c\"}\n",
     "192.0.2.0/24 2001:db8::/32"},
    {"an object without an address", kAuto, 1, "{\"cidr\":\"192.0.2.1\"}\n{\"asn\":64500}\n",
     "line 2: the object has no address"},
    {"ranges", kAuto, 1, "192.0.2.0-192.0.2.255\n198.51.100.1 - 198.51.100.4\n",
     "192.0.2.0/24 198.51.100.1 198.51.100.2/31 198.51.100.4"},
    {"the widest ranges", kAuto, 1,
     "0.0.0.0-255.255.255.255\n::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\n", "0.0.0.0/0 ::/0"},
    {"a range of IPv6", kAuto, 1, "2001:db8::1-2001:db8::4\n",
     "2001:db8::1 2001:db8::2/127 2001:db8::4"},
    {"a reversed range", kAuto, 1, "192.0.2.9-192.0.2.1\n",
     "line 1: \"192.0.2.9-192.0.2.1\" is no range of addresses"},
    {"ipset save", kAuto, 1, "create bad hash:net family inet\nadd bad 192.0.2.0/24 timeout 60\n",
     "192.0.2.0/24"},
    {"more than a value", kAuto, 1, "192.0.2.1 evil\n",
     "line 1: there is more than a value in the line"},
    {"a name", kAuto, 1, "192.0.2.1\nexample.org\n",
     "line 2: \"example.org\" is not an address or a prefix"},
    {"host bits", kAuto, 1, "192.0.2.1/24\n",
     "line 1: 192.0.2.1/24 has bits set behind its length"},
    {"octets above 255", kAuto, 1, "192.0.2.256\n",
     "line 1: \"192.0.2.256\" is not an address or a prefix"},
    {"leading zeros", kAuto, 1, "192.0.02.1\n",
     "line 1: \"192.0.02.1\" is not an address or a prefix"},
    {"CSV with a heading", kCsv, 2,
     "name,address,score\nx,192.0.2.1,9\n\"a, b\",\"192.0.2.2\",3\n# end\n", "192.0.2.1 192.0.2.2"},
    {"CSV with semicolons", kCsv, 3, "1;2;192.0.2.1\n", "192.0.2.1"},
    {"CSV with a wrong line", kCsv, 1, "address\n192.0.2.1\nnone\n",
     "line 3: \"none\" is not an address or a prefix"},
    {"words in a list of objects", ListFormat::ndjson, 1, "192.0.2.1\n",
     "line 1: the object has no address"},
};

std::string words(const Result<List>& list) {
    if (!list) return list.error().message;
    std::string out;
    for (const auto& value : list->values)
        out += (out.empty() ? "" : " ") + to_text(value);
    return out;
}

Result<List> read(const Row& row, std::size_t piece) {
    ListOptions options;
    options.format = row.format;
    options.column = row.column;
    ListReader reader(options);
    const std::string_view text = row.text;
    for (std::size_t at = 0; at < text.size(); at += piece) {
        if (auto fed = reader.feed(text.substr(at, piece)); !fed) return fed.error();
    }
    return reader.finish();
}

TEST(ListReader, rows) {
    for (const auto& row : kRows) {
        for (const std::size_t piece : {1u, 7u, 100'000u}) {
            SCOPED_TRACE(row.name);
            const auto list = read(row, piece);
            EXPECT_EQ(words(list), row.values);
            if (!list) {
                EXPECT_EQ(list.error().kind, ErrorKind::usage);
            }
        }
    }
}

TEST(ListReader, counts) {
    ListOptions options;
    options.skip_invalid = true;
    ListReader reader(options);
    ASSERT_TRUE(reader
                    .feed("192.0.2.0/24\n192.0.2.1\n192.0.2.1\nrubbish\n192.0.2.0/25\n"
                          "198.51.100.1\n2001:db8::/32\n2001:db8::1\n")
                    .ok());
    const auto list = reader.finish();
    ASSERT_TRUE(list.ok());
    EXPECT_EQ(list->lines, 8u);
    EXPECT_EQ(list->values.size(), 6u);
    EXPECT_EQ(list->duplicate, 1u);
    EXPECT_EQ(list->contained, 3u);
    EXPECT_EQ(list->skipped, 1u);
}

TEST(ListReader, macs_and_interfaces) {
    ListOptions options;
    options.type = SetType::mac;
    ListReader macs(options);
    ASSERT_TRUE(macs.feed("02-00-5E-10-00-01 # desk\nadd known 02:00:5e:10:00:02 timeout 60\n"
                          "{\"mac\": \"02:00:5e:00:00:00/24\"}\n")
                    .ok());
    EXPECT_EQ(words(macs.finish()), "02:00:5e:00:00:00/24 02:00:5e:10:00:01 02:00:5e:10:00:02");
    options.type = SetType::iface;
    ListReader interfaces(options);
    ASSERT_TRUE(interfaces.feed("wlan0\neth0.100 ; uplink\n{\"iface\": \"eth1\"}\n").ok());
    EXPECT_EQ(words(interfaces.finish()), "eth0.100 eth1 wlan0");
}

TEST(ListReader, ports_and_lines_without_an_end) {
    ListOptions options;
    options.type = SetType::port;
    ListReader ports(options);
    ASSERT_TRUE(ports.feed("80\n8000-8100 # web\n").ok());
    EXPECT_EQ(words(ports.finish()), "80 8000-8100");
    ListReader endless({});
    Result<void> fed;
    for (int i = 0; fed && i < 100; ++i)
        fed = endless.feed(std::string(10'000, 'x'));
    ASSERT_FALSE(fed.ok());
    EXPECT_EQ(fed.error().message, "line 1: the line is too long");
}

}  // namespace
}  // namespace yett
