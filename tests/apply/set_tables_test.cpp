// SPDX-License-Identifier: GPL-2.0-or-later
// Sets as packets see them: random changes to overlapping sets, each probe judged by the loaded
// programs and by a list; tables that grow, are full, and are found again.
#include "apply/set_tables.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <utility>

#include "apply/applier.hpp"
#include "model/packet.hpp"

namespace yett {
namespace {

constexpr int kSets = 5;

EntryValue entry(const std::string& text) {
    auto value = parse_entry(SetType::prefix, text);
    EXPECT_TRUE(value.ok()) << text;
    return value ? *value : EntryValue();
}

/// A packet to port i is dropped when its source is in set i.
Ruleset one_port_a_set() {
    Ruleset ruleset;
    ruleset.name = "test";
    for (int i = 1; i <= kSets; ++i) {
        const auto name = "s" + std::to_string(i);
        ruleset.sets.emplace_back(name, Set{});
        Rule rule;
        rule.name = "in-" + name;
        rule.match.src.emplace_back(SetReference{name});
        const auto port = static_cast<std::uint32_t>(i);
        rule.match.dport.emplace_back(NumberRange{port, port});
        ruleset.rules.push_back(rule);
    }
    return ruleset;
}

class SetTablesTest : public ::testing::Test {
  protected:
    void open(std::uint64_t memory = kDefaultSetMemory) {
        if (!plane_) {
            auto plane = DataPlane::open({""});
            ASSERT_TRUE(plane.ok()) << plane.error().message;
            plane_.emplace(std::move(*plane));
        }
        auto applier = Applier::open(*plane_, memory);
        ASSERT_TRUE(applier.ok()) << applier.error().message;
        applier_.emplace(std::move(*applier));
    }

    void apply(const Ruleset& ruleset) {
        ApplyOptions options;
        options.generation = ++generation_;
        const auto report = applier_->apply(ruleset, options);
        ASSERT_TRUE(report.ok()) << report.error().message;
        ASSERT_TRUE(report->changed);
    }

    /// How a packet from that host to the port of that set is judged.
    yett_trace_result judge(int set, const EntryValue& host) {
        const auto address = to_text(host.prefix().address);
        const bool v6 = !host.is_ipv4();
        const auto words = v6 ? "udp [" + address + "]:9 > [2001:db8::1]:" + std::to_string(set)
                              : "udp " + address + ":9 > 198.51.100.7:" + std::to_string(set);
        const auto packet = parse_packet(words);
        EXPECT_TRUE(packet.ok()) << words;
        const auto result = plane_->trace(to_frame(*packet), {});
        EXPECT_TRUE(result.ok());
        return result ? *result : yett_trace_result{};
    }

    bool packets_see(int set, const EntryValue& host) {
        return judge(set, host).verdict == YETT_DROP;
    }

    /// Segments that packets are sent to, and how many of them are not there.
    std::pair<std::size_t, std::size_t> active_segments() {
        const std::uint32_t zero = 0;
        yett_set_control control{};
        EXPECT_TRUE(plane_->map(MapId::yett_set_control).lookup(&zero, &control).ok());
        const auto used = used_segments(plane_->map(MapId::yett_set_segments));
        std::pair<std::size_t, std::size_t> out;
        for (int family = 0; used && family < YETT_SET_TABLES; ++family) {
            const auto& table = control.tables[family][control.active[family] & 1];
            const auto lines = table.lines + table.blocks / 8;
            const auto end = (lines + YETT_SET_SEGMENT_LINES - 1) / YETT_SET_SEGMENT_LINES;
            for (std::uint32_t i = 0; i < end; ++i) {
                ++out.first;
                out.second += !(*used)[table.first_segment + i];
            }
        }
        return out;
    }

    Result<EditResult> change(int set, std::vector<EntryValue> add, std::vector<EntryValue> remove,
                              std::uint64_t expires = 0) {
        SetEdit edit;
        edit.add = std::move(add);
        edit.remove = std::move(remove);
        edit.expires = expires;
        return applier_->edit("s" + std::to_string(set), edit);
    }

