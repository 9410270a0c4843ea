// SPDX-License-Identifier: GPL-2.0-or-later
// Entries of sets on disk: read back the same after whole files, after lines, after a crash, and
// over a reboot.
#include "daemon/set_store.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace yett {
namespace {

// A multiple of the unit that ends are kept in.
constexpr std::uint64_t kTicks = std::uint64_t{1} << YETT_SET_TICK_SHIFT;
constexpr std::uint64_t kSecond = 1'000'000'000;
const ClockReading kNow{"boot", 100 * kSecond, 10'000};

EntryValue entry(const std::string& text) {
    return *parse_entry(SetType::prefix, text);
}

Set ruleset_set() {
    Set set;
    for (const auto* text : {"192.0.2.1", "192.0.2.2"})
        set.prefixes.push_back(entry(text).prefix());
    return set;
}

SetEdit add(const std::vector<std::string>& texts, std::uint64_t expires = 0) {
    SetEdit edit;
    for (const auto& text : texts)
        edit.add.push_back(entry(text));
    edit.expires = expires;
    edit.now = 1234;
    edit.reason = "a test (of words)";
    return edit;
}

/// "192.0.2.1 r 0 0 |" for each value, in order.
std::string words(const SetContent& content) {
    std::map<std::string, std::string> lines;
    content.for_each([&](const EntryValue& value, const Entry& e) {
        lines[to_text(value)] = std::string(e.from_ruleset ? "r" : "") + (e.from_file ? "f" : "") +
                                (e.at_run_time ? "t" : "") + (e.removed ? "x" : "") + " " +
                                std::to_string(e.added) + " " + std::to_string(e.expires / kTicks) +
                                " " + content.reason(e.reason);
    });
    std::string out;
    for (const auto& [value, line] : lines)
        out += value + " " + line + "|";
    return out;
}

class SetStoreTest : public ::testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/yett-sets-XXXXXX";
        ASSERT_NE(::mkdtemp(name), nullptr);
        directory_ = name;
        store_.emplace(*SetStore::open(directory_));
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    /// What a restart finds, beside what the ruleset lists.
    SetContent reopened(const ClockReading& now = kNow) {
        SetContent content(ruleset_set());
        const auto loaded = SetStore::open(directory_)->load("s", content, now);
        EXPECT_TRUE(loaded.ok()) << loaded.error().message;
        return content;
    }

    void change(SetContent& content, SetEdit edit) {
        auto touched = edit.add;
        touched.insert(touched.end(), edit.remove.begin(), edit.remove.end());
        edit.normalize();
        content.edit(edit);
        ASSERT_TRUE(store_->append("s", content, touched, kNow).ok());
    }

    std::string directory_;
    std::optional<SetStore> store_;
};

TEST_F(SetStoreTest, whole_sets_and_lines_read_back) {
    SetContent content(ruleset_set());
    content.set_file({entry("192.0.2.2"), entry("198.51.100.0/24")});
    ASSERT_TRUE(store_->save("s", content, kNow).ok());
    EXPECT_EQ(words(reopened()), words(content));
    change(content, add({"203.0.113.0/24", "2001:db8::/32", "192.0.2.1"}, 500 * kTicks));
    SetEdit gone;
    gone.remove = {entry("203.0.113.0/24"), entry("192.0.2.2"), entry("198.51.100.0/24")};
    change(content, gone);
    EXPECT_EQ(words(reopened()), words(content));
    EXPECT_EQ(words(content),
              "192.0.2.1 rt 1234 500 a test (of words)|192.0.2.2 rfx 0 0 |"
              "198.51.100.0/24 rfx 0 0 |2001:db8::/32 t 1234 500 a test (of words)|");
    ASSERT_TRUE(store_->save("s", content, kNow).ok());
    EXPECT_EQ(words(reopened()), words(content));
}

TEST_F(SetStoreTest, what_a_crash_cuts_is_the_last_line_at_most) {
    SetContent content(ruleset_set());
    change(content, add({"203.0.113.1"}));
    const auto before = words(content);
    change(content, add({"203.0.113.2"}));
    const auto path = directory_ + "/sets/s.set";
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
    EXPECT_EQ(words(reopened()), before);
}

TEST_F(SetStoreTest, lines_do_not_pile_up) {
    SetContent content(ruleset_set());
    for (int i = 0; i < 30'000; ++i)
        change(content, add({"203.0.113.1"}, static_cast<std::uint64_t>(i + 1) * kTicks));
    EXPECT_LT(std::filesystem::file_size(directory_ + "/sets/s.set"), 1u << 20);
    EXPECT_EQ(words(reopened()), words(content));
}

TEST_F(SetStoreTest, a_file_that_is_not_ours_says_so) {
    SetContent content(ruleset_set());
    change(content, add({"203.0.113.1"}));
    std::ofstream(directory_ + "/sets/s.set") << "something else\n";
    const auto loaded = SetStore::open(directory_)->load("s", content, kNow);
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(loaded->unread, 1u);
    store_->keep_only({"t"});
    EXPECT_FALSE(std::filesystem::exists(directory_ + "/sets/s.set"));
}

TEST_F(SetStoreTest, lines_are_read_also_behind_a_damaged_head) {
    SetContent content(ruleset_set());
    change(content, add({"203.0.113.1", "203.0.113.2"}));
    const auto path = directory_ + "/sets/s.set";
    std::fstream(path, std::ios::in | std::ios::out) << "YETT";
    SetContent into(ruleset_set());
    const auto loaded = SetStore::open(directory_)->load("s", into, kNow);
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(loaded->unread, 1u) << "which is told";
    EXPECT_EQ(words(into), words(content));
}

TEST_F(SetStoreTest, what_cannot_be_read_is_not_written_over_and_read_when_it_can) {
    SetContent content(ruleset_set());
    change(content, add({"203.0.113.1"}));
    const auto path = directory_ + "/sets/s.set", kept = directory_ + "/kept";
    std::filesystem::rename(path, kept);
    std::filesystem::create_directory(path);
    auto store = *SetStore::open(directory_);
    SetContent into(ruleset_set());
    EXPECT_FALSE(store.load("s", into, kNow).ok());
    EXPECT_EQ(store.held(), std::vector<std::string>{"s"});
    EXPECT_FALSE(store.save("s", into, kNow).ok());
    EXPECT_FALSE(store.append("s", into, {entry("203.0.113.9")}, kNow).ok());
    EXPECT_EQ(store.unsaved().size(), 1u);
    std::filesystem::remove(path);
    std::filesystem::rename(kept, path);
    ASSERT_TRUE(store.load("s", into, kNow).ok());
    EXPECT_EQ(words(into), words(content));
    EXPECT_TRUE(store.held().empty());
    EXPECT_TRUE(store.unsaved().empty());
}

struct RebootRow {
    const char* name;
    const char* boot_id;
    std::uint64_t boot;
    std::int64_t wall;
    std::uint64_t expires;
};

/// Saved at boot time 100 s, wall 10000 s; the entry ends about 400 s later.
constexpr RebootRow kReboots[] = {
    {"the same boot", "boot", 200 * kSecond, 10'100, 500},
    {"the same boot, the clock was set", "boot", 200 * kSecond, 99'999, 500},
    {"rebooted at once", "other", 5 * kSecond, 10'000, 405},
    {"rebooted, 100 s later", "other", 5 * kSecond, 10'100, 305},
    {"rebooted after its end", "other", 5 * kSecond, 10'500, 0},
    {"rebooted, the clock went back", "other", 5 * kSecond, 1, 405},
};

TEST_F(SetStoreTest, ends_move_over_a_reboot) {
    SetContent content(ruleset_set());
    change(content, add({"203.0.113.1"}, 500 * kSecond));
    change(content, add({"203.0.113.2"}, 0));
    for (const auto& row : kReboots) {
        SCOPED_TRACE(row.name);
        const auto back = reopened({row.boot_id, row.boot, row.wall});
        EXPECT_EQ(back.find(entry("203.0.113.1")).expires / kSecond, row.expires);
        EXPECT_NE(back.find(entry("203.0.113.1")).expires, 0u) << "an end is never \"never\"";
        EXPECT_EQ(back.find(entry("203.0.113.2")).expires, 0u) << "never stays never";
    }
}

}  // namespace
}  // namespace yett
