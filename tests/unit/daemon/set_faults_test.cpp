// SPDX-License-Identifier: GPL-2.0-or-later
// Disks that are full, files that were cut at any octet, lines that make no sense: what is in force
// is told to be unsaved, and nothing that was saved is lost by it.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "daemon/set_store.hpp"

namespace yett {
namespace {

namespace fs = std::filesystem;
const ClockReading kNow{"boot", 1'000'000'000, 10'000};

EntryValue number(std::size_t i) {
    return EntryValue::from_words(EntryKind::prefix4, 0, 0xcb000000u + i, 32);
}

/// No file of this process grows beyond it: a disk that is full.
class FullDisk {
  public:
    explicit FullDisk(std::uint64_t octets) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{octets, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

  private:
    rlimit before_{};
};

class SetFaults : public ::testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/yett-sets-XXXXXX";
        ASSERT_NE(::mkdtemp(name), nullptr);
        directory_ = name;
        restart();
    }
    void TearDown() override { fs::remove_all(directory_); }

    std::string path() const { return directory_ + "/sets/s.set"; }
    std::uint64_t size() const { return fs::file_size(path()); }
    std::string text() const {
        std::string out(size(), '\0');
        std::ifstream(path()).read(out.data(), static_cast<std::streamsize>(out.size()));
        return out;
    }

    /// As a new process finds it.
    SetStore::Loaded restart(const ClockReading& now = kNow) {
        store_.emplace(*SetStore::open(directory_));
        content_ = SetContent(SetType::prefix);
        const auto loaded = store_->load("s", content_, now);
        EXPECT_TRUE(loaded.ok());
        return *loaded;
    }

    static SetEdit edit_of(std::size_t from, std::size_t to) {
        SetEdit edit;
        for (; from < to; ++from)
            edit.add.push_back(number(from));
        edit.now = 1234;
        edit.reason = "why";
        return edit;
    }

    /// An entry as Gate::edit() adds it.
    bool add(std::size_t i, const ClockReading& now = kNow) {
        const auto edit = edit_of(i, i + 1);
        content_.edit(edit);
        return store_->append("s", content_, edit.add, now).ok();
    }

    bool begin(const SetEdit& edit) {
        return store_
            ->begin(
                "s", SetType::prefix, [&](const EntrySink& sink) { content_.foresee(edit, sink); },
                kNow)
            .ok();
    }

    std::size_t saved_entries() {
        const auto restarted = restart();
        EXPECT_EQ(restarted.unread, 0u);
        return content_.size();
    }

