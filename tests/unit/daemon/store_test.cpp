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

#include "daemon/files.hpp"

namespace yett {
namespace {

SavedState make_state() {
    SavedState state;
    state.generation = 7;
    state.since = 1234;
    state.slots.counters = {{"a", 3}, {"kept", 5}, {"moved", 6}};
    state.engine = {1234, ~std::uint64_t{0}};
    state.slots.interfaces["eth0"] = 1;
    state.slots.address_sets["s"] = 2;
    state.slots.port_sets["p"] = 1;
    state.slots.interface_sets["i"] = 1;
    state.attached = {{"eth1", Direction::egress}};
    state.detached = {{"eth0", Direction::ingress}};
    state.pending = 8;
    state.pending_engine = {1235, 7};
    state.pending_slots.counters = {{"b", 4}, {"kept", 5}, {"moved", 8}};
    state.pending_slots.interfaces["od\"d\\"] = 2;
    return state;
}

TEST(StateText, reads_back_what_it_wrote) {
    const auto state = make_state();
    const auto back = parse_state(to_text(state));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(back->generation, 7u);
    EXPECT_EQ(back->since, 1234);
    EXPECT_EQ(back->slots, state.slots);
    EXPECT_EQ(back->attached, state.attached);
    EXPECT_EQ(back->detached, state.detached);
    EXPECT_EQ(back->pending, 8u);
    EXPECT_EQ(back->pending_slots, state.pending_slots);
    EXPECT_EQ(back->engine, state.engine);
    EXPECT_EQ(back->pending_engine, state.pending_engine);
}

TEST(StateText, reads_what_older_versions_wrote) {
    const auto back = parse_state(
        R"({"format":2,"generation":7,"implicit":false,"since":1,"attached":[],"detached":[],
            "slots":{"counters":{"a":3,"b":4},"interfaces":{},"prefix_sets":{},"port_sets":{}},
            "pending":{"generation":8,"slots":{"counters":{"b":4,"c":5},"interfaces":{},
                                               "prefix_sets":{},"port_sets":{}}}})");
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(back->pending_slots.counters, (Slots::Counters{{"b", 4}, {"c", 5}}));
    EXPECT_EQ(back->engine, EngineDigest());
}

TEST(StateText, every_cut_of_the_text_is_refused) {
    const auto text = to_text(make_state());
    for (std::size_t length = 0; length + 2 < text.size(); ++length) {
        ASSERT_FALSE(parse_state(text.substr(0, length)).ok()) << length;
    }
    for (const char* broken : {"[]", "null", "{\"format\": 2}", "{\"format\": 1}", "\xff\xfe"}) {
        EXPECT_FALSE(parse_state(broken).ok()) << broken;
    }
}

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
    ASSERT_TRUE(store.ok()) << store.error().message;
    for (std::uint64_t i = 1; i <= 30; ++i) {
        const std::string text = "text " + std::to_string(i);
        ASSERT_TRUE(RulesetDraft(*store, i, text).keep().ok());
    }
    store->prune(3);
    const auto files = store->generations();
    ASSERT_EQ(files.size(), 21u);
    EXPECT_EQ(files.front().generation, 30u);
    EXPECT_EQ(files[19].generation, 11u);
    EXPECT_EQ(files.back().generation, 3u);
    EXPECT_EQ(**store->load_ruleset(30), "text 30");
    EXPECT_FALSE(store->load_ruleset(4)->has_value());
}

TEST_F(StoreTest, a_draft_that_is_not_kept_leaves_nothing) {
    const auto store = Store::open(directory_);
    ASSERT_TRUE(store.ok());
    const std::string text(100'000, 'x');
    { const RulesetDraft draft(*store, 1, text); }
    EXPECT_TRUE(store->generations().empty());
    const std::filesystem::path folder(directory_ + "/generations");
    EXPECT_TRUE(std::filesystem::is_empty(folder));
    {
        RulesetDraft draft(*store, 2, text);
        EXPECT_TRUE(draft.keep().ok());
    }
    EXPECT_EQ(store->load_ruleset(2)->value_or(""), text);
    std::filesystem::remove_all(folder);
    EXPECT_FALSE(RulesetDraft(*store, 3, text).keep().ok()) << "there is no folder";
}

TEST_F(StoreTest, a_missing_record_is_none_and_a_broken_one_an_error) {
    const auto store = Store::open(directory_);
    ASSERT_TRUE(store.ok());
    EXPECT_FALSE(store->load_state()->has_value());
    const auto state = make_state();
    ASSERT_TRUE(store->save_state(state, state.slots, state.pending_slots).ok());
    EXPECT_EQ((*store->load_state())->generation, 7u);
    EXPECT_EQ((*store->load_state())->slots, state.slots);
    std::ofstream(directory_ + "/state.json") << "{\"format\"";
    EXPECT_FALSE(store->load_state().ok());
}

TEST_F(StoreTest, places_that_are_not_ours_alone_are_refused) {
    ::chmod(directory_.c_str(), 0777);
    EXPECT_FALSE(Store::open(directory_).ok());
    ::chmod(directory_.c_str(), 0700);
    const auto link = directory_ + "/link";
    ASSERT_EQ(::symlink("/tmp", link.c_str()), 0);
    EXPECT_FALSE(Store::open(link).ok());
    EXPECT_TRUE(Store::open(directory_).ok());
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
