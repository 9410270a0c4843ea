// SPDX-License-Identifier: GPL-2.0-or-later
// Tables of sets without a kernel: a million random changes against a model, what lengths say,
// and what happens when a table is full.
#include "apply/set_lines.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>

namespace yett {
namespace {

yett_seed random_seed(std::mt19937_64& random) {
    yett_seed seed{};
    for (auto& word : seed.words)
        word = static_cast<std::uint32_t>(random());
    return seed;
}

/// A table in memory of its own.
template <typename Layout>
struct Memory {
    explicit Memory(const SetShape& shape, const yett_seed& seed)
        : lines(std::size_t{shape.segments} * YETT_SET_SEGMENT_LINES),
          directory(YETT_SET_DIRECTORY),
          table{.lines = shape.lines, .blocks = shape.blocks},
          set(reinterpret_cast<std::byte*>(lines.data()), &table, directory.data(), seed) {}

    std::vector<yett_set_line> lines;
    std::vector<typename Layout::Lengths> directory;
    yett_set_table table;
    SetTable<Layout> set;
};

/// As SetTable::clear() takes them.
std::vector<bool> slots(std::initializer_list<std::uint16_t> numbers) {
    std::vector<bool> out(std::size_t{UINT16_MAX} + 1);
    for (const auto number : numbers)
        out[number] = true;
    return out;
}

SetKey random_key4(std::mt19937_64& random) {
    const auto host_bits = static_cast<std::uint8_t>(random() % 12);
    const std::uint64_t address = 0xc0000200u | random() % 4096;
    return {0, address >> host_bits << host_bits, host_bits};
}

SetKey random_key6(std::mt19937_64& random) {
    static constexpr std::uint8_t kCodes[] = {0,  1,  63, 64,  65,  80,
                                              95, 96, 97, 127, 128, YETT_SET_CODE_MAC};
    const auto code = kCodes[random() % std::size(kCodes)];
    SetKey key{0x20010db800000000ull | random() % 8, random() % 64, code};
    if (code >= YETT_SET_CODE_MAC) return {random() % 64, 0, code};
    if (code >= 64) {
        key.lo = 0;
        key.hi = code >= 128 ? 0 : key.hi >> (code - 64) << (code - 64);
    } else {
        key.lo = key.lo >> code << code;
    }
    return key;
}

template <typename Layout, typename Random>
void hold_against_model(Random random_key, int steps) {
    const auto start = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(start));
    std::mt19937_64 random(start);
    Memory<Layout> memory(shape_for<Layout>(20'000), random_seed(random));
    std::map<std::tuple<std::uint64_t, std::uint64_t, unsigned, unsigned>, std::uint32_t> model;
    for (int step = 0; step < steps; ++step) {
        const SetEntry entry{random_key(random), static_cast<std::uint16_t>(1 + random() % 7),
                             static_cast<std::uint32_t>(random() % 100)};
        const std::tuple name(entry.key.hi, entry.key.lo, entry.key.code, entry.slot);
        if (random() % 2 == 0) {
            const auto done = memory.set.put(entry);
            ASSERT_NE(done, PutResult::no_room);
            ASSERT_EQ(done == PutResult::refreshed, model.count(name) == 1) << "step " << step;
            model[name] = entry.expires;
        } else {
            ASSERT_EQ(memory.set.erase(entry.key, entry.slot), model.erase(name) == 1);
        }
        if (step % 100'000 == 99'999) memory.set.tidy();
        if (step % 250'000 == 249'999) {
            memory.set.clear(slots({3}));
            std::erase_if(model, [](const auto& item) { return std::get<3>(item.first) == 3; });
        }
        const SetEntry probe{random_key(random), static_cast<std::uint16_t>(1 + random() % 7), 0};
        const auto found = memory.set.find(probe.key, probe.slot);
        const auto expected = model.find({probe.key.hi, probe.key.lo, probe.key.code, probe.slot});
        ASSERT_EQ(found.has_value(), expected != model.end()) << "step " << step;
        if (found) {
            ASSERT_EQ(*found, expected->second);
        }
    }
    ASSERT_EQ(memory.set.size(), model.size());
    std::size_t seen = 0;
    memory.set.for_each([&](const SetEntry& entry) {
        ++seen;
        ASSERT_EQ(model.count({entry.key.hi, entry.key.lo, entry.key.code, entry.slot}), 1u);
    });
    EXPECT_EQ(seen, model.size());
}

TEST(SetLines, a_million_random_changes_agree_with_a_model) {
    hold_against_model<Layout4>(random_key4, 1'000'000);
    hold_against_model<Layout6>(random_key6, 1'000'000);
}

TEST(SetLines, a_table_takes_as_many_as_it_was_made_for) {
    std::mt19937_64 random(7);
    const auto seed = random_seed(random);
    Memory<Layout4> four(shape_for<Layout4>(300'000), seed);
    for (std::uint32_t i = 0; i < 300'000; ++i)
        ASSERT_EQ(four.set.put({{0, i * 7, 0}, 1, 0}), PutResult::added) << i;
    EXPECT_LE(four.set.size(), four.set.capacity());
    Memory<Layout6> six(shape_for<Layout6>(300'000), seed);
    for (std::uint32_t i = 0; i < 300'000; ++i)
        ASSERT_EQ(six.set.put({{0x20010db8ull << 32, i, 0}, 1, 0}), PutResult::added) << i;
    EXPECT_LE(six.set.size(), six.set.capacity());
}

TEST(SetLines, a_full_table_refuses_and_loses_nothing) {
    std::mt19937_64 random(8);
    Memory<Layout6> memory({1, 64, 64}, random_seed(random));
    std::uint32_t last = 0;
    while (memory.set.put({{1, last, 0}, 1, 0}) == PutResult::added)
        ++last;
    EXPECT_GT(last, 64u) << "of 128 places";
    for (std::uint32_t i = 0; i < last; ++i)
        ASSERT_TRUE(memory.set.find({1, i, 0}, 1)) << i;
    EXPECT_EQ(memory.set.put({{1, 0, 0}, 1, 9}), PutResult::refreshed) << "that needs no room";
    EXPECT_TRUE(memory.set.erase({1, 0, 0}, 1));
}

TEST(SetLines, lengths_say_what_occurs_and_are_tidied) {
    std::mt19937_64 random(9);
    const auto seed = random_seed(random);
    Memory<Layout4> four(shape_for<Layout4>(100), seed);
    four.set.put({{0, 0xc0000200, 8}, 1, 0});
    four.set.put({{0, 0xc0000000, 24}, 1, 0});
    EXPECT_EQ(four.directory[0xc000], 1ull << 8 | 1ull << 24);
    EXPECT_EQ(four.directory[0xc0ff], 1ull << 24) << "a /8 is in each of its /16";
    EXPECT_EQ(four.directory[0xc100], 0u);
    four.set.erase({0, 0xc0000000, 24}, 1);
    four.set.tidy();
    EXPECT_EQ(four.directory[0xc000], 1ull << 8);
    EXPECT_EQ(four.directory[0xc0ff], 0u);
    Memory<Layout6> six(shape_for<Layout6>(100), seed);
    six.set.put({{0, 0, 128}, 1, 0});
    six.set.put({{0x20010db8ull << 32, 0, 96}, 1, 0});
    EXPECT_EQ(six.table.short_lengths, 1ull << 32);
    EXPECT_EQ(six.table.flags, unsigned{YETT_SET_HAS_ANY6});
    six.set.put({{0x02005e100001, 0, YETT_SET_CODE_MAC}, 1, 0});
    six.set.put({{0x02005e000000, 0, YETT_SET_CODE_MAC + 24}, 1, 0});
    EXPECT_EQ(six.table.mac_lengths, 1ull << 24 | 1);
    six.set.erase({0x02005e000000, 0, YETT_SET_CODE_MAC + 24}, 1);
    six.set.tidy();
    EXPECT_EQ(six.table.mac_lengths, 1u);
    six.set.clear(slots({1}));
    six.set.tidy();
    EXPECT_EQ(six.table.mac_lengths, 0u);
    EXPECT_EQ(six.table.short_lengths, 0u);
    EXPECT_EQ(six.table.flags, 0u);
}

}  // namespace
}  // namespace yett
