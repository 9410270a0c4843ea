// SPDX-License-Identifier: GPL-2.0-or-later
// What is detached by hand is marked, read back as it was, and taken away again.
#include "bpf/marks.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "abi/fields.h"

namespace yett {
namespace {

class Marks : public testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/yett-marks-XXXXXX";
        ASSERT_NE(::mkdtemp(name), nullptr);
        directory_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::string directory_;
};

TEST_F(Marks, any_name_comes_back_as_it_was) {
    const std::set<Mark> marks = {{"*", YETT_INGRESS},
                                  {"*", YETT_EGRESS},
                                  {"eth0.100", YETT_EGRESS},
                                  {"a egress", YETT_INGRESS},
                                  {"fifteen_letters", YETT_EGRESS}};
    const HandMarks hand(directory_);
    EXPECT_TRUE(hand.list().empty());
    for (const Mark& mark : marks) {
        ASSERT_TRUE(hand.add(mark).ok());
        ASSERT_TRUE(hand.add(mark).ok()) << "again";
    }
    EXPECT_EQ(hand.list(), marks);
    ASSERT_TRUE(hand.remove({{"*", YETT_EGRESS}, {"never", YETT_EGRESS}}).ok());
    EXPECT_EQ(hand.list().size(), marks.size() - 1);
    EXPECT_EQ(hand.list().count({"*", YETT_EGRESS}), 0u);
}

TEST_F(Marks, what_is_no_mark_is_passed_over) {
    const HandMarks hand(directory_);
    ASSERT_TRUE(hand.add({"eth0", YETT_EGRESS}).ok());
    for (const char* target : {"eth0", "eth0 sideways", " egress", ""})
        (void)!::symlink(target, (directory_ + "/detached/x" + target).c_str());
    std::filesystem::create_directory(directory_ + "/detached/folder");
    EXPECT_EQ(hand.list(), (std::set<Mark>{{"eth0", YETT_EGRESS}}));
}

TEST_F(Marks, the_state_directory_is_told_and_told_anew) {
    EXPECT_EQ(state_directory_of(directory_), "");
    for (const char* state : {"/var/lib/yett", "/var/lib/yett", "/srv/other"}) {
        ASSERT_TRUE(tell_state_directory(directory_, state).ok());
        EXPECT_EQ(state_directory_of(directory_), state);
    }
}

}  // namespace
}  // namespace yett
