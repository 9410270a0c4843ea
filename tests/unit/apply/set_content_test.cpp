// SPDX-License-Identifier: GPL-2.0-or-later
// The record of a set: overlaps, ends, edits and their undoing, held against a naive model.
#include "apply/set_content.hpp"

#include <gtest/gtest.h>

#include <random>

namespace yett {
namespace {

EntryValue entry(const std::string& text, SetType type = SetType::prefix) {
    auto value = parse_entry(type, text);
    EXPECT_TRUE(value.ok()) << text;
    return value ? *value : EntryValue(Prefix{});
}

SetEdit add(const std::string& text, std::uint64_t expires = 0) {
    SetEdit edit;
    edit.add.emplace_back(entry(text), expires);
    edit.now = 1000;
    return edit;
}

SetEdit remove(const std::string& text) {
    SetEdit edit;
    edit.remove.push_back(entry(text));
    return edit;
}

/// "192.0.2.0/24=5 198.51.100.1=-" for changes.
std::string words(const std::vector<PrefixChange>& changes) {
    std::string out;
    for (const auto& change : changes) {
        out += (out.empty() ? "" : " ") + to_text(change.prefix) + "=" +
               (change.expires ? std::to_string(*change.expires) : "-");
    }
    return out;
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

TEST(SetContent, counts_and_tells_the_data_plane) {
    SetContent content(SetType::prefix);
    auto result = content.edit(add("192.0.2.0/24"));
    EXPECT_EQ(result.added, 1u);
    EXPECT_EQ(words(result.changes), "192.0.2.0/24=0");
    result = content.edit(add("192.0.2.0/24", 5));
    EXPECT_EQ(result.refreshed, 1u);
    EXPECT_EQ(words(result.changes), "192.0.2.0/24=5");
    EXPECT_EQ(content.edit(remove("192.0.2.0/25")).missing, 1u);
    result = content.edit(remove("192.0.2.0/24"));
    EXPECT_EQ(result.deleted, 1u);
    EXPECT_EQ(words(result.changes), "192.0.2.0/24=-");
    EXPECT_EQ(content.size(), 0u);
    EXPECT_EQ(content.count(Family::ipv4), 0u);
}

TEST(SetContent, an_entry_that_ends_leans_on_what_covers_it) {
    SetContent content(SetType::prefix);
    content.edit(add("192.0.2.1", 5));
    EXPECT_EQ(words(content.edit(add("192.0.2.0/24", 9)).changes), "192.0.2.0/24=9 192.0.2.1=9");
    EXPECT_EQ(words(content.edit(add("192.0.0.0/16")).changes),
              "192.0.0.0/16=0 192.0.2.0/24=0 192.0.2.1=0");
    EXPECT_EQ(words(content.edit(remove("192.0.0.0/16")).changes),
              "192.0.2.0/24=9 192.0.2.1=9 192.0.0.0/16=-")
        << "what stays is written before what goes";
    EXPECT_EQ(words(content.expire(5).changes), "192.0.2.1=-");
    EXPECT_EQ(covering(content, "192.0.2.1"), "192.0.2.0/24");
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
        edit.add.emplace_back(entry(text, SetType::port), 0);
    }
    ports.edit(edit);
    EXPECT_EQ(covering(ports, "80"), "80 0-1023");
    EXPECT_EQ(covering(ports, "80-81"), "0-1023");
    EXPECT_EQ(covering(ports, "1023-1024"), "");
}

Set ruleset_set(const std::vector<std::string>& texts) {
    Set set;
    for (const auto& text : texts)
        set.prefixes.push_back(std::get<Prefix>(entry(text)));
    return set;
}

TEST(SetContent, the_ruleset_and_the_operator_share_an_entry) {
    SetContent content(ruleset_set({"192.0.2.1", "192.0.2.2"}));
    EXPECT_EQ(words(content.edit(add("192.0.2.1", 5)).changes), "192.0.2.1=0")
        << "what the ruleset lists does not end";
    EXPECT_EQ(content.expire(6).deleted, 0u);
    EXPECT_EQ(content.size(), 2u);
    content.edit(remove("192.0.2.2"));
    EXPECT_EQ(content.removed().size(), 1u);
    EXPECT_EQ(content.size(), 1u);
}

TEST(SetContent, a_reload_carries_over_what_was_added_and_restores_what_was_removed) {
    SetContent before(ruleset_set({"192.0.2.1", "192.0.2.2"}));
    before.edit(add("198.51.100.7", 50));
    before.edit(add("192.0.2.3"));
    before.edit(remove("192.0.2.2"));
    SetContent after(ruleset_set({"192.0.2.2", "192.0.2.3"}));
    after.carry_over(before);
    EXPECT_EQ(after.size(), 3u);
    EXPECT_TRUE(after.removed().empty());
    EXPECT_TRUE(after.entries().at(entry("192.0.2.3")).from_ruleset);
    EXPECT_TRUE(after.entries().at(entry("192.0.2.3")).at_run_time);
    EXPECT_EQ(after.entries().at(entry("198.51.100.7")).expires, 50u);
    EXPECT_EQ(after.entries().at(entry("198.51.100.7")).added, 1000);
    EXPECT_EQ(after.entries().count(entry("192.0.2.1")), 0u);
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

/// What the kernel's trie would say: the longest prefix decides, by its own end alone.
bool by_longest_match(const std::map<Prefix, std::uint64_t>& kernel, const Address& address,
                      std::uint64_t now) {
    for (int length = static_cast<int>(address.bits()); length >= 0; --length) {
        const auto found =
            kernel.find(without_host_bits(Prefix{address, static_cast<std::uint8_t>(length)}));
        if (found != kernel.end()) return found->second == 0 || found->second > now;
    }
    return false;
}

/// What an operator means: any entry that covers the address and has not ended.
bool by_any(const std::map<Prefix, std::uint64_t>& model, const Address& address,
            std::uint64_t now) {
    for (const auto& [prefix, expires] : model) {
        if (contains(prefix, address) && (expires == 0 || expires > now)) return true;
    }
    return false;
}

void tell(std::map<Prefix, std::uint64_t>& kernel, const std::vector<PrefixChange>& changes) {
    for (const auto& change : changes) {
        if (change.expires) {
            kernel[change.prefix] = *change.expires;
        } else {
            kernel.erase(change.prefix);
        }
    }
}

/// Addresses below 192.0.2.0/26 and prefixes of all lengths above them: everything overlaps.
Prefix random_prefix(std::mt19937& random) {
    Prefix prefix = std::get<Prefix>(entry("192.0.2.0"));
    prefix.address.octets[3] = static_cast<std::uint8_t>(random() % 64);
    prefix.length = static_cast<std::uint8_t>(24 + random() % 9);
    return without_host_bits(prefix);
}

TEST(SetContent, random_edits_agree_with_the_naive_model) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    SetContent content(SetType::prefix);
    std::map<Prefix, std::uint64_t> kernel, model;
    std::uint64_t now = 1;
    for (int step = 0; step < 20'000; ++step) {
        const auto prefix = random_prefix(random);
        const auto choice = random() % 10;
        if (choice < 5) {
            const std::uint64_t expires = random() % 3 == 0 ? 0 : now + 1 + random() % 50;
            SetEdit edit;
            edit.add.emplace_back(prefix, expires);
            tell(kernel, content.edit(edit).changes);
            model[prefix] = expires;
        } else if (choice < 8) {
            SetEdit edit;
            edit.remove.push_back(prefix);
            const auto result = content.edit(edit);
            tell(kernel, result.changes);
            ASSERT_EQ(result.deleted, model.erase(prefix));
        } else if (choice < 9) {
            SetEdit edit;
            edit.remove.push_back(prefix);
            edit.add.emplace_back(random_prefix(random), now + 5);
            edit.add.emplace_back(prefix, 0);
            const auto result = content.edit(edit);
            tell(kernel, result.changes);
            tell(kernel, content.undo(result));
        } else {
            ++now;
            // Between its end and the sweep an entry is still there, and no member.
            if (random() % 2 == 0) {
                tell(kernel, content.expire(now).changes);
                std::erase_if(model, [&](const auto& item) {
                    return item.second != 0 && item.second <= now;
                });
            }
        }
        for (unsigned host = 0; host < 64; host += 1 + random() % 7) {
            Address address = std::get<Prefix>(entry("192.0.2.0")).address;
            address.octets[3] = static_cast<std::uint8_t>(host);
            ASSERT_EQ(by_longest_match(kernel, address, now), by_any(model, address, now))
                << "step " << step << ", host " << host;
        }
    }
}

}  // namespace
}  // namespace yett
