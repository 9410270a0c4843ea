// SPDX-License-Identifier: GPL-2.0-or-later
// Lists of words, and what is no list at all, row by row.
#include "lists/words.hpp"

#include "unit/lists/list_case.hpp"

namespace yett {
namespace {

using namespace std::string_literals;

const ListCase kValues[] = {
    {"nothing", "", "", ""},
    {"plain", "", "192.0.2.1\n198.51.100.0/24\n2001:db8::/32\n",
     "192.0.2.1 198.51.100.0/24 2001:db8::/32"},
    {"no newline at the end", "", "192.0.2.1\n192.0.2.2", "192.0.2.1 192.0.2.2"},
    {"CR LF, spaces, empty lines", "", "\r\n  192.0.2.1 \r\n\t\r\n192.0.2.2\r\n",
     "192.0.2.1 192.0.2.2"},
    {"netset", "", "#\n# 2 subnets\n#\n192.0.2.0/25\n192.0.2.128/25 # half\n",
     "192.0.2.0/25 192.0.2.128/25"},
    {"Spamhaus as text", "", "; Last-Modified\n192.0.2.0/24 ; SBL1\n203.0.113.0/24;SBL2\n",
     "192.0.2.0/24 203.0.113.0/24"},
    {"semicolons between addresses", "", "192.0.2.1;192.0.2.9;AU\n",
     "line 1: an address stands behind a semicolon: \"192.0.2.9;AU\" | is it CSV? Then say so: "
     "--format csv --column 1, or --columns 1-2 for ranges"},
    {"slashes begin a comment only at a word", "", "// two\n192.0.2.1 // one\n192.0.2.0//24\n",
     "line 3: \"192.0.2.0//24\" is no address, prefix or range | an IPv4 prefix has a length from "
     "0 "
     "to 32"},
    {"ranges", "", "192.0.2.0-192.0.2.255\n198.51.100.1 - 198.51.100.4\n203.0.113.0 -203.0.113.1\n",
     "192.0.2.0/24 198.51.100.1 198.51.100.2/31 198.51.100.4 203.0.113.0/31"},
    {"a range of IPv6", "", "2001:db8::1-2001:db8::4\n", "2001:db8::1 2001:db8::2/127 2001:db8::4"},
    {"a reversed range", "", "192.0.2.9-192.0.2.1\n",
     "line 1: the range \"192.0.2.9-192.0.2.1\" is reversed | did you mean "
     "\"192.0.2.1-192.0.2.9\"?"},
    {"a range of two families", "", "192.0.2.9-2001:db8::1\n",
     "line 1: \"192.0.2.9-2001:db8::1\" is no address, prefix or range | both ends of a range are "
     "IPv4, or both IPv6"},
    {"host bits", "", "192.0.2.1/24\n",
     "line 1: 192.0.2.1/24 has bits set behind its length | did you mean 192.0.2.0/24?"},
    {"octets above 255", "", "192.0.2.256\n",
     "line 1: \"192.0.2.256\" is no address, prefix or range | IPv4 is four numbers from 0 to 255 "
     "without leading zeros, as in 192.0.2.0/24"},
    {"leading zeros", "", "192.0.02.1\n",
     "line 1: \"192.0.02.1\" is no address, prefix or range | IPv4 is four numbers from 0 to 255 "
     "without leading zeros, as in 192.0.2.0/24"},
    {"mapped IPv4", "", "::ffff:192.0.2.1\n",
     "line 1: ::ffff:192.0.2.1 is IPv4 written as IPv6, and matches no packet of IPv4 | write "
     "192.0.2.1"},
    {"compatible IPv4", "", "::192.0.2.1\n",
     "line 1: ::192.0.2.1 is IPv4 written as IPv6, and matches no packet of IPv4 | write "
     "192.0.2.1"},
    {"a mapped prefix", "", "::ffff:192.0.2.0/120\n",
     "line 1: ::ffff:192.0.2.0/120 is IPv4 written as IPv6, and matches no packet of IPv4 | write "
     "192.0.2.0/24"},
    {"a mapped range", "", "::ffff:192.0.2.0-::ffff:192.0.2.9\n",
     "line 1: ::ffff:192.0.2.0-::ffff:192.0.2.9 is IPv4 written as IPv6, and matches no packet of "
     "IPv4 | write \"192.0.2.0-192.0.2.9\""},
    {"bogons that only look mapped", "", "::1\n::/128\n::ffff:0:0/96\n64:ff9b::/96\n",
     ":: ::1 ::ffff:0.0.0.0/96 64:ff9b::/96"},
    {"own ends", "", "192.0.2.1 timeout 60\n192.0.2.2 timeout 1h\n192.0.2.3\n192.0.2.4 timeout 0\n",
     "192.0.2.1~60 192.0.2.2~3600 192.0.2.3 192.0.2.4~0"},
    {"an end by the clock, and why", "",
     "192.0.2.1 until 2027-01-15T09:00:00Z reason \"a \\\"b\\\" # c\"\n192.0.2.2 reason x\n",
     "192.0.2.1~3600(a \"b\" # c) 192.0.2.2(x)"},
    {"an end that is over", "", "192.0.2.1 until 2026-01-15T09:00:00Z\n192.0.2.2\n",
     "192.0.2.2 over 1"},
    {"an end in another zone", "", "192.0.2.1 until 2027-01-15T11:00:00.5+02:00\n",
     "192.0.2.1~3600"},
    {"an end that is none", "", "192.0.2.1 until tomorrow\n",
     "line 1: \"tomorrow\" is no time | write it like 2026-05-01T09:30:00Z"},
    {"the 31st of February", "", "192.0.2.1 until 2027-02-31T09:30:00Z\n",
     "line 1: \"2027-02-31T09:30:00Z\" is no time | write it like 2026-05-01T09:30:00Z"},
    {"a negative timeout", "", "192.0.2.1 timeout -1\n",
     "line 1: \"-1\" is no time that an entry could stay | write seconds, or a number and a unit, "
     "as "
     "in 90, 10m, 1h, 7d; 0 is for ever"},
    {"a timeout that overflows", "", "192.0.2.1 timeout 99999999999999999999\n",
     "line 1: \"99999999999999999999\" is too long | the longest is ten years, 3650d"},
    {"ends in a set's file", "file", "192.0.2.1 timeout 60\n",
     "line 1: entries of a set's file do not end | leave the end out, or add the list with: yett "
     "set "
     "import"},
    {"no end in a set's file", "file", "192.0.2.1 timeout 0\n", "192.0.2.1~0"},
    {"the last of equal values holds", "", "192.0.2.1 timeout 60\n192.0.2.1 timeout 90 reason b\n",
     "192.0.2.1~90(b)"},
    {"more than a value", "", "192.0.2.1 evil\n",
     "line 1: there is more than a value in the line: \"evil\" | a value stands alone in its line, "
     "or "
     "before timeout, until and reason"},
    {"a byte order mark", "",
     "\xef\xbb\xbf"
     "192.0.2.1\n192.0.2.2\n",
     "192.0.2.1 192.0.2.2"},
    {"a mark in the middle", "",
     "192.0.2.1\n\xef\xbb\xbf"
     "192.0.2.2\n",
     "line 2: \"<U+FEFF>192.0.2.2\" is no address, prefix or range | write it like 192.0.2.1, "
     "192.0.2.0/24, 192.0.2.1-192.0.2.9"},
    {"no-break space", "", "192.0.2.1\xc2\xa0\n",
     "line 1: \"192.0.2.1<U+00A0>\" is no address, prefix or range | write it like 192.0.2.1, "
     "192.0.2.0/24, 192.0.2.1-192.0.2.9"},
    {"zero width space", "", "192.0.2.1\xe2\x80\x8b\n",
     "line 1: \"192.0.2.1<U+200B>\" is no address, prefix or range | write it like 192.0.2.1, "
     "192.0.2.0/24, 192.0.2.1-192.0.2.9"},
    {"an octet that is no UTF-8", "", "192.0.2.1\x80\n",
     "line 1: \"192.0.2.1<0x80>\" is no address, prefix or range | write it like 192.0.2.1, "
     "192.0.2.0/24, 192.0.2.1-192.0.2.9"},
    {"what makes no sense is counted", "skip", "192.0.2.1\nrubbish\n192.0.2.2\n",
     "192.0.2.1 192.0.2.2 skipped 1"},
    {"everything", "", "0.0.0.0/0\n",
     "refused: the list holds every address there is: together its entries are 0.0.0.0/0 | the set "
     "stays as it is; if that is meant, insist with --force"},
    {"everything in halves", "",
     "8000::/1\n2001:db8::/32\n::-7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\n",
     "refused: the list holds every address there is: together its entries are ::/0 | the set "
     "stays "
     "as it is; if that is meant, insist with --force"},
    {"half of everything", "", "128.0.0.0/1\n128.0.0.0/2\n", "128.0.0.0/1 128.0.0.0/2"},
    {"ports", "type=port", "80\n8000-8100 # web\n>=60000\n", "80 8000-8100 60000-65535"},
    {"ports with a colon", "type=port", "8000:8100\n",
     "line 1: \"8000:8100\" is no port | write \"8000-8100\""},
    {"ports with a comma", "type=port", "80,443\n",
     "line 1: \"80,443\" is no port | write [80, 443]"},
    {"reversed ports", "type=port", "8100-8000\n",
     "line 1: the range \"8100-8000\" is reversed | did you mean 8000-8100?"},
    {"ports do not expire", "type=port", "80 timeout 60\n",
     "line 1: entries of a set of ports do not expire | leave the end out"},
    {"MACs", "type=mac", "02-00-5E-10-00-01 # desk\n02:00:5e:00:00:00/24\n",
     "02:00:5e:00:00:00/24 02:00:5e:10:00:01"},
    {"interfaces", "type=iface", "wlan0\neth0.100 ; uplink\n", "eth0.100 wlan0"},
};

TEST(ListWords, values) {
    expect_cases(kValues);
}

const ListCase kForeign[] = {
    {"CSV", "", "192.0.2.0/24,US,US-TX,Richardson,\n",
     "line 1: this is CSV: \"192.0.2.0/24,US,US-TX,Richardson,\" | say so, and which column holds "
     "the "
     "value: --format csv --column 2 (--columns 1-2 for ranges)"},
    {"a host name", "", "192.0.2.1\nhost-1.example.net\n",
     "line 2: this is a host name: \"host-1.example.net\" | names are not looked up; write "
     "addresses"},
    {"PeerGuardian", "", "Some owner:192.0.2.1-192.0.2.9\n",
     "line 1: this is a PeerGuardian (P2P) list: \"Some owner:192.0.2.1-192.0.2.9\" | take what "
     "stands "
     "behind the last colon: sed 's/.*://'"},
    {"PeerGuardian with commas", "", "A, B: c:192.0.2.1-192.0.2.9\n",
     "line 1: this is a PeerGuardian (P2P) list: \"A, B: c:192.0.2.1-192.0.2.9\" | take what "
     "stands "
     "behind the last colon: sed 's/.*://'"},
    {"eMule", "", "192.000.002.001 - 192.000.002.009 , 000 , text\n",
     "line 1: this is an eMule ipfilter .dat: \"192.000.002.001 - 192.000.002.009 , 000 , text\" | "
     "take what stands before the first comma: cut -d, -f1"},
    {"HTML", "", "<html>\n<head>\n",
     "line 1: this is an HTML page: \"<html>\" | was there an error in its place? Look at the "
     "file"},
    {"XML", "", "<?xml version=\"1.0\"?>\n",
     "line 1: this is an XML document: \"<?xml version=\"1.0\"?>\""},
    {"nft", "", "table inet filter {\n\tset blk {\n",
     "line 1: this is an nft set: \"table inet filter {\" | write the elements one a line, as "
     "addresses, prefixes or ranges"},
    {"nft elements", "", "elements = { 192.0.2.0/24, 198.51.100.1-198.51.100.9 }\n",
     "line 1: this is an nft set: \"elements = { 192.0.2.0/24, 198.51.100.1-198.51.100.9 }\" | "
     "write "
     "the elements one a line, as addresses, prefixes or ranges"},
    {"nft command", "", "add element inet filter blk { 192.0.2.1 }\n",
     "line 1: this is an nft set: \"add element inet filter blk { 192.0.2.1 }\" | write the "
     "elements "
     "one a line, as addresses, prefixes or ranges"},
    {"iptables", "", "*filter\n:INPUT ACCEPT [0:0]\n",
     "line 1: this is a rule of iptables, no list: \"*filter\" | rule files are another thing: "
     "yett "
     "check"},
    {"a rule of iptables", "", "-A INPUT -s 192.0.2.1/32 -j DROP\n",
     "line 1: this is a rule of iptables, no list: \"-A INPUT -s 192.0.2.1/32 -j DROP\" | rule "
     "files "
     "are another thing: yett check"},
    {"nginx", "", "deny 192.0.2.1;\n",
     "line 1: this is an nginx configuration: \"deny 192.0.2.1;\" | take the addresses alone, one "
     "a "
     "line"},
    {"hosts", "", "0.0.0.0 ads.example.net\n",
     "line 1: this is a hosts file: \"0.0.0.0 ads.example.net\" | host names are not looked up; an "
     "address that stands in front of them all is no list"},
    {"a mask apart", "", "192.0.2.0 255.255.255.0\n",
     "line 1: this is an address with a mask: \"192.0.2.0 255.255.255.0\" | write prefixes, as in "
     "192.0.2.0/24"},
    {"a mask behind a slash", "", "192.0.2.0/255.255.255.0\n",
     "line 1: \"192.0.2.0/255.255.255.0\" is no address, prefix or range | write \"192.0.2.0/24\""},
    {"an ad blocker's", "", "[Adblock Plus 2.0]\n",
     "line 1: this is a filter list of an ad blocker: \"[Adblock Plus 2.0]\" | host names are not "
     "looked up"},
    {"a URL", "", "https://example.net/list\n",
     "line 1: this is a URL: \"https://example.net/list\" | write addresses"},
    {"an exception", "", "192.0.2.0/24\n!192.0.2.1\n",
     "line 2: this is an exception: \"!192.0.2.1\" | yett knows none: write the prefixes that "
     "remain"},
    {"a number of a network", "", "AS64500\n",
     "line 1: this is the number of a network (AS): \"AS64500\" | write its prefixes"},
    {"YAML", "", "- 192.0.2.1\n", "line 1: this is a YAML document: \"- 192.0.2.1\""},
    {"whois", "", "route:          192.0.2.0/24\n",
     "line 1: this is objects of a whois database: \"route:          192.0.2.0/24\" | take the "
     "addresses alone, one a line"},
    {"UTF-16 with a mark", "", "\xff\xfe"s + "1\0009\0002\000"s,
     "line 1: this is no list, but a text in UTF-16 | turn it into UTF-8: iconv -f UTF-16 -t "
     "UTF-8"},
    {"UTF-16 without", "", "1\0009\0002\000.\000"s,
     "line 1: this is no list, but a text in UTF-16 | turn it into UTF-8: iconv -f UTF-16 -t "
     "UTF-8"},
    {"gzip", "", "\x1f\x8b\x08",
     "line 1: this is no list, but compressed by gzip | unpack it: zcat"},
    {"NUL", "", "192.0.2.1\n192.0.2.2\000\n"s,
     "line 2: there is a NUL in the line: this is no text"},
    {"an HTML page in place of a set", "replace skip", "<html>\n<title>404</title>\n",
     "refused: nothing in the list was understood (it looks like an HTML page): 2 skipped, the "
     "first "
     "is line 1: this is an HTML page: \"<html>\" | the set stays as it is; empty it with yett set "
     "flush, or --force"},
    {"the same, added", "skip", "<html>\n",
     "refused: nothing in the list was understood (it looks like an HTML page): 1 skipped, the "
     "first "
     "is line 1: this is an HTML page: \"<html>\" | the set stays as it is"},
    {"nothing in place of a set", "replace", "",
     "refused: the list is an empty file, and would empty the set | the set stays as it is; empty "
     "it "
     "with yett set flush, or --force"},
    {"comments in place of a set", "replace", "# none\n\n",
     "refused: the list has no entry, and would empty the set | the set stays as it is; empty it "
     "with yett set flush, or --force"},
    {"comments alone are added", "", "# none today\n", ""},
};

TEST(ListWords, what_is_no_list_is_named) {
    expect_cases(kForeign);
}

TEST(ListWords, lines_without_an_end) {
    ListReader endless({});
    Result<void> fed;
    for (int i = 0; fed && i < 100; ++i)
        fed = endless.feed(std::string(10'000, 'x'));
    ASSERT_FALSE(fed.ok());
    EXPECT_EQ(fed.error().message, "line 1: the line is too long");
}

TEST(ListWords, counts_add_up) {
    ListOptions options;
    options.skip_invalid = true;
    const auto list = read_list(options,
                                "192.0.2.0/24\n192.0.2.1\n192.0.2.1\nrubbish\n192.0.2.0/25\n"
                                "198.51.100.1\n2001:db8::/32\n2001:db8::1\n",
                                5);
    ASSERT_TRUE(list.ok());
    EXPECT_EQ(list->lines, 8u);
    EXPECT_EQ(list->read, 7u);
    EXPECT_EQ(list->values.size(), 6u);
    EXPECT_EQ(list->duplicate, 1u);
    EXPECT_EQ(list->contained, 3u);
    EXPECT_EQ(list->skipped, 1u);
    ASSERT_EQ(list->problems.size(), 1u);
    EXPECT_EQ(list->problems[0].substr(0, 17), "line 4: \"rubbish\"");
}

}  // namespace
}  // namespace yett
