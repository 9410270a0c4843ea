// SPDX-License-Identifier: GPL-2.0-or-later
// Lists by chance: what export writes is read back, and what chance makes of a list does no harm.
#include <random>

#include "base/quote.hpp"
#include "base/visible.hpp"
#include "unit/lists/list_case.hpp"

namespace yett {
namespace {

using Random = std::mt19937_64;

EntryValue random_value(Random& random) {
    Prefix prefix;
    prefix.address.family = random() % 2 == 0 ? Family::ipv4 : Family::ipv6;
    for (unsigned i = 0; i < prefix.address.bits() / 8; ++i)
        prefix.address.octets[i] = static_cast<std::uint8_t>(random());
    prefix.address.octets[0] |= 0x20;  // neither ::/96 nor everything
    prefix.length = static_cast<std::uint8_t>(8 + random() % (prefix.address.bits() - 7));
    return EntryValue(prefix);
}

/// Any text, as a person or a machine may give it.
std::string random_reason(Random& random) {
    static const std::string kPieces[] = {
        "ssh",      " ",        "\"",           "\\",   "#", ";", "//", "\n",
        "\x1b[31m", "\xc3\xa4", "\xe2\x80\x8b", "\xff", "'", ",", "{",  "x=1"};
    std::string text;
    for (auto left = random() % 12; left > 0; --left)
        text += kPieces[random() % std::size(kPieces)];
    return visible(text, kLongestReason);
}

TEST(ListRobust, what_export_writes_is_read_back) {
    Random random(7);
    ListOptions options;
    options.now = 1'800'000'000;
    for (int round = 0; round < 200; ++round) {
        std::map<EntryValue, std::string> wanted;
        std::string text;
        for (auto left = random() % 20; left > 0; --left) {
            const auto value = random_value(random);
            if (wanted.count(value) != 0) continue;
            const auto reason = random_reason(random);
            const bool ends = random() % 2 == 0;
            const auto line =
                entry_line(to_text(value), ends ? "2027-01-15T09:00:00Z" : "", reason);
            text += line + "\n";
            wanted[value] =
                to_text(value) + (ends ? "~3600" : "") + (reason.empty() ? "" : "(" + reason + ")");
        }
        std::string expected;
        for (const auto& [value, words] : wanted)
            expected += (expected.empty() ? "" : " ") + words;
        const auto list = read_list(options, text, 1 + random() % 64);
        ASSERT_TRUE(list.ok()) << words_of(list.error()) << "\n" << text;
        EXPECT_EQ(words_of(*list), expected);
    }
}

const std::string kSeeds[] = {
    "192.0.2.1\n198.51.100.0/24 # x\n192.0.2.0-192.0.2.9\n2001:db8::/32 timeout 60 reason \"a\"\n",
    "create a hash:net family inet timeout 60\nadd a 192.0.2.0/24\nadd a 192.0.2.1 comment \"x\"\n"
    "del a 192.0.2.1\nswap a b\ndestroy a\n",
    "{\"prefixes\":[{\"ip_prefix\":\"192.0.2.0/24\"},{\"ipv6Prefix\":\"2001:db8::/32\"}],\"new\":[{"
    "\"duration\":\"4h\",\"scope\":\"Ip\",\"type\":\"ban\",\"value\":\"192.0.2.1\"}],\"deleted\":"
    "null}",
    "{\"cidr\":\"192.0.2.0\\/24\"}\n{\"ip\":\"192.0.2.1\",\"geo\":{\"network\":\"198.51.100.0/"
    "24\"}}\n",
    "a,\"b \"\"c\"\"\",d\n192.0.2.1,\"x\ny\",3\n\"192.0.2.0/24\",,\n",
};

/// What chance does to a text, some octets at a time.
std::string mutated(std::string text, Random& random) {
    using namespace std::string_view_literals;
    static constexpr auto kOctets = "\0\n\r\t \"\\{}[],:;#/-.0129abf\x80\xef\xff"sv;
    for (auto left = random() % 6; left > 0 && !text.empty(); --left) {
        const auto at = random() % text.size();
        const char octet = kOctets[random() % kOctets.size()];
        switch (random() % 5) {
            case 0:
                text[at] = octet;
                break;
            case 1:
                text.insert(at, 1, octet);
                break;
            case 2:
                text.erase(at, 1 + random() % 8);
                break;
            case 3:
                text.resize(at);
                break;
            default:
                text.insert(at, text.substr(random() % text.size(), random() % 40));
        }
    }
    return text;
}

/// Each entry of the list has a place in the text: no value is made of nothing.
TEST(ListRobust, chance_does_no_harm) {
    Random random(11);
    for (int round = 0; round < 20'000; ++round) {
        const auto text = mutated(kSeeds[random() % std::size(kSeeds)], random);
        ListOptions options;
        options.now = 1'800'000'000;
        options.format = static_cast<ListFormat>(random() % 5);
        options.skip_invalid = random() % 2 == 0;
        options.type = static_cast<SetType>(random() % 4);
        const auto list = read_list(options, text, 1 + random() % 64);
        if (!list) {
            EXPECT_FALSE(list.error().message.empty());
            EXPECT_EQ(list.error().kind, ErrorKind::usage) << list.error().message;
            continue;
        }
        // A range makes at most 254 prefixes; any other entry takes two octets at least.
        const auto ranges = static_cast<std::size_t>(std::count(text.begin(), text.end(), '-'));
        EXPECT_LE(list->read, text.size() / 2 + 1 + 254 * ranges) << text;
        EXPECT_EQ(list->read, list->values.size() + list->duplicate);
        EXPECT_TRUE(list->seconds.empty() || list->seconds.size() == list->values.size());
        EXPECT_TRUE(list->why.empty() || list->why.size() == list->values.size());
    }
}

TEST(ListRobust, what_is_written_is_visible_and_stays_as_it_is) {
    Random random(13);
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (auto left = random() % 300; left > 0; --left)
            text += static_cast<char>(random());
        const auto once = visible(text, kLongestReason);
        EXPECT_LE(once.size(), kLongestReason);
        EXPECT_EQ(visible(once, kLongestReason), once);
        for (std::size_t i = 0; i < once.size(); ++i)
            EXPECT_FALSE(is_control_character(once, i) || once[i] == '\n' || once[i] == '\t');
    }
    EXPECT_EQ(visible("a\nb\xe2\x80\xae", 100), "a<U+000A>b<U+202E>");
    EXPECT_EQ(visible("\xc3\xa4\xc3\xb6\xc3\xbc", 5), "\xc3\xa4...");
}

}  // namespace
}  // namespace yett
