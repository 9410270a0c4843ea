// SPDX-License-Identifier: GPL-2.0-or-later
// Files of sets: what is read, and everything that is not.
#include "daemon/list_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace yett {
namespace {

class ListFileTest : public ::testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/yett-lists-XXXXXX";
        ASSERT_NE(::mkdtemp(name), nullptr);
        top_ = name;
        directory_ = top_ + "/lists";
        std::filesystem::create_directories(directory_ + "/more");
        write(top_ + "/outside", "192.0.2.66\n");
        write(directory_ + "/good", "# two\n192.0.2.1\n192.0.2.0/24\n");
        write(directory_ + "/more/good", "192.0.2.2\n");
    }
    void TearDown() override { std::filesystem::remove_all(top_); }

    static void write(const std::string& path, const std::string& text) {
        std::ofstream(path) << text;
        ::chmod(path.c_str(), 0644);
    }
    /// What is wrong; empty: it was read.
    std::string complaint(const std::string& path) {
        const auto list = read_list_file(directory_, path, SetType::prefix);
        return list ? "" : list.error().message;
    }

    std::string top_, directory_;
};

TEST_F(ListFileTest, reads_what_stands_below_its_directory) {
    const auto list = read_list_file(directory_, "good", SetType::prefix);
    ASSERT_TRUE(list.ok()) << list.error().message;
    EXPECT_EQ(list->values.size(), 2u);
    EXPECT_EQ(complaint("more/good"), "");
    EXPECT_EQ(complaint("more/../good"), "");
}

TEST_F(ListFileTest, refuses_everything_else) {
    ASSERT_EQ(::symlink("good", (directory_ + "/link").c_str()), 0);
    ASSERT_EQ(::symlink("more", (directory_ + "/way").c_str()), 0);
    ASSERT_EQ(::mkfifo((directory_ + "/pipe").c_str(), 0644), 0);
    write(directory_ + "/open", "192.0.2.1\n");
    ::chmod((directory_ + "/open").c_str(), 0664);
    write(directory_ + "/foreign", "192.0.2.1\n");
    ASSERT_EQ(::chown((directory_ + "/foreign").c_str(), 65534, 65534), 0);
    write(directory_ + "/huge", "192.0.2.1\n");
    ASSERT_EQ(::truncate((directory_ + "/huge").c_str(), off_t{10} << 30), 0);
    write(directory_ + "/wrong", "192.0.2.1\nnonsense\n");
    const std::pair<const char*, const char*> rows[] = {
        {"none", "No such file"},
        {"../outside", "leaves the directory"},
        {"more/../../outside", "leaves the directory"},
        {"/etc/passwd", "leaves the directory"},
        {"link", "a symbolic link"},
        {"way/good", "a symbolic link"},
        {"/proc/self/exe", "leaves the directory"},
        {"more", "no regular file"},
        {"pipe", "no regular file"},
        {"open", "others may write it"},
        {"foreign", "does not belong to root"},
        {"huge", "10737418240 octets"},
        {"wrong", "line 2: \"nonsense\""},
        {"", "No such file"},
    };
    for (const auto& [path, words] : rows)
        EXPECT_NE(complaint(path).find(words), std::string::npos)
            << path << ": " << complaint(path);
}

TEST(ListGuards, table) {
    struct Row {
        std::optional<std::uint32_t> shrink, least;
        std::size_t before, after;
        bool good;
    };
    static constexpr Row kRows[] = {
        {std::nullopt, std::nullopt, 100, 0, false},
        {std::nullopt, std::nullopt, 100, 1, true},
        {std::nullopt, std::nullopt, 0, 0, true},
        {30, std::nullopt, 100, 70, true},
        {30, std::nullopt, 100, 69, false},
        {30, std::nullopt, 0, 0, true},
        {0, std::nullopt, 100, 99, false},
        {30, std::nullopt, 100, 500, true},
        {std::nullopt, 5, 0, 5, true},
        {std::nullopt, 5, 100, 4, false},
    };
    for (const auto& row : kRows) {
        Set set;
        set.max_shrink = row.shrink;
        set.min_entries = row.least;
        const auto good = check_guards("s", set, row.before, row.after);
        EXPECT_EQ(good.ok(), row.good) << row.before << " -> " << row.after;
        if (!good) {
            EXPECT_EQ(good.error().kind, ErrorKind::conflict);
        }
    }
}

}  // namespace
}  // namespace yett
