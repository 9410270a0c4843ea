// SPDX-License-Identifier: GPL-2.0-or-later
// Files of ipset, CSV and JSON, row by row.
#include "unit/lists/list_case.hpp"

namespace yett {
namespace {

const ListCase kIpset[] = {
    {"save", "",
     "create bad hash:net family inet hashsize 1024 maxelem 65536\nadd bad 192.0.2.0/24\n",
     "192.0.2.0/24"},
    {"nomatch", "",
     "create b hash:net family inet\nadd b 192.0.2.0/24\nadd b 192.0.2.64/26 nomatch\n",
     "line 3: the entry is an exception (nomatch), and yett knows none | write the prefixes that "
     "remain without it"},
    {"nomatch of IPv6", "", "add b 2001:db8::/64 timeout 9 nomatch\n",
     "line 1: the entry is an exception (nomatch), and yett knows none | write the prefixes that "
     "remain without it"},
    {"timeouts", "",
     "create b hash:ip family inet timeout 600\nadd b 192.0.2.1 timeout 30\nadd b 192.0.2.2 "
     "timeout "
     "0\nadd b 192.0.2.3\n",
     "192.0.2.1~30 192.0.2.2~0 192.0.2.3~600"},
    {"timeouts in a set's file", "file",
     "create b hash:ip family inet timeout 600\nadd b 192.0.2.1\n",
     "line 1: entries of a set's file do not end | leave the end out, or add the list with: yett "
     "set "
     "import"},
    {"a timeout that is none", "", "add b 192.0.2.1 timeout 1h\n",
     "line 1: \"1h\" is no timeout of an ipset | it is a number of seconds"},
    {"what is harmless", "",
     "create b hash:ip family inet counters comment skbinfo bucketsize 12 initval 0x5c0a4a5e\n"
     "add b 192.0.2.1 packets 0 bytes 0 comment \"a # b\" skbmark 0x1/0xff skbprio 1:2 skbqueue "
     "3\n",
     "192.0.2.1(a # b)"},
    {"an option that is not known", "", "add b 192.0.2.1 sticky\n",
     "line 1: the option \"sticky\" of an entry is not understood"},
    {"a netmask", "", "create b hash:ip family inet netmask 24\nadd b 192.0.2.0\n",
     "line 1: the option netmask \"24\" of an ipset is not understood"},
    {"two dimensions", "", "create b hash:ip,port family inet\nadd b 192.0.2.1,tcp:80\n",
     "line 1: \"hash:ip,port\" is a type of ipset whose entries are more than a value | yett takes "
     "hash:ip, hash:net, bitmap:ip, hash:mac and bitmap:port; what matches two things at once is a "
     "rule"},
    {"an entry of two dimensions", "", "add b 192.0.2.1,tcp:80\n",
     "line 1: \"192.0.2.1,tcp:80\" is more than a value | what matches two things at once is a "
     "rule"},
    {"a list of sets", "", "create all list:set size 8\nadd all blk\n",
     "line 1: \"list:set\" is a type of ipset whose entries are more than a value | yett takes "
     "hash:ip, hash:net, bitmap:ip, hash:mac and bitmap:port; what matches two things at once is a "
     "rule"},
    {"another type", "", "create m hash:mac\nadd m 02:00:5e:10:00:01\n",
     "line 1: an ipset of type hash:mac holds no prefixes | import it into a set of its own type"},
    {"MACs", "type=mac", "create m hash:mac\nadd m 02:00:5e:10:00:01 timeout 5\n",
     "02:00:5e:10:00:01~5"},
    {"ports", "type=port", "create p bitmap:port range 0-65535\nadd p 80\nadd p 8000-8100\n",
     "80 8000-8100"},
    {"bitmap", "", "create b bitmap:ip range 192.0.2.0/24\nadd b 192.0.2.1-192.0.2.3\n",
     "192.0.2.1 192.0.2.2/31"},
    {"another family", "", "create b hash:ip family inet6\nadd b 192.0.2.1\n",
     "line 2: \"192.0.2.1\" is not of the family of its ipset"},
    {"build beside, swap, destroy", "",
     "create t hash:net family inet\nflush t\nadd t 192.0.2.2\nswap t blk\ndestroy t\n",
     "192.0.2.2"},
    {"swap without destroy", "", "create t hash:net\nadd t 192.0.2.2\nswap t blk\n", "192.0.2.2"},
    {"swap of two that are known", "set=a",
     "create a hash:ip\ncreate b hash:ip\nadd a 192.0.2.1\nadd b 192.0.2.2\nswap a b\n",
     "192.0.2.2"},
    {"adding to what was swapped in", "", "add t 192.0.2.2\nswap t blk\nadd t 192.0.2.3\n",
     "line 3: the ipset \"t\" holds what is not in the file"},
    {"rename", "", "create t hash:ip\nadd t 192.0.2.2\nrename t b\nadd b 192.0.2.3\n",
     "192.0.2.2 192.0.2.3"},
    {"-exist and -A", "",
     "add -exist b 192.0.2.1\n-A b 192.0.2.2\n-exist add b 192.0.2.1\nadd b 192.0.2.3 -exist\n",
     "192.0.2.1 192.0.2.2 192.0.2.3"},
    {"the command line", "", "ipset add b 192.0.2.1\nipset -A b 192.0.2.2\nCOMMIT\n",
     "192.0.2.1 192.0.2.2"},
    {"del", "", "add b 192.0.2.1\nadd b 192.0.2.2\ndel b 192.0.2.1\nadd b 192.0.2.3\n",
     "192.0.2.2 192.0.2.3"},
    {"del and add again", "", "add b 192.0.2.1\ndel b 192.0.2.1\nadd b 192.0.2.1 timeout 9\n",
     "192.0.2.1~9"},
    {"del of what is not there", "", "add b 192.0.2.1\ndel b 192.0.2.2\n",
     "line 2: 192.0.2.2 is taken out, and was not in | a list builds its set from nothing"},
    {"del -exist of what is not there", "", "add b 192.0.2.1\ndel b 192.0.2.2 -exist\n",
     "192.0.2.1"},
    {"flush", "", "add b 192.0.2.1\nflush b\nadd b 192.0.2.2\n", "192.0.2.2"},
    {"destroyed", "", "create a hash:ip\nadd a 192.0.2.1\ndestroy a\n", ""},
    {"destroyed, in place of a set", "replace", "create a hash:ip\nadd a 192.0.2.1\ndestroy a\n",
     "refused: the list has no entry, and would empty the set | the set stays as it is; empty it "
     "with yett set flush, or --force"},
    {"created twice", "", "create a hash:ip\ncreate a hash:ip\n",
     "line 2: the ipset \"a\" is created twice"},
    {"several", "", "create a hash:ip\nadd a 192.0.2.1\ncreate b hash:ip\nadd b 192.0.2.2\n",
     "the list has 2 ipsets: a, b | choose one: --set a"},
    {"one of several", "set=b",
     "create a hash:ip\nadd a 192.0.2.1\ncreate b hash:ip\nadd b 192.0.2.2\n", "192.0.2.2"},
    {"none of several", "set=c", "create a hash:ip\nadd a 192.0.2.1\n",
     "the list has no ipset \"c\" | it has a"},
    {"commands between values", "", "192.0.2.1\nadd b 192.0.2.2\n",
     "the list mixes commands of ipset with other lines"},
    {"a command that builds nothing", "", "test b 192.0.2.1\n",
     "line 1: the ipset command test builds no list"},
};

TEST(ListFormats, ipset) {
    expect_cases(kIpset);
}

const ListCase kCsv[] = {
    {"a heading", "csv column=2",
     "name,address,score\nx,192.0.2.1,9\n\"a, b\",\"192.0.2.2\",3\n# end\n", "192.0.2.1 192.0.2.2"},
    {"a heading behind comments", "csv column=2", "# a\n\n\nname;address\nx;192.0.2.1\n",
     "192.0.2.1"},
    {"a heading alone, in place of a set", "csv column=2 replace", "name,address\n",
     "refused: the list has no entry, and would empty the set | the set stays as it is; empty it "
     "with yett set flush, or --force"},
    {"an address is no heading", "csv", "192.0.2.256,x\n",
     "line 1: \"192.0.2.256\" is no address, prefix or range | IPv4 is four numbers from 0 to 255 "
     "without leading zeros, as in 192.0.2.0/24"},
    {"tabs", "csv column=3", "1\t2\t192.0.2.1\n", "192.0.2.1"},
    {"a mark", "csv", "\xef\xbb\xbf\"ip\",\"n\"\n\"192.0.2.1\",1\n", "192.0.2.1"},
    {"doubled quotes", "csv column=2",
     "asn,net\n\"64500, \"\"Example\"\", Ltd\",192.0.2.0/24\n64502,198.51.100.0/24\n",
     "192.0.2.0/24 198.51.100.0/24"},
    {"a line break in quotes", "csv column=2", "a,b\n\"x\ny, z\n\",192.0.2.1\n", "192.0.2.1"},
    {"a quote that does not end", "csv column=2", "a,b\nx,192.0.2.1\n\"y,192.0.2.2\n",
     "line 3: a quote does not end"},
    {"text behind a quote", "csv column=2", "\"a\"b,192.0.2.2\n",
     "line 1: text stands behind a closing quote | a quote inside of quotes is doubled (RFC 4180)"},
    {"a semicolon in a name", "csv column=2", "name,net\nExample; Ltd,192.0.2.0/24\n",
     "192.0.2.0/24"},
    {"a missing column", "csv column=2", "asn,net\n64501\n64502,198.51.100.0/24\n",
     "line 2: the line has 1 column, and the value is looked for in column 2"},
    {"a missing column is counted", "csv column=2 skip", "asn,net\n64501\n64502,198.51.100.0/24\n",
     "198.51.100.0/24 skipped 1"},
    {"no such column at all", "csv column=9", "asn,net\n64502,198.51.100.0/24\n",
     "line 1: the line has 2 columns, and the value is looked for in column 9"},
    {"no such column, skipped", "csv column=9 skip", "asn,net\n64502,198.51.100.0/24\n",
     "refused: nothing in the list was understood: 2 skipped, the first is line 1: the line has 2 "
     "columns, and the value is looked for in column 9 | the set stays as it is"},
    {"an empty column", "csv column=2", "asn,net\n64501,\n", "line 2: column 2 is empty"},
    {"ranges", "csv columns=1-2",
     "192.0.2.0,192.0.2.255,AU\n2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,US\n",
     "192.0.2.0/24 2001:db8::/32"},
    {"ranges in other columns", "csv columns=2-4", "n,from,x,to\na,192.0.2.0,7,192.0.2.1\n",
     "192.0.2.0/31"},
    {"a reversed range", "csv columns=1-2", "192.0.2.9,192.0.2.1\n",
     "line 1: the range \"192.0.2.9-192.0.2.1\" is reversed | did you mean "
     "\"192.0.2.1-192.0.2.9\"?"},
    {"ranges without a word", "csv", "192.0.2.0,192.0.2.255,AU\n",
     "line 1: column 2 holds an address, too: 192.0.2.255 | a range in two columns is --columns "
     "1-2; "
     "column 1 alone, whatever stands beside it, is --columns 1-1"},
    {"a mask in the next column", "csv", "192.0.2.0,255.255.255.0,AU\n",
     "line 1: column 2 holds the mask of a network: 255.255.255.0 | write prefixes in one column, "
     "as "
     "in 192.0.2.0/24"},
    {"a mask as the end of a range", "csv columns=1-2", "192.0.2.0,255.255.255.0,AU\n",
     "line 1: column 2 holds the mask of a network: 255.255.255.0 | write prefixes in one column, "
     "as "
     "in 192.0.2.0/24"},
    {"a length in the next column", "csv", "192.0.2.0,24,AU\n",
     "line 1: column 2 holds the length of a network: 24 | write prefixes in one column, as in "
     "192.0.2.0/24"},
    {"a host and a number", "csv", "192.0.2.1,24,AU\n", "192.0.2.1"},
    {"ranges by one column", "csv column=2", "a,192.0.2.0,192.0.2.255\n",
     "line 1: column 3 holds an address, too: 192.0.2.255 | a range in two columns is --columns "
     "2-3; "
     "column 2 alone, whatever stands beside it, is --columns 2-2"},
    {"one column by all means", "csv columns=2-2", "a,192.0.2.0,192.0.2.255\n", "192.0.2.0"},
    {"a column that was named", "csv column=2", "198.51.100.1,192.0.2.0/24\n", "192.0.2.0/24"},
    {"a wrong line", "csv", "address\n192.0.2.1\nnone\n",
     "line 3: \"none\" is no address, prefix or range | write it like 192.0.2.1, 192.0.2.0/24, "
     "192.0.2.1-192.0.2.9"},
};

TEST(ListFormats, csv) {
    expect_cases(kCsv);
}

const ListCase kJson[] = {
    {"Spamhaus", "",
     "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\",\"rir\":\"apnic\"}\n"
     "{\"cidr\": \"2001:db8::/32\", \"sblid\": \"SBL\\\"2\"}\n"
     "{\"type\":\"metadata\",\"timestamp\":1700000000,\"size\":2,\"copyright\":\"c\"}\n",
     "192.0.2.0/24 2001:db8::/32"},
    {"escaped slashes", "", "{\"cidr\":\"192.0.2.0\\/24\",\"note\":\"a \\/ b\"}\n", "192.0.2.0/24"},
    {"escapes by number", "", "{\"cid\\u0072\":\"192.0.2.\\u0031\"}\n", "192.0.2.1"},
    {"a document in one line", "",
     "{\"note\":\"x\",\"prefixes\":[{\"cidr\":\"192.0.2.0/24\"},{\"cidr\":\"198.51.100.0/24\"}]}",
     "192.0.2.0/24 198.51.100.0/24"},
    {"a document over lines", "", "{\n \"prefixes\": [\n  {\"cidr\": \"192.0.2.0/24\"}\n ]\n}\n",
     "192.0.2.0/24"},
    {"an array", "", "[{\"ip\":\"192.0.2.1\"},{\"ip\":\"192.0.2.2\"}]\n", "192.0.2.1 192.0.2.2"},
    {"an array in ndjson", "ndjson", "[{\"ip\":\"192.0.2.1\"},{\"ip\":\"192.0.2.2\"}]\n",
     "192.0.2.1 192.0.2.2"},
    {"an array of texts", "", "[\n\"192.0.2.1\",\n\"2001:db8::/32\"\n]\n",
     "192.0.2.1 2001:db8::/32"},
    {"objects over lines", "json", "{\n\"ip\": \"192.0.2.1\"\n}\n{\n\"ip\": \"192.0.2.2\"\n}\n",
     "192.0.2.1 192.0.2.2"},
    {"texts a line", "ndjson", "\"192.0.2.1\"\n\"192.0.2.2\"\n", "192.0.2.1 192.0.2.2"},
    {"AWS", "",
     "{\"syncToken\":\"1\",\"createDate\":\"2026-01-01\",\"prefixes\":[{\"ip_prefix\":\"192.0.2.0/"
     "24\","
     "\"region\":\"x\",\"service\":\"S3\"}],\"ipv6_prefixes\":[{\"ipv6_prefix\":\"2001:db8::/"
     "32\"}]}",
     "192.0.2.0/24 2001:db8::/32"},
    {"Google", "",
     "{\"creationTime\":\"t\",\"prefixes\":[{\"ipv4Prefix\":\"192.0.2.0/24\"},{\"ipv6Prefix\":"
     "\"2001:db8::/32\"}]}",
     "192.0.2.0/24 2001:db8::/32"},
    {"Cloudflare", "",
     "{\"result\":{\"ipv4_cidrs\":[\"192.0.2.0/24\"],\"ipv6_cidrs\":[\"2001:db8::/"
     "32\"],\"etag\":\"e\"},"
     "\"success\":true,\"errors\":[],\"messages\":[]}",
     "192.0.2.0/24 2001:db8::/32"},
    {"AbuseIPDB", "",
     "{\"meta\":{\"generatedAt\":\"t\"},\"data\":[{\"ipAddress\":\"192.0.2.1\","
     "\"abuseConfidenceScore\":100}]}",
     "192.0.2.1"},
    {"CrowdSec", "",
     "{\"deleted\":[{\"duration\":\"-1h\",\"scope\":\"Ip\",\"type\":\"ban\",\"value\":\"192.0.2."
     "9\"}],"
     "\"new\":[{\"duration\":\"4h\",\"scenario\":\"ssh-bf\",\"scope\":\"Ip\",\"type\":\"ban\","
     "\"value\":"
     "\"198.51.100.9\"},{\"duration\":\"3m0.5s\",\"scope\":\"Range\",\"type\":\"ban\",\"value\":"
     "\"203.0.113.0/24\"}]}",
     "198.51.100.9~14400(ssh-bf) 203.0.113.0/24~181 lifted 192.0.2.9"},
    {"CrowdSec, nothing new", "", "{\"new\":null,\"deleted\":null}", ""},
    {"alerts of CrowdSec", "",
     "[{\"id\":1,\"decisions\":[{\"duration\":\"1h\",\"scope\":\"Ip\",\"type\":\"ban\",\"value\":"
     "\"192.0.2.9\"}],\"source\":{\"ip\":\"192.0.2.9\",\"value\":\"192.0.2.9\"}}]",
     "192.0.2.9~3600"},
    {"a source without decisions", "", "[{\"id\":1,\"source\":{\"ip\":\"192.0.2.9\"}}]",
     "line 1: \"192.0.2.9\" stands where yett looks for no entry: /0/source/ip | name the list "
     "with "
     "--pointer, as in --pointer /prefixes, or the key of its objects with --key"},
    {"a port beside an address", "", "{\"ip_address\":\"192.0.2.9\",\"port\":443}", "192.0.2.9"},
    {"a decision that is over", "",
     "[{\"duration\":\"-3s\",\"scope\":\"Ip\",\"type\":\"ban\",\"value\":\"192.0.2.9\"}]",
     " over 1"},
    {"a decision that is no ban", "",
     "[{\"duration\":\"4h\",\"scope\":\"Ip\",\"type\":\"captcha\",\"value\":\"192.0.2.9\"}]",
     "line 1: a decision of type \"captcha\" is no ban"},
    {"a decision of a country", "",
     "[{\"duration\":\"4h\",\"scope\":\"Country\",\"type\":\"ban\",\"value\":\"XX\"}]",
     "line 1: \"XX\" is no address, prefix or range | write it like 192.0.2.1, 192.0.2.0/24, "
     "192.0.2.1-192.0.2.9"},
    {"a simulated decision", "",
     "[{\"duration\":\"4h\",\"scope\":\"Ip\",\"type\":\"ban\",\"value\":\"192.0.2.9\","
     "\"simulated\":true}]",
     "line 1: the decision is a simulated one"},
    {"decisions in a set's file", "file",
     "[{\"duration\":\"4h\",\"scope\":\"Ip\",\"type\":\"ban\",\"value\":\"192.0.2.9\"}]",
     "line 1: entries of a set's file do not end | leave the end out, or add the list with: yett "
     "set "
     "import"},
    {"its own key, whatever is nested", "",
     "{\"geo\":{\"cidr\":\"198.51.100.0/24\"},\"ip\":\"192.0.2.1\",\"seen\":[\"203.0.113.1\"]}\n",
     "192.0.2.1"},
    {"two of its own", "", "{\"ip\":\"192.0.2.1\",\"cidr\":\"192.0.2.0/24\"}\n",
     "line 1: the object has a value under \"ip\" and under \"cidr\" | say which is meant: --key "
     "ip"},
    {"two, and a word", "key=cidr", "{\"ip\":\"192.0.2.1\",\"cidr\":\"192.0.2.0/24\"}\n",
     "192.0.2.0/24"},
    {"a key of one's own", "key=who", "[{\"who\":\"192.0.2.1\",\"ip\":\"198.51.100.1\"}]",
     "192.0.2.1"},
    {"two that say the same", "", "{\"ip\":\"192.0.2.1\",\"value\":\"192.0.2.1\"}\n", "192.0.2.1"},
    {"an address under another key", "", "{\"client\":\"192.0.2.1\"}\n",
     "line 1: \"192.0.2.1\" stands where yett looks for no entry: /client | name the list with "
     "--pointer, as in --pointer /prefixes, or the key of its objects with --key"},
    {"a list under another key", "",
     "{\"web\":[\"198.51.100.0/24\"],\"prefixes\":[\"192.0.2.0/24\"]}",
     "line 1: \"198.51.100.0/24\" stands where yett looks for no entry: /web/0 | name the list "
     "with "
     "--pointer, as in --pointer /prefixes, or the key of its objects with --key"},
    {"a list by its place", "pointer=/web",
     "{\"web\":[\"198.51.100.0/24\"],\"prefixes\":[\"192.0.2.0/24\"]}", "198.51.100.0/24"},
    {"a place inside of an array", "pointer=/a~1b/1/l",
     "{\"a/b\":[{\"l\":[\"192.0.2.1\"]},{\"l\":[\"192.0.2.2\"],\"m\":\"192.0.2.3\"}]}",
     "192.0.2.2"},
    {"a text at its place", "pointer=/a/0", "{\"a\":[\"192.0.2.1\",\"192.0.2.2\"]}", "192.0.2.1"},
    {"no such place", "pointer=/nope", "{\"web\":[\"198.51.100.0/24\"]}",
     "line 1: there is nothing at /nope in the document"},
    {"addresses as keys", "", "{\"ips\":{\"192.0.2.1\":{\"n\":5}}}",
     "line 1: \"192.0.2.1\" stands where yett looks for no entry: /ips/192.0.2.1 | name the list "
     "with "
     "--pointer, as in --pointer /prefixes, or the key of its objects with --key"},
    {"a document of something else", "", "{\"error\":\"not found\",\"code\":404}",
     "line 1: the object has no address, and no list that yett knows; its keys are \"error\", "
     "\"code\" "
     "| name the key of the address with --key, or the list with --pointer, as in --pointer "
     "/prefixes"},
    {"an object without an address", "", "{\"cidr\":\"192.0.2.1\"}\n{\"asn\":64500}\n",
     "line 2: the object has no address, and no list that yett knows; its keys are \"asn\" | name "
     "the "
     "key of the address with --key, or the list with --pointer, as in --pointer /prefixes"},
    {"a length beside it", "", "{\"address\":\"192.0.2.0\",\"netmask\":\"255.255.255.0\"}\n",
     "line 1: \"netmask\" stands beside the address under \"address\", and changes what it means | "
     "write prefixes, as in \"192.0.2.0/24\", or ranges"},
    {"an end in another word", "", "{\"ip\":\"192.0.2.1\",\"ttl\":60}\n",
     "line 1: \"ttl\" stands beside the address under \"ip\", and changes what it means | yett "
     "reads "
     "ends from \"until\", \"expires\", \"timeout\" and \"duration\""},
    {"what is not to be blocked", "", "{\"ip\":\"192.0.2.1\",\"action\":\"allow\"}\n",
     "line 1: \"action\" stands beside the address under \"ip\", and changes what it means | leave "
     "out what is not to be blocked"},
    {"what is switched off", "", "{\"ip\":\"192.0.2.1\",\"active\":false}\n",
     "line 1: \"active\" stands beside the address under \"ip\", and changes what it means | leave "
     "out what is not to be blocked"},
    {"what is to be blocked", "", "{\"ip\":\"192.0.2.1\",\"action\":\"deny\",\"active\":true}\n",
     "192.0.2.1"},
    {"a length that says nothing new", "",
     "{\"cidr\":\"192.0.2.0/24\",\"mask\":\"255.255.255.0\"}\n", "192.0.2.0/24"},
    {"another end", "", "{\"ip\":\"192.0.2.0\",\"end_ip\":\"192.0.2.9\"}\n",
     "line 1: \"end_ip\" stands beside the address under \"ip\", and changes what it means | write "
     "prefixes, as in \"192.0.2.0/24\", or ranges"},
    {"an exception", "", "{\"cidr\":\"192.0.2.0/24\",\"exclude\":[\"192.0.2.1\"]}\n",
     "line 1: \"exclude\" stands beside the address under \"cidr\", and changes what it means | "
     "write "
     "prefixes, as in \"192.0.2.0/24\", or ranges"},
    {"a number for an address", "", "{\"ip\":3221225985}\n",
     "line 1: the value under \"ip\" is no text: 3221225985 | an address stands in quotes"},
    {"a key twice", "", "{\"ip\":\"192.0.2.1\",\"ip\":\"192.0.2.2\"}\n",
     "line 1: the key \"ip\" stands twice in one JSON object"},
    {"a line that is cut off", "", "{\"cidr\":\"192.0.2.0/24\"}\n{\"cidr\":\"198.51.100.0/24",
     "line 2: the JSON ends in the middle | was the file cut off? Fetch it again"},
    {"a document that is cut off", "skip", "{\"prefixes\":[{\"cidr\":\"192.0.2.0/24\"},\n",
     "line 1: the JSON ends in the middle | was the file cut off? Fetch it again"},
    {"two values in a line", "", "{\"ip\":\"192.0.2.1\"}{\"ip\":\"192.0.2.2\"}\n",
     "line 1: something stands behind the JSON value: \"\"192.0.2.1\"}{\""},
    {"a list in a list", "", "[[\"192.0.2.1\"]]", "line 1: a list stands inside of a list: /0"},
    {"a line that makes no sense", "skip",
     "{\"ip\":\"192.0.2.1\"}\n{\"ip\":\"nobody\"}\n{\"ip\":\n{\"ip\":\"192.0.2.2\"}\n",
     "192.0.2.1 192.0.2.2 skipped 2"},
    {"words among objects", "", "192.0.2.1\n{\"ip\":\"192.0.2.2\"}\n", "192.0.2.1 192.0.2.2"},
    {"words in a list of objects", "ndjson", "192.0.2.1\n",
     "line 1: a number is no entry | an entry is a text in quotes, or an object with one"},
    {"a word in a list of objects", "ndjson", "none\n", "line 1: the JSON is broken at \"no\""},
    {"yett's own listing", "",
     "{\"set\":\"a\",\"entries\":[{\"value\":\"192.0.2.1\",\"origin\":\"runtime\",\"added\":"
     "\"2026-05-01T09:30:00Z\",\"expires\":\"2027-01-15T08:01:00Z\",\"seconds_left\":60,\"reason\":"
     "\"ssh\"},{\"value\":\"192.0.2.2\",\"expires\":null,\"seconds_left\":null,\"reason\":null}]}",
     "192.0.2.1~60(ssh) 192.0.2.2~0"},
    {"ports", "type=port", "{\"entries\":[80,\"8000-8100\"]}", "80 8000-8100"},
    {"MACs", "type=mac", "{\"mac\": \"02:00:5e:00:00:00/24\"}\n", "02:00:5e:00:00:00/24"},
    {"interfaces", "type=iface", "{\"iface\": \"eth1\"}\n", "eth1"},
};

TEST(ListFormats, json) {
    expect_cases(kJson);
}

TEST(ListFormats, deep_and_wide_json_is_refused_before_it_costs) {
    for (const std::string open : {"{\"x\":[", "{\"prefixes\":"}) {
        std::string text;
        for (int i = 0; i < 100'000; ++i)
            text += open;
        ListOptions options;
        options.format = ListFormat::ndjson;
        const auto list = read_list(options, text, 1 << 16);
        ASSERT_FALSE(list.ok());
        EXPECT_NE(list.error().message.find("levels"), std::string::npos) << list.error().message;
    }
}

}  // namespace
}  // namespace yett
