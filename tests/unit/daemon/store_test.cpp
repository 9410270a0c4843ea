// SPDX-License-Identifier: GPL-2.0-or-later
// What is written down: read back the same, over a restart and over a reboot, and refused when it
// is broken.
#include "daemon/store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "daemon/files.hpp"

namespace yett {
namespace {

class StoreTest : public ::testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/yett-store-XXXXXX";
        ASSERT_NE(::mkdtemp(name), nullptr);
        directory_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::string directory_;
};

TEST_F(StoreTest, keeps_the_last_twenty_and_the_active_one) {
    const auto store = Store::open(directory_ + "/state");
    ASSERT_FALSE(store.trouble()) << store.trouble()->message;
    for (std::uint64_t i = 1; i <= 30; ++i) {
        ASSERT_TRUE(store.save_ruleset(i, "text " + std::to_string(i)).ok());
        ASSERT_TRUE(store.save_record(i, "record").ok());
    }
    store.prune(3);
    const auto files = store.generations();
    ASSERT_EQ(files.size(), 21u);
    EXPECT_EQ(files.front().generation, 30u);
    EXPECT_EQ(files[19].generation, 11u);
    EXPECT_EQ(files.back().generation, 3u);
    EXPECT_EQ(**store.load_ruleset(30), "text 30");
    EXPECT_FALSE(store.load_ruleset(4)->has_value());
    EXPECT_FALSE(std::filesystem::exists(store.record_path_of(4)));
}

TEST_F(StoreTest, a_draft_is_no_generation_and_leaves_nothing) {
    const auto store = Store::open(directory_);
    ASSERT_FALSE(store.trouble());
    const std::string text(100'000, 'x');
    const std::filesystem::path folder(directory_ + "/generations");
    {
        GenerationDraft draft(store, 1, text);
        ASSERT_TRUE(draft.finish("record").ok());
        EXPECT_TRUE(store.generations().empty()) << "it is not in force";
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder));
    GenerationDraft kept(store, 2, text);
    ASSERT_TRUE(kept.finish("record").ok());
    ASSERT_TRUE(kept.keep().ok());
    EXPECT_EQ(store.load_ruleset(2)->value_or(""), text);
    EXPECT_EQ(store.generations().size(), 1u);
    std::filesystem::remove_all(folder);
    GenerationDraft lost(store, 3, text);
    EXPECT_FALSE(lost.finish("record").ok()) << "there is no folder";
}

/// As a crash leaves them: on the disk, before or after the switch.
TEST_F(StoreTest, of_drafts_only_the_one_that_was_switched_to_counts) {
    const auto store = Store::open(directory_);
    for (const char* name : {"000007.json", "000007.state", "000008.json", "000008.state"})
        std::ofstream(directory_ + "/generations/" + name + ".new") << name;
    store.settle_drafts(8);
    ASSERT_EQ(store.generations().size(), 1u);
    EXPECT_EQ(store.load_ruleset(8)->value_or(""), "000008.json");
    EXPECT_EQ((*read_file(store.record_path_of(8), 99)).value_or(""), "000008.state");
    EXPECT_FALSE(store.load_ruleset(7)->has_value());
    std::ofstream(directory_ + "/generations/000008.json.new") << "of another attempt";
    store.settle_drafts(8);
    EXPECT_EQ(store.load_ruleset(8)->value_or(""), "000008.json");
    for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/generations"))
        EXPECT_NE(entry.path().extension(), ".new") << entry.path();
}

TEST_F(StoreTest, a_missing_state_is_none_and_a_broken_one_is_read_as_far_as_it_goes) {
    const auto store = Store::open(directory_);
    EXPECT_FALSE(store.load_state()->has_value());
    SavedState state;
    state.generation = 7;
    ASSERT_TRUE(store.save_state(state).ok());
    EXPECT_EQ((*store.load_state())->generation, 7u);
    std::ofstream(store.state_path()) << "{\"format\"";
    ASSERT_TRUE(store.load_state().ok());
    EXPECT_FALSE((*store.load_state())->whole);
    const auto kept = keep_aside(store.state_path());
    ASSERT_TRUE(kept.ok()) << kept.error().message;
    ASSERT_TRUE(store.save_state(state).ok());
    EXPECT_EQ((*read_file(*kept, 99)).value_or(""), "{\"format\"");
    EXPECT_EQ(store.kept_aside(), std::vector<std::string>{*kept});
    const auto again = keep_aside(store.state_path());
    ASSERT_TRUE(again.ok());
    EXPECT_NE(*again, *kept);
}

TEST_F(StoreTest, rights_that_were_given_away_are_taken_back) {
    Store store = Store::open(directory_);
    ASSERT_TRUE(store.save_state({}).ok());
    std::ofstream(directory_ + "/generations/000001.json") << "{}";
    ::chmod(directory_.c_str(), 0775);
    ::chmod((directory_ + "/generations").c_str(), 0777);
    EXPECT_TRUE(is_open_directory(directory_));
    const auto again = Store::open(directory_);
    EXPECT_FALSE(again.trouble());
    EXPECT_FALSE(is_open_directory(directory_));
    EXPECT_FALSE(is_open_directory(directory_ + "/generations"));
    EXPECT_EQ(again.generations().size(), 1u);
    const auto link = directory_ + "/link";
    ASSERT_EQ(::symlink(directory_.c_str(), link.c_str()), 0);
    EXPECT_FALSE(Store::open(link).trouble()) << "where root's own link leads to is fine";
}

TEST_F(StoreTest, of_places_that_are_not_ours_alone_nothing_is_read) {
    ASSERT_FALSE(Store::open(directory_).trouble());
    std::ofstream(directory_ + "/generations/000001.json") << "{}";
    EXPECT_EQ(Store::open(directory_).generations().size(), 1u);
    ::chmod(directory_.c_str(), 0777);
    auto open = Store::open(directory_);
    ASSERT_TRUE(open.trouble());
    EXPECT_TRUE(open.generations().empty());
    EXPECT_FALSE(open.load_ruleset(1).ok());
    EXPECT_FALSE(open.save_ruleset(2, "x").ok());
    ::chmod(directory_.c_str(), 0700);
    open.try_again();
    EXPECT_FALSE(open.trouble());
    EXPECT_EQ(open.generations().size(), 1u);
    const auto link = directory_ + "/link";
    ASSERT_EQ(::symlink("/tmp", link.c_str()), 0);
    EXPECT_TRUE(Store::open(link).trouble());
    struct stat info {};
    ASSERT_EQ(::stat("/tmp", &info), 0);
    EXPECT_TRUE(info.st_mode & S_IWOTH) << "it is left as it is";
}

TEST_F(StoreTest, files_are_whole_or_not_there) {
    const auto path = directory_ + "/file";
    ASSERT_TRUE(write_file(path, "one").ok());
    ASSERT_TRUE(write_file(path, std::string(100'000, 'x')).ok());
    EXPECT_EQ((*read_file(path, 100'000))->size(), 100'000u);
    EXPECT_FALSE(read_file(path, 99'999).ok()) << "longer than the limit";
    EXPECT_FALSE(read_file(directory_, 1).ok()) << "no regular file";
    EXPECT_FALSE(read_file("/dev/zero", 1).ok()) << "no regular file";
    EXPECT_FALSE(read_file(directory_ + "/none", 1)->has_value());
    EXPECT_FALSE(write_file(directory_ + "/none/file", "x").ok());
    struct stat info {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0600u);
}

}  // namespace
}  // namespace yett