    std::optional<DataPlane> plane_;
    std::optional<Applier> applier_;
    std::uint64_t generation_ = 0;
};

/// Few addresses and all lengths, so that nearly everything overlaps.
EntryValue random_value(std::mt19937& random) {
    if (random() % 2 == 0) {
        const auto host = entry("192.0.2.0").lo() | random() % 64;
        const auto length =
            static_cast<std::uint8_t>(random() % 3 ? 24 + random() % 9 : random() % 33);
        return EntryValue::from_words(EntryKind::prefix4, 0, host, 32).parent(length);
    }
    static constexpr std::uint8_t kLengths[] = {0, 1, 16, 31, 32, 33, 48, 63, 64, 65, 96, 127, 128};
    const auto net = entry("2001:db8::").hi() | random() % 4;
    return EntryValue::from_words(EntryKind::prefix6, net, random() % 32, 128)
        .parent(kLengths[random() % std::size(kLengths)]);
}

EntryValue random_host(std::mt19937& random) {
    if (random() % 2 == 0)
        return EntryValue::from_words(EntryKind::prefix4, 0,
                                      entry("192.0.2.0").lo() | random() % 64, 32);
    return EntryValue::from_words(EntryKind::prefix6, entry("2001:db8::").hi() | random() % 4,
                                  random() % 32, 128);
}

TEST_F(SetTablesTest, packets_agree_with_a_list_after_every_change) {
    open();
    apply(one_port_a_set());
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::map<EntryValue, bool> model[kSets + 1];  // value -> has not ended
    for (int step = 0; step < 30'000; ++step) {
        const int set = 1 + static_cast<int>(random() % kSets);
        const auto value = random_value(random);
        if (random() % 5 < 2) {
            const bool lasts = random() % 4 != 0;
            // 1 ns after boot is long ago: such an entry is there, and no member.
            ASSERT_TRUE(change(set, {value}, {}, lasts ? 0 : 1).ok());
            model[set][value] = lasts;
        } else {
            const auto result = change(set, {}, {value});
            ASSERT_TRUE(result.ok());
            ASSERT_EQ(result->deleted, model[set].erase(value));
        }
        if (step % 1000 == 999) applier_->maintain();
        for (int i = 0; i < 3; ++i) {
            const auto host = random_host(random);
            const int asked = 1 + static_cast<int>(random() % kSets);
            bool member = false;
            for (const auto& [covers, lasts] : model[asked])
                member = member || (lasts && covers.covers(host));
            ASSERT_EQ(packets_see(asked, host), member)
                << "step " << step << ", set " << asked << ", " << to_text(host);
        }
    }
}

/// Documentation and private addresses, as many as one likes.
EntryValue host_number(std::uint64_t number) {
    return EntryValue::from_words(EntryKind::prefix4, 0, 0x0a000000 | number, 32);
}

std::vector<EntryValue> hosts(std::uint64_t first, std::uint64_t count) {
    std::vector<EntryValue> out;
    for (std::uint64_t i = 0; i < count; ++i)
        out.push_back(host_number(first + i));
    return out;
}

TEST_F(SetTablesTest, a_table_grows_while_it_is_read_and_is_found_again) {
    open();
    apply(one_port_a_set());
    std::uint64_t count = 0;
    for (const std::uint64_t more : {1, 10, 1000, 60'000, 150'000}) {
        ASSERT_TRUE(change(2, hosts(count, more), {}).ok());
        count += more;
        for (const std::uint64_t i : {std::uint64_t{0}, count / 2, count - 1})
            EXPECT_TRUE(packets_see(2, host_number(i))) << i << " of " << count;
        EXPECT_FALSE(packets_see(2, host_number(count)));
        EXPECT_FALSE(packets_see(1, host_number(0)));
        EXPECT_EQ(active_segments().second, 0u) << "segments are missing";
    }
    const auto before = active_segments();
    EXPECT_GT(before.first, 2u);
    const auto usage = applier_->set_usage();
    EXPECT_EQ(usage.entries[0], count);
    EXPECT_LE(usage.bytes, std::uint64_t{8} << 20) << "what was grown out of is given back";
    const auto saved = applier_->active();
    open();
    std::vector<std::string> warnings;
    const auto adoption = applier_->adopt(saved, warnings);
    ASSERT_TRUE(adoption.ok()) << adoption.error().message;
    EXPECT_EQ(*adoption, Adoption::adopted);
    EXPECT_TRUE(warnings.empty());
    EXPECT_EQ(applier_->set_usage().entries[0], count);
    EXPECT_EQ(active_segments(), before);
    ASSERT_TRUE(change(2, {}, {host_number(5)}).ok());
    EXPECT_FALSE(packets_see(2, host_number(5)));
}

TEST_F(SetTablesTest, what_does_not_fit_is_refused_with_figures_and_changes_nothing) {
    open(std::uint64_t{3} << 20);
    apply(one_port_a_set());
    ASSERT_TRUE(change(1, hosts(0, 1000), {}).ok());
    const auto refused = change(1, hosts(1000, 200'000), {host_number(3)});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::kernel);
    EXPECT_NE(refused.error().message.find("201000 entries need 4 MiB"), std::string::npos)
        << refused.error().message;
    EXPECT_NE(refused.error().message.find("may take 3 MiB"), std::string::npos);
    EXPECT_EQ(applier_->active().sets.at("s1").size(), 1000u);
    EXPECT_TRUE(packets_see(1, host_number(3))) << "nothing was removed either";
    EXPECT_FALSE(packets_see(1, host_number(1000)));
    auto larger = one_port_a_set();
    for (const auto& value : hosts(0, 200'000))
        larger.sets[0].second.prefixes.push_back(value.prefix());
    ApplyOptions options;
    options.generation = ++generation_;
    EXPECT_FALSE(applier_->apply(larger, options).ok());
    EXPECT_TRUE(packets_see(1, host_number(3)));
    EXPECT_EQ(applier_->set_usage().entries[0], 1000u) << "what was staged is gone";
}

TEST_F(SetTablesTest, what_a_crash_left_beside_the_tables_is_freed) {
    open();
    apply(one_port_a_set());
    ASSERT_TRUE(change(1, hosts(0, 10), {}).ok());
    const auto& segments = plane_->map(MapId::yett_set_segments);
    ASSERT_TRUE(SegmentRun::create(segments, 500, 3).ok());
    const auto saved = applier_->active();
    open();
    std::vector<std::string> warnings;
    ASSERT_TRUE(applier_->adopt(saved, warnings).ok());
    const auto used = used_segments(segments);
    ASSERT_TRUE(used.ok());
    EXPECT_EQ(std::count(used->begin(), used->end(), true), 1);
    EXPECT_TRUE(packets_see(1, host_number(9)));
}

TEST_F(SetTablesTest, without_a_segment_what_would_pass_is_dropped_with_a_reason) {
    open();
    apply(one_port_a_set());
    ASSERT_TRUE(change(1, hosts(0, 100'000), {}).ok());
    EXPECT_EQ(judge(2, entry("203.0.113.1")).reason, YETT_REASON_POLICY);
    EXPECT_EQ(judge(1, host_number(7)).reason, YETT_REASON_RULE);
    const auto& segments = plane_->map(MapId::yett_set_segments);
    const auto used = used_segments(segments);
    ASSERT_TRUE(used.ok());
    std::size_t gone = 0;
    for (std::uint32_t i = 0; i < used->size(); ++i) {
        if (!(*used)[i]) continue;
        ASSERT_TRUE(remove_segments(segments, i, 1).ok());
        ++gone;
    }
    EXPECT_GT(gone, 1u);
    for (const auto& host : {host_number(7), entry("10.0.1.9")}) {
        const auto judged = judge(1, host);
        EXPECT_EQ(judged.reason, YETT_REASON_INTERNAL) << to_text(host);
        EXPECT_EQ(judged.verdict, YETT_DROP) << to_text(host);
    }
    const auto reopened = Applier::open(*plane_);
    ASSERT_FALSE(reopened.ok());
    EXPECT_NE(reopened.error().message.find("is missing from the pinned data plane"),
              std::string::npos);
}

TEST_F(SetTablesTest, families_are_apart) {
    open();
    apply(one_port_a_set());
    ASSERT_TRUE(change(1, {entry("0.0.0.0/0")}, {}).ok());
    EXPECT_TRUE(packets_see(1, entry("203.0.113.1")));
    EXPECT_FALSE(packets_see(1, entry("2001:db8::1")));
    ASSERT_TRUE(change(1, {entry("::/0")}, {entry("0.0.0.0/0")}).ok());
    EXPECT_FALSE(packets_see(1, entry("203.0.113.1")));
    EXPECT_TRUE(packets_see(1, entry("2001:db8::1")));
}

}  // namespace
}  // namespace yett
