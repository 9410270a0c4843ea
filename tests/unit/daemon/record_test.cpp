// SPDX-License-Identifier: GPL-2.0-or-later
// The records: read back the same; one bit off and a generation's is refused, while of the gate's
// what can be read is.
#include "daemon/record.hpp"

#include <gtest/gtest.h>

#include <ctime>

namespace yett {
namespace {

GenerationRecord make_record() {
    GenerationRecord record;
    record.generation = 7;
    record.plane = ~std::uint64_t{0};
    record.text = 99;
    record.skeleton = "{\"name\": \"edge\"}\n";
    record.engine = {1234, ~std::uint64_t{0}};
    record.slots.counters = {{"a", 3}, {"kept", 5}, {"(policy:ingress)", 6}};
    record.slots.interfaces = {{"eth0", 1}, {"od\"d\\", 2}};
    record.slots.address_sets["s"] = 2;
    record.slots.port_sets["p"] = 1;
    record.slots.interface_sets["i"] = 1;
    return record;
}

TEST(GenerationRecord, reads_back_what_it_wrote) {
    const auto record = make_record();
    const auto back = parse_record(to_text(record));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(back->generation, record.generation);
    EXPECT_EQ(back->plane, record.plane);
    EXPECT_EQ(back->text, record.text);
    EXPECT_EQ(back->skeleton, record.skeleton);
    EXPECT_EQ(back->engine, record.engine);
    EXPECT_EQ(back->slots, record.slots);
}

/// Half a minute without a filter, once: each counter was held against all before it.
TEST(GenerationRecord, of_a_hundred_thousand_rules_is_read_in_no_time) {
    GenerationRecord record = make_record();
    for (std::uint32_t i = 0; i < 100'000; ++i)
        record.slots.counters["rule-number-" + std::to_string(i)] = i;
    const auto text = to_text(record);
    const auto before = std::clock();
    const auto back = parse_record(text);
    EXPECT_LT(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC, 8);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->slots, record.slots);
}

TEST(GenerationRecord, every_cut_and_every_flipped_bit_is_refused) {
    const auto text = to_text(make_record());
    for (std::size_t length = 0; length < text.size(); ++length)
        ASSERT_FALSE(parse_record(text.substr(0, length)).ok()) << length;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto damaged = text;
        damaged[i] = static_cast<char>(damaged[i] ^ 1);
        ASSERT_FALSE(parse_record(damaged).ok()) << i;
    }
    EXPECT_FALSE(parse_record(text + " ").ok());
}

SavedState make_state() {
    SavedState state;
    state.generation = 7;
    state.standing = Standing::predecessor;
    state.wished = 8;
    state.since = 1234;
    state.interfaces = {{"eth0", 1}, {"od\"d\\", 2}};
    state.attached = {{"eth1", Direction::egress}};
    state.detached = {{"eth0", Direction::ingress}};
    return state;
}

void expect_same(const SavedState& a, const SavedState& b) {
    EXPECT_EQ(a.generation, b.generation);
    EXPECT_EQ(a.standing, b.standing);
    EXPECT_EQ(a.wished, b.wished);
    EXPECT_EQ(a.since, b.since);
    EXPECT_EQ(a.interfaces, b.interfaces);
    EXPECT_EQ(a.attached, b.attached);
    EXPECT_EQ(a.detached, b.detached);
}

TEST(SavedState, reads_back_what_it_wrote) {
    const auto back = parse_state(to_text(make_state()));
    EXPECT_TRUE(back.whole);
    expect_same(back, make_state());
}

struct Damage {
    const char* from;
    const char* to;
    void (*forget)(SavedState&);  ///< what cannot be known any more
};

TEST(SavedState, one_damaged_member_takes_no_other_with_it) {
    const Damage damages[] = {
        {"\"format\":3", "\"format\":4", [](SavedState&) {}},
        {"\"generation\":7", "\"generation\":[]", [](SavedState& s) { s.generation = 0; }},
        {"\"predecessor\"", "\"uncle\"", [](SavedState& s) { s.standing = Standing::wished; }},
        {"\"wished\":8", "\"wish\":8", [](SavedState& s) { s.wished = 0; }},
        {"\"since\":1234", "\"since\":\"x\"", [](SavedState& s) { s.since = 0; }},
        {"\"eth0\":1", "\"eth0\":65537", [](SavedState& s) { s.interfaces.clear(); }},
        {"[\"eth1\",\"egress\"]", "[]", [](SavedState& s) { s.attached.clear(); }},
        {"[\"eth0\",\"ingress\"]", "7", [](SavedState& s) { s.detached.clear(); }},
    };
    for (const auto& damage : damages) {
        SCOPED_TRACE(damage.to);
        auto text = to_text(make_state());
        const auto at = text.find(damage.from);
        ASSERT_NE(at, text.npos);
        text.replace(at, std::string(damage.from).size(), damage.to);
        const auto back = parse_state(text);
        EXPECT_FALSE(back.whole);
        auto wanted = make_state();
        damage.forget(wanted);
        expect_same(back, wanted);
    }
}

TEST(SavedState, a_cut_text_says_nothing_and_stops_nobody) {
    const auto text = to_text(make_state());
    for (std::size_t length = 0; length + 2 < text.size(); ++length)
        ASSERT_FALSE(parse_state(text.substr(0, length)).whole) << length;
    for (const char* broken : {"[]", "null", "7", "\xff\xfe", "{}"})
        EXPECT_FALSE(parse_state(broken).whole) << broken;
}

}  // namespace
}  // namespace yett