    std::string directory_;
    std::optional<SetStore> store_;
    SetContent content_{SetType::prefix};
};

TEST_F(SetFaults, a_full_disk_is_told_cuts_no_line_and_is_tried_again) {
    ASSERT_TRUE(add(0));
    for (std::uint64_t room = 0; room < 12; ++room) {
        SCOPED_TRACE("octets left: " + std::to_string(room));
        const auto before = size();
        const std::size_t first = content_.size();
        {
            const FullDisk full(before + room);
            EXPECT_FALSE(add(first));
            EXPECT_FALSE(add(first + 1));
            EXPECT_EQ(store_->unsaved().size(), 1u);
            EXPECT_EQ(size(), before) << "no half line stays";
            store_->retry({{"s", content_}}, kNow);
            EXPECT_EQ(store_->unsaved().size(), 1u) << "still full";
        }
        store_->retry({{"s", content_}}, kNow);
        EXPECT_TRUE(store_->unsaved().empty());
        EXPECT_EQ(saved_entries(), first + 2);
    }
}

TEST_F(SetFaults, the_next_entry_takes_those_along_that_could_not_be_saved) {
    ASSERT_TRUE(add(0));
    {
        const FullDisk full(size() + 3);
        EXPECT_FALSE(add(1));
    }
    EXPECT_TRUE(add(2));
    EXPECT_TRUE(store_->unsaved().empty());
    EXPECT_EQ(saved_entries(), 3u);
}

TEST_F(SetFaults, a_line_that_was_cut_does_not_swallow_the_next_one) {
    ASSERT_TRUE(add(0));
    ASSERT_TRUE(add(1));
    const auto whole = text();
    for (std::uint64_t cut = 1; cut < 12; ++cut) {
        SCOPED_TRACE("octets cut: " + std::to_string(cut));
        std::ofstream(path(), std::ios::trunc) << whole.substr(0, whole.size() - cut);
        restart();
        EXPECT_EQ(content_.size(), 1u);
        ASSERT_TRUE(add(2));
        EXPECT_EQ(saved_entries(), 2u);
        EXPECT_TRUE(content_.find(number(2)).is_member());
    }
}

TEST_F(SetFaults, a_change_of_many_that_is_cut_anywhere_is_there_whole_or_not_at_all) {
    ASSERT_TRUE(add(0));
    const auto before = size();
    const auto edit = edit_of(1, 6);
    ASSERT_TRUE(begin(edit));
    const auto ended = size();
    content_.edit(edit);
    ASSERT_TRUE(store_->finish("s", content_, kNow).ok());
    const auto all = text();
    for (std::uint64_t length = before; length <= all.size(); ++length) {
        SCOPED_TRACE("octets left: " + std::to_string(length));
        std::ofstream(path(), std::ios::trunc) << all.substr(0, length);
        const auto loaded = restart();
        EXPECT_EQ(content_.size(), length < ended ? 1u : 6u);
        EXPECT_EQ(loaded.unfinished, length >= ended && length < all.size());
        ASSERT_TRUE(add(9)) << "and the next entry is taken";
        const auto entries = content_.size();
        EXPECT_EQ(saved_entries(), entries);
    }
}

TEST_F(SetFaults, a_change_that_does_not_fit_on_the_disk_leaves_nothing) {
    ASSERT_TRUE(add(0));
    const auto before = size();
    {
        const FullDisk full(before + 100);
        EXPECT_FALSE(begin(edit_of(1, 1000)));
    }
    EXPECT_EQ(size(), before);
    EXPECT_TRUE(store_->unsaved().empty()) << "nothing is in force that is not saved";
}

TEST_F(SetFaults, a_change_that_was_not_made_leaves_nothing) {
    ASSERT_TRUE(add(0));
    const auto before = size();
    ASSERT_TRUE(begin(edit_of(1, 1000)));
    store_->abandon("s");
    EXPECT_EQ(size(), before);
    ASSERT_TRUE(add(1));
    EXPECT_EQ(saved_entries(), 2u);
    EXPECT_TRUE(store_->save_if_changed("s", content_, kNow).ok());
}

TEST_F(SetFaults, a_file_that_says_what_the_set_holds_is_not_written_again) {
    ASSERT_TRUE(begin(edit_of(0, 1000)));
    content_.edit(edit_of(0, 1000));
    ASSERT_TRUE(store_->finish("s", content_, kNow).ok());
    struct stat before {
    }, after{};
    ASSERT_EQ(::stat(path().c_str(), &before), 0);
    for (const bool anew : {false, true}) {
        if (anew) restart();
        ASSERT_TRUE(store_->save_if_changed("s", content_, kNow).ok());
        ASSERT_EQ(::stat(path().c_str(), &after), 0);
        EXPECT_EQ(before.st_ino, after.st_ino);
        EXPECT_EQ(before.st_size, after.st_size);
    }
    SetEdit edit;
    edit.remove = {number(3)};
    content_.edit(edit);
    ASSERT_TRUE(store_->save_if_changed("s", content_, kNow).ok());
    EXPECT_EQ(saved_entries(), 999u);
}

TEST_F(SetFaults, lines_that_make_no_sense_are_passed_over_and_kept) {
    ASSERT_TRUE(add(0));
    std::ofstream(path(), std::ios::app) << "nonsense t 1 1\n203.0.113.7 q\n@clock boot x\n";
    ASSERT_TRUE(restart().unread == 3u);
    EXPECT_EQ(content_.size(), 1u);
    ASSERT_TRUE(add(1)) << "behind them";
    ASSERT_EQ(restart().unread, 3u);
    EXPECT_EQ(content_.size(), 2u);
    ASSERT_TRUE(store_->save("s", content_, kNow).ok());
    EXPECT_TRUE(fs::exists(path() + ".kept-1")) << "before it is written over";
    EXPECT_EQ(saved_entries(), 2u);
}

TEST_F(SetFaults, a_file_that_nobody_read_is_kept) {
    ASSERT_TRUE(add(0));
    store_.emplace(*SetStore::open(directory_));  // a start with a ruleset that has no such set
    SetContent anew(SetType::prefix);
    ASSERT_TRUE(store_->save("s", anew, kNow).ok());
    EXPECT_TRUE(fs::exists(path() + ".kept-1"));
}

/// Ends stand under the clock of the boot in which they were written.
TEST_F(SetFaults, a_file_goes_on_over_reboots) {
    constexpr std::uint64_t kSecond = 1'000'000'000;
    const auto add_until = [&](std::size_t i, std::uint64_t expires, const ClockReading& now) {
        auto edit = edit_of(i, i + 1);
        edit.expires = expires;
        content_.edit(edit);
        EXPECT_TRUE(store_->append("s", content_, edit.add, now).ok());
    };
    add_until(0, 1000 * kSecond, {"first", 100 * kSecond, 10'000});
    const ClockReading second{"second", 10 * kSecond, 10'100};
    restart(second);
    EXPECT_EQ(content_.find(number(0)).expires / kSecond, 810u);
    add_until(1, 500 * kSecond, second);
    const ClockReading third{"third", 20 * kSecond, 10'300};
    restart(third);
    EXPECT_EQ(content_.find(number(0)).expires / kSecond, 620u);
    EXPECT_EQ(content_.find(number(1)).expires / kSecond, 310u);
}

/// Counted in places looked at: a start with a million entries must not take them by the square.
TEST_F(SetFaults, reading_grows_with_the_entries_and_not_with_their_square) {
    double of_few = 0;
    for (const std::size_t count : {30'000, 240'000}) {
        content_ = SetContent(SetType::prefix);
        content_.edit(edit_of(0, count));
        ASSERT_TRUE(store_->save("s", content_, kNow).ok());
        restart();
        ASSERT_EQ(content_.size(), count);
        const auto steps = static_cast<double>(content_.steps()) / static_cast<double>(count);
        if (of_few == 0) of_few = steps;
        EXPECT_LT(steps, of_few * 1.5) << count << " entries";
    }
}

}  // namespace
}  // namespace yett
