// SPDX-License-Identifier: GPL-2.0-or-later
// The record of a set: overlaps, origins, ends and edits, held against a naive model.
#include "apply/set_content.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "abi/sets.h"
#include "apply/interface_tables.hpp"

namespace yett {
namespace {

EntryValue entry(const std::string& text, SetType type = SetType::prefix) {
    auto value = parse_entry(type, text);
    EXPECT_TRUE(value.ok()) << text;
    return value ? *value : EntryValue();
}

// Ends are kept in units of 134 ms.
constexpr std::uint64_t kTick = std::uint64_t{1} << YETT_SET_TICK_SHIFT;

SetEdit add(const std::string& text, std::uint64_t expires = 0) {
    SetEdit edit;
    edit.add = {entry(text)};
    edit.expires = expires * kTick;
    edit.now = 1000;
    return edit;
}

SetEdit remove(const std::string& text) {
    SetEdit edit;
    edit.remove.push_back(entry(text));
    return edit;
}

std::string covering(const SetContent& content, const std::string& text) {
    std::string out;
    for (const auto& [value, found] : content.covering(entry(text, content.type()))) {
        out += (out.empty() ? "" : " ") + to_text(value);
    }
    return out;
}

struct TextRow {
    SetType type;
    const char* text;
    const char* canonical;  ///< null: refused
};

constexpr TextRow kTexts[] = {
    {SetType::prefix, "192.0.2.1", "192.0.2.1"},
    {SetType::prefix, "192.0.2.1/32", "192.0.2.1"},
    {SetType::prefix, "192.0.2.0/24", "192.0.2.0/24"},
    {SetType::prefix, "0.0.0.0/0", "0.0.0.0/0"},
    {SetType::prefix, "2001:DB8::/32", "2001:db8::/32"},
    {SetType::prefix, "192.0.2.1/24", nullptr},
    {SetType::prefix, "192.0.2.0/33", nullptr},
    {SetType::prefix, "192.0.2", nullptr},
    {SetType::prefix, "80", nullptr},
    {SetType::prefix, "", nullptr},
    {SetType::prefix, "192.0.2.1 ", nullptr},
    {SetType::port, "80", "80"},
    {SetType::port, "8000-8100", "8000-8100"},
    {SetType::port, "80-80", "80"},
    {SetType::port, "0-65535", "0-65535"},
    {SetType::port, "443-80", nullptr},
    {SetType::port, "65536", nullptr},
    {SetType::port, "65616", nullptr},
    {SetType::port, "080", nullptr},
    {SetType::port, "-1", nullptr},
    {SetType::port, "80-", nullptr},
    {SetType::port, "", nullptr},
    {SetType::port, "http", nullptr},
    {SetType::port, "192.0.2.1", nullptr},
    {SetType::mac, "02:00:5E:10:00:01", "02:00:5e:10:00:01"},
    {SetType::mac, "02-00-5e-10-00-01", "02:00:5e:10:00:01"},
    {SetType::mac, "02:00:5e:10:00:01/48", "02:00:5e:10:00:01"},
    {SetType::mac, "02:00:5e:00:00:00/24", "02:00:5e:00:00:00/24"},
    {SetType::mac, "00:00:00:00:00:00/0", "00:00:00:00:00:00/0"},
    {SetType::mac, "ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff"},
    {SetType::mac, "02:00:5e:10:00:01/24", nullptr},
    {SetType::mac, "02:00:5e:10:00:01/49", nullptr},
    {SetType::mac, "02:00:5e:10:00", nullptr},
    {SetType::mac, "192.0.2.1", nullptr},
    {SetType::mac, "", nullptr},
    {SetType::iface, "eth0", "eth0"},
    {SetType::iface, "eth0.100", "eth0.100"},
    {SetType::iface, "fifteen-letters", "fifteen-letters"},
    {SetType::iface, "sixteen-letters-", nullptr},
    {SetType::iface, "a b", nullptr},
    {SetType::iface, "a/b", nullptr},
    {SetType::iface, "@inside", nullptr},
    {SetType::iface, "..", nullptr},
    {SetType::iface, "", nullptr},
};

TEST(EntryText, table) {
    for (const auto& row : kTexts) {
        SCOPED_TRACE(row.text);
        const auto value = parse_entry(row.type, row.text);
        ASSERT_EQ(value.ok(), row.canonical != nullptr);
        if (value) {
            EXPECT_EQ(to_text(*value), row.canonical);
        } else {
            EXPECT_EQ(value.error().kind, ErrorKind::usage);
        }
    }
}

TEST(SetContent, counts) {
    SetContent content(SetType::prefix);
    EXPECT_EQ(content.edit(add("192.0.2.0/24")).added, 1u);
    EXPECT_EQ(content.edit(add("192.0.2.0/24", 5)).refreshed, 1u);
    EXPECT_EQ(content.find(entry("192.0.2.0/24")).until(), 5 * kTick);
    EXPECT_EQ(content.edit(remove("192.0.2.0/25")).missing, 1u);
    EXPECT_EQ(content.count(EntryKind::prefix4), 1u);
    EXPECT_EQ(content.edit(remove("192.0.2.0/24")).deleted, 1u);
    EXPECT_EQ(content.size(), 0u);
    EXPECT_EQ(content.count(EntryKind::prefix4), 0u);
}

TEST(SetContent, an_end_is_rounded_up_and_swept) {
    SetContent content(SetType::prefix);
    SetEdit edit = add("192.0.2.1");
    edit.expires = 1;
    content.edit(edit);
    EXPECT_EQ(content.find(entry("192.0.2.1")).until(), kTick);
    EXPECT_FALSE(content.ends_before(kTick - 1));
    EXPECT_TRUE(content.ends_before(kTick));
    EXPECT_TRUE(content.expire(kTick - 1).empty());
    content.edit(add("192.0.2.0/24", 9));
    EXPECT_EQ(content.expire(kTick), std::vector{entry("192.0.2.1")});
    EXPECT_EQ(covering(content, "192.0.2.1"), "192.0.2.0/24");
    EXPECT_FALSE(content.ends_before(8 * kTick));
}

TEST(SetEdit, what_is_twice_is_once_and_the_last_end_holds) {
    SetEdit edit;
    for (const auto* text : {"192.0.2.9", "192.0.2.1", "2001:db8::1", "192.0.2.9"})
        edit.add.push_back(entry(text));
    edit.ends = {1, 2, 3, 4};
    edit.remove = {entry("192.0.2.7"), entry("192.0.2.1"), entry("192.0.2.7")};
    edit.normalize();
    EXPECT_EQ(edit.add,
              (std::vector{entry("192.0.2.1"), entry("192.0.2.9"), entry("2001:db8::1")}));
    EXPECT_EQ(edit.ends, (std::vector<std::uint64_t>{2, 4, 3}));
    EXPECT_EQ(edit.remove, std::vector{entry("192.0.2.7")}) << "what is added is not removed";
}

TEST(EntryTable, seldom_moves_what_it_holds) {
    EntryTable<Record4> table;
    table.reserve(10'000);
    for (std::uint32_t i = 0; i < 20'000; ++i) {
        table.reserve(table.size() + 1);
        table.put(EntryValue::from_words(EntryKind::prefix4, 0, i * 7, 32), {.flags = 1});
    }
    EXPECT_EQ(table.size(), 20'000u);
    EXPECT_LE(table.moves(), 8u);
    EXPECT_EQ(table.find(EntryValue::from_words(EntryKind::prefix4, 0, 19'999 * 7, 32)).flags, 1);
}

TEST(SetContent, covering_is_closest_first) {
    SetContent content(SetType::prefix);
    for (const auto* text : {"0.0.0.0/0", "192.0.2.0/24", "192.0.2.128/25", "2001:db8::/32"}) {
        content.edit(add(text));
    }
    EXPECT_EQ(covering(content, "192.0.2.200"), "192.0.2.128/25 192.0.2.0/24 0.0.0.0/0");
    EXPECT_EQ(covering(content, "192.0.2.0/24"), "192.0.2.0/24 0.0.0.0/0");
    EXPECT_EQ(covering(content, "2001:db8::1"), "2001:db8::/32");
    EXPECT_EQ(covering(content, "::1"), "");
    SetContent ports(SetType::port);
    SetEdit edit;
    for (const auto* text : {"0-1023", "80", "443"}) {
        edit.add.push_back(entry(text, SetType::port));
    }
    ports.edit(edit);
    EXPECT_EQ(covering(ports, "80"), "80 0-1023");
    EXPECT_EQ(covering(ports, "80-81"), "0-1023");
    EXPECT_EQ(covering(ports, "1023-1024"), "");
}

TEST(SetContent, of_macs_covers_by_prefix_and_ends) {
    SetContent content(SetType::mac);
    SetEdit edit;
    for (const auto* text : {"02:00:5e:00:00:00/24", "02:00:5e:10:00:01", "00:00:00:00:00:00/0"})
        edit.add.push_back(entry(text, SetType::mac));
    edit.expires = 5 * kTick;
    EXPECT_EQ(content.edit(edit).added, 3u);
    EXPECT_EQ(content.count(EntryKind::mac), 3u);
    EXPECT_EQ(covering(content, "02:00:5e:10:00:01"),
              "02:00:5e:10:00:01 02:00:5e:00:00:00/24 00:00:00:00:00:00/0");
    EXPECT_EQ(covering(content, "02:00:5e:10:00:02"), "02:00:5e:00:00:00/24 00:00:00:00:00:00/0");
    EXPECT_EQ(covering(content, "02:00:5f:00:00:00/24"), "00:00:00:00:00:00/0");
    EXPECT_EQ(content.expire(5 * kTick).size(), 3u);
    EXPECT_EQ(content.size(), 0u);
}

TEST(SetContent, of_interfaces_knows_names_and_nothing_else) {
    SetContent content(SetType::iface);
    SetEdit edit;
    for (const auto* text : {"wlan0", "eth1", "eth10", "eth0.100", "eth1"})
        edit.add.push_back(entry(text, SetType::iface));
    edit.normalize();
    EXPECT_EQ(content.edit(edit).added, 4u);
    EXPECT_EQ(covering(content, "eth1"), "eth1");
    EXPECT_EQ(covering(content, "eth"), "");
    std::string all;
    for (const auto& value : content.in_order())
        all += to_text(value) + " ";
    EXPECT_EQ(all, "eth0.100 eth1 eth10 wlan0 ");
}

TEST(InterfaceSet, has_a_bit_for_each_member_with_a_slot) {
    SetContent content(SetType::iface);
    SetEdit edit;
    for (const auto* text : {"eth0", "eth3", "not-there"})
        edit.add.push_back(entry(text, SetType::iface));
    content.edit(edit);
    const std::map<std::string, std::uint16_t> slots = {
        {"eth0", 1}, {"eth1", 2}, {"eth3", 255}, {"eth4", 63}};
    const auto bits = to_interface_set(content, slots);
    EXPECT_EQ(bits.bits[0], 2u);
    EXPECT_EQ(bits.bits[1], 0u);
    EXPECT_EQ(bits.bits[2], 0u);
    EXPECT_EQ(bits.bits[3], 1ull << 63);
}

Set ruleset_set(const std::vector<std::string>& texts) {
    Set set;
    for (const auto& text : texts)
        set.prefixes.push_back(entry(text).prefix());
    return set;
}

TEST(SetContent, the_ruleset_and_the_operator_share_an_entry) {
    SetContent content(ruleset_set({"192.0.2.1", "192.0.2.2"}));
    content.edit(add("192.0.2.1", 5));
    EXPECT_EQ(content.find(entry("192.0.2.1")).until(), 0u) << "what is listed does not end";
    EXPECT_TRUE(content.expire(6 * kTick).empty());
    EXPECT_EQ(content.size(), 2u);
    content.edit(remove("192.0.2.2"));
    EXPECT_EQ(content.removed(), 1u);
    EXPECT_EQ(content.size(), 1u);
    content.edit(add("192.0.2.2", 7));
    EXPECT_EQ(content.find(entry("192.0.2.2")).until(), 7 * kTick) << "added again, with an end";
}

TEST(SetContent, a_reload_carries_over_what_was_added_and_restores_what_was_removed) {
    SetContent before(ruleset_set({"192.0.2.1", "192.0.2.2"}));
    SetEdit why = add("198.51.100.7", 50);
    why.reason = "ssh guesses";
    before.edit(why);
    before.edit(add("192.0.2.3"));
    before.edit(remove("192.0.2.2"));
    SetContent after(ruleset_set({"192.0.2.2", "192.0.2.3"}));
    after.carry_over(before);
    EXPECT_EQ(after.size(), 3u);
    EXPECT_EQ(after.removed(), 0u);
    EXPECT_TRUE(after.find(entry("192.0.2.3")).from_ruleset);
    EXPECT_TRUE(after.find(entry("192.0.2.3")).at_run_time);
    const auto ban = after.find(entry("198.51.100.7"));
    EXPECT_EQ(ban.expires, 50 * kTick);
    EXPECT_EQ(ban.added, 1000);
    EXPECT_EQ(after.reason(ban.reason), "ssh guesses");
    EXPECT_FALSE(after.find(entry("192.0.2.1")).is_member());
}

TEST(SetContent, a_file_takes_the_place_of_what_it_listed_before) {
    SetContent content(ruleset_set({"192.0.2.1"}));
    content.set_file({entry("192.0.2.2"), entry("192.0.2.3")});
    content.edit(add("192.0.2.3", 9));
    content.edit(remove("192.0.2.2"));
    EXPECT_EQ(content.removed(), 1u);
    content.set_file({entry("192.0.2.2"), entry("192.0.2.4")});
    EXPECT_EQ(content.removed(), 1u) << "what the operator took out stays out";
    EXPECT_EQ(content.find(entry("192.0.2.3")).until(), 9 * kTick)
        << "no longer listed, still added";
    content.set_file({});
    EXPECT_EQ(content.size(), 2u);
    EXPECT_TRUE(content.find(entry("192.0.2.1")).is_listed());
}

TEST(SetContent, same_members_means_that_packets_see_no_difference) {
    SetContent one(ruleset_set({"192.0.2.1"}));
    SetContent other(SetType::prefix);
    EXPECT_FALSE(one.same_members(other));
    other.edit(add("192.0.2.1"));
    EXPECT_TRUE(one.same_members(other)) << "by whom it was added does not matter";
    other.edit(add("192.0.2.1", 7));
    EXPECT_FALSE(one.same_members(other));
    EXPECT_FALSE(SetContent(SetType::port).same_members(SetContent(SetType::prefix)));
}

/// Addresses below 192.0.2.0/26 and prefixes of all lengths above them: everything overlaps.
EntryValue random_value(std::mt19937& random) {
    Prefix prefix = entry("192.0.2.0").prefix();
    prefix.address.octets[3] = static_cast<std::uint8_t>(random() % 64);
    prefix.length = static_cast<std::uint8_t>(24 + random() % 9);
    return EntryValue(prefix);
}

TEST(SetContent, random_edits_agree_with_the_naive_model) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    SetContent content(SetType::prefix);
    std::map<EntryValue, std::uint64_t> model;
    std::uint64_t now = 1;
    for (int step = 0; step < 50'000; ++step) {
        const auto value = random_value(random);
        SetEdit edit;
        if (random() % 2 == 0) {
            edit.add = {value};
            edit.expires = random() % 3 == 0 ? 0 : (now + 1 + random() % 50) * kTick;
            content.edit(edit);
            model[value] = edit.expires;
        } else if (random() % 4 != 0) {
            edit.remove = {value};
            ASSERT_EQ(content.edit(edit).deleted, model.erase(value));
        } else {
            now += random() % 3;
            content.expire(now * kTick);
            std::erase_if(model, [&](const auto& item) {
                return item.second != 0 && item.second <= now * kTick;
            });
        }
        ASSERT_EQ(content.size(), model.size());
        const auto probe = random_value(random);
        std::size_t covering = 0;
        for (const auto& [prefix, expires] : model)
            covering += prefix.covers(probe);
        ASSERT_EQ(content.covering(probe).size(), covering) << "step " << step;
    }
    std::vector<EntryValue> order;
    for (const auto& [value, expires] : model)
        order.push_back(value);
    EXPECT_EQ(content.in_order(), order);
}

}  // namespace
}  // namespace yett
