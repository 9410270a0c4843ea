// SPDX-License-Identifier: GPL-2.0-or-later
// The order of last resorts, row by row: what is found, and what is tried.
#include "daemon/resorts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace yett {
namespace {

std::string words_of(const std::vector<Resort>& order) {
    static constexpr const char* kWords[] = {"adopt",    "hold",  "bring back", "config",
                                             "lockdown", "leave", "empty"};
    std::vector<std::string> words;
    for (const auto& resort : order) {
        const std::string word = kWords[static_cast<unsigned>(resort.kind)];
        words.push_back(resort.generation == 0 ? word
                                               : fmt::format("{} {}", word, resort.generation));
    }
    return fmt::format("{}", fmt::join(words, ", "));
}

struct Row {
    const char* name;
    Inventory found;
    const char* order;
};

const std::vector<std::uint64_t> kThree = {7, 6, 5};

const Row kRows[] = {
    {"nothing at all", {}, "empty"},
    {"a first start with a config file", {.config = true}, "config, empty"},
    {"a first start whose config names interfaces",
     {.config = true, .covered = true},
     "config, lockdown, empty"},
    {"a reboot",
     {.wished = 7, .generations = kThree, .config = true, .covered = true},
     "bring back 7, bring back 6, bring back 5, config, lockdown, empty"},
    {"a reboot, the wished text is gone",
     {.wished = 7, .generations = {6, 5}, .covered = true},
     "bring back 6, bring back 5, lockdown, empty"},
    {"a reboot, all texts are gone", {.wished = 7, .covered = true}, "lockdown, empty"},
    {"a live restart",
     {.pinned = 7,
      .judging = true,
      .record = true,
      .text = true,
      .wished = 7,
      .generations = kThree,
      .covered = true},
     "adopt 7, hold 7, leave, bring back 7, bring back 6, bring back 5, lockdown"},
    {"live, the newest text is damaged",
     {.pinned = 7, .judging = true, .record = true, .wished = 7, .generations = kThree},
     "hold 7, leave, bring back 7, bring back 6, bring back 5"},
    {"live, its record is gone",
     {.pinned = 7, .judging = true, .text = true, .wished = 7, .generations = kThree},
     "bring back 7, leave, bring back 6, bring back 5"},
    {"live, its record is gone and entries cannot be read",
     {.pinned = 7,
      .judging = true,
      .text = true,
      .sets = false,
      .wished = 7,
      .generations = kThree},
     "leave, bring back 7, bring back 6, bring back 5"},
    {"live, nothing of it is known",
     {.pinned = 7, .judging = true, .wished = 6, .generations = {6, 5}, .config = true},
     "leave, bring back 6, bring back 5, config"},
    {"pinned, nothing of it is known, and attached nowhere",
     {.pinned = 7, .wished = 6, .generations = {6, 5}, .config = true},
     "bring back 6, bring back 5, config, empty"},
    {"live, a predecessor stands in",
     {.pinned = 6,
      .pinned_as = Standing::predecessor,
      .judging = true,
      .record = true,
      .text = true,
      .wished = 7,
      .generations = kThree},
     "bring back 7, adopt 6, hold 6, leave, bring back 6, bring back 5"},
    {"live, a predecessor stands in under a number of its own",
     {.pinned = 9,
      .pinned_as = Standing::predecessor,
      .judging = true,
      .wished = 7,
      .generations = kThree},
     "bring back 7, bring back 6, bring back 5, leave"},
    {"live, locked down",
     {.pinned = 8,
      .pinned_as = Standing::lockdown,
      .judging = true,
      .wished = 7,
      .generations = kThree,
      .covered = true},
     "bring back 7, bring back 6, bring back 5, lockdown, leave"},
    {"live, the config stands in",
     {.pinned = 8,
      .pinned_as = Standing::config,
      .judging = true,
      .wished = 7,
      .generations = {7},
      .config = true},
     "bring back 7, config, leave"},
    {"nothing was ever applied, and something was attached by hand",
     {.pinned = 1, .pinned_as = Standing::empty, .judging = true, .config = true},
     "config, empty"},
};

class Resorts : public ::testing::TestWithParam<Row> {};

TEST_P(Resorts, are_tried_in_order) {
    EXPECT_EQ(words_of(order_of_resorts(GetParam().found)), GetParam().order);
}

std::string name_of(const ::testing::TestParamInfo<Row>& info) {
    std::string name = info.param.name;
    std::erase(name, ',');
    std::replace(name.begin(), name.end(), ' ', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Start, Resorts, ::testing::ValuesIn(kRows), name_of);

/// Whatever is found: packets that are judged stay judged, and the last resort needs nothing.
TEST(Resorts, what_judges_is_never_switched_off) {
    for (unsigned bits = 0; bits < 1u << 9; ++bits) {
        Inventory found;
        const auto bit = [&](unsigned number) { return (bits >> number & 1) != 0; };
        found.pinned = bit(0) ? 7 : 0;
        found.judging = bit(0) && bit(1);
        found.record = bit(0) && bit(2);
        found.text = bit(0) && bit(3);
        found.sets = bit(4);
        found.config = bit(5);
        found.covered = bit(6);
        found.wished = bit(7) ? 7 : 0;
        if (bit(8)) found.generations = kThree;
        for (unsigned as = 0; as < std::size(kStandingNames); ++as) {
            found.pinned_as = static_cast<Standing>(as);
            const auto order = order_of_resorts(found);
            ASSERT_FALSE(order.empty());
            const auto has = [&](ResortKind kind) {
                return std::any_of(order.begin(), order.end(),
                                   [&](const Resort& one) { return one.kind == kind; });
            };
            const bool may_pass = !found.judging || found.pinned_as == Standing::empty;
            EXPECT_EQ(has(ResortKind::empty), may_pass) << words_of(order);
            EXPECT_TRUE(has(ResortKind::empty) || has(ResortKind::leave)) << words_of(order);
            EXPECT_EQ(has(ResortKind::lockdown), found.covered) << words_of(order);
        }
    }
}

}  // namespace
}  // namespace yett
