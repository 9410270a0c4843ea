// SPDX-License-Identifier: GPL-2.0-or-later
// Limits through the real programs: how exact they are, and what an attacker gets who changes
// addresses.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>

#include "observe/limits.hpp"
#include "packet/raw_tables.hpp"
#include "packet/spray.hpp"

namespace yett {
namespace {

using test::Spray;
using Clock = std::chrono::steady_clock;

constexpr const char* kPacket = "udp 192.0.2.1:1000 > 198.51.100.7:53";
/// Frames a system call.
constexpr std::uint32_t kBatch = 500000;
constexpr std::uint32_t kSourceOffset4 = 26;
constexpr std::uint32_t kSourceOffset6 = 22;
constexpr std::uint32_t kBuckets = YETT_METER_SETS * YETT_METER_WAYS;

class Limit : public testing::Test {
  protected:
    void SetUp() override {
        auto opened = DataPlane::open({.pin_directory = ""});
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        plane_ = std::make_unique<DataPlane>(*std::move(opened));
        auto spray = Spray::open(*plane_);
        ASSERT_TRUE(spray.ok()) << spray.error().message;
        spray_ = std::make_unique<Spray>(*std::move(spray));
    }

    std::uint64_t passed() const { return test::packets_counted(*plane_, test::kRuleCounter); }
    std::uint64_t over() const { return test::packets_counted(*plane_, test::kOverCounter); }

    /// Runs `packets` frames from `count` sources; 0: all from one.
    void spray(const std::vector<std::uint8_t>& frame, std::uint32_t offset, std::uint32_t first,
               std::uint32_t count, std::uint32_t packets, std::uint32_t stride = 1) {
        const ::spray plan{0, first, count, stride, offset};
        auto ran = spray_->run(frame, plan, packets);
        ASSERT_TRUE(ran.ok()) << ran.error().message;
    }

    std::unique_ptr<DataPlane> plane_;
    std::unique_ptr<Spray> spray_;
};

struct Accuracy {
    yett_limit_per per;
    double rate, burst;
};

class LimitAccuracy : public Limit, public testing::WithParamInterface<Accuracy> {};

/// The bucket holds more than any pause between two frames lets it fill, so that nothing but the
/// rate is measured, however busy the machine: what passed after the burst is the rate times the
/// time between the first frame and the last. Both lie within a call whose begin and end are known.
TEST_P(LimitAccuracy, passes_its_rate_within_five_percent) {
    const Accuracy& row = GetParam();
    constexpr std::chrono::duration<double> kTime{4};
    using Seconds = std::chrono::duration<double>;
    test::write_limited_ruleset(*plane_, test::limit_of_rate(row.per, row.rate, row.burst));
    const auto frame = test::frame_of(kPacket);
    const auto begin = Clock::now();
    spray(frame, 0, 0, 0, kBatch);
    const auto after_first = Clock::now();
    auto before_last = after_first;
    do {
        before_last = Clock::now();
        spray(frame, 0, 0, 0, kBatch);
    } while (before_last - after_first < kTime || over() == 0);
    const double longest = Seconds(Clock::now() - begin).count();
    const double shortest = Seconds(before_last - after_first).count();
    const double more = static_cast<double>(passed()) - row.burst;
    RecordProperty("rate", std::to_string(more / longest));
    EXPECT_GE(more, row.rate * shortest * 0.95);
    EXPECT_LE(more, row.rate * longest * 1.05);
}

std::string accuracy_name(const testing::TestParamInfo<Accuracy>& info) {
    const char* per = info.param.per == YETT_PER_SRC ? "src" : "global";
    return std::string(per) + "_" + std::to_string(static_cast<int>(info.param.rate));
}

INSTANTIATE_TEST_SUITE_P(Rates, LimitAccuracy,
                         testing::Values(Accuracy{YETT_PER_SRC, 10, 100},
                                         Accuracy{YETT_PER_SRC, 1000, 10000},
                                         Accuracy{YETT_PER_SRC, 100000, 1000000},
                                         Accuracy{YETT_PER_GLOBAL, 10, 100},
                                         Accuracy{YETT_PER_GLOBAL, 1000, 10000},
                                         Accuracy{YETT_PER_GLOBAL, 100000, 1000000}),
                         accuracy_name);

TEST_F(Limit, octets_count_the_frames_length) {
    auto limit = test::limit_of_rate(YETT_PER_SRC, 1, 1000);
    limit.unit = YETT_UNIT_OCTETS;
    test::write_limited_ruleset(*plane_, limit);
    spray(test::frame_of("udp 192.0.2.1:1000 > 198.51.100.7:53 len 186"), 0, 0, 0, 10);
    EXPECT_EQ(passed(), 5u);
    EXPECT_EQ(over(), 5u);
}

TEST_F(Limit, sources_do_not_share_a_bucket) {
    test::write_limited_ruleset(*plane_, test::limit_of_rate(YETT_PER_SRC, 0.01, 2));
    spray(test::frame_of(kPacket), kSourceOffset4, 0xc0000201, 100, 1000);
    EXPECT_EQ(passed(), 200u);
}

TEST_F(Limit, a_traced_packet_is_within_the_limit_and_charges_nothing) {
    test::write_limited_ruleset(*plane_, test::limit_of_rate(YETT_PER_SRC, 0.01, 1));
    const auto frame = test::frame_of(kPacket);
    for (int i = 0; i < 3; ++i) {
        auto traced = plane_->trace(frame, {});
        ASSERT_TRUE(traced.ok());
        EXPECT_EQ(traced->verdict, YETT_PASS);
    }
    spray(frame, 0, 0, 0, 2);
    EXPECT_EQ(passed(), 1u);
}

/// The /64 is one source, whatever its 2^64 addresses.
TEST_F(Limit, ten_times_the_table_from_one_slash64_pass_one_limit) {
    test::write_limited_ruleset(*plane_, test::limit_of_rate(YETT_PER_SRC, 0.01, 1000));
    spray(test::frame_of("udp [2001:db8::1]:1000 > [2001:db8:1::7]:53"), kSourceOffset6 + 12, 0,
          10 * kBuckets, 10 * kBuckets);
    EXPECT_EQ(passed(), 1000u);
}

/// Ten times as many sources as there are buckets, three times around: each bucket gives its burst
/// once, all that find no bucket share one, and no source gets a second burst by having been
/// forgotten.
TEST_F(Limit, cycling_through_ten_times_the_table_resets_no_meter) {
    constexpr double kBurst = 2;
    test::write_limited_ruleset(*plane_, test::limit_of_rate(YETT_PER_SRC, 0.001, kBurst));
    const auto frame = test::frame_of(kPacket);
    for (int round = 0; round < 3; ++round)
        spray(frame, kSourceOffset4, 0x0a000000, 10 * kBuckets, 10 * kBuckets);
    EXPECT_LE(static_cast<double>(passed()), (kBuckets + 1) * kBurst * 1.05);
    EXPECT_GE(passed(), kBuckets / 2);
}

/// What `yett show limits` says, counted by hand: 100 sources within their burst of 5, 10 over it.
TEST_F(Limit, its_buckets_are_counted) {
    test::write_limited_ruleset(*plane_, test::limit_of_rate(YETT_PER_SRC, 0.001, 5));
    const auto frame = test::frame_of(kPacket);
    spray(frame, kSourceOffset4, 0x0a000000, 100, 400);
    spray(frame, kSourceOffset4, 0x0b000000, 10, 60);
    auto table = read_limits(*plane_, 1);
    ASSERT_TRUE(table.ok()) << table.error().message;
    EXPECT_EQ(table->capacity, kBuckets);
    EXPECT_EQ(table->charged, 110u);
    ASSERT_EQ(table->limits.size(), 1u);
    EXPECT_EQ(table->limits[0].charged, 110u);
    EXPECT_EQ(table->limits[0].exhausted, 10u);
    EXPECT_EQ(table->limits[0].untracked, 0u);
    EXPECT_FALSE(table->limits[0].shared_exhausted);
    spray(frame, kSourceOffset4, 0x0c000000, 4 * kBuckets, 4 * kBuckets);
    table = read_limits(*plane_, 1);
    ASSERT_TRUE(table.ok()) << table.error().message;
    const LimitUse& use = table->limits[0];
    EXPECT_EQ(use.charged, table->charged);
    EXPECT_GE(use.charged, kBuckets * 9 / 10);
    EXPECT_EQ(use.untracked, 4ull * kBuckets - (use.charged - 110));
    EXPECT_TRUE(use.shared_exhausted);
}

TEST_F(Limit, the_buckets_of_a_rule_that_is_gone_are_nobodys) {
    auto limit = test::limit_of_rate(YETT_PER_SRC, 0.001, 5);
    test::write_limited_ruleset(*plane_, limit);
    const auto frame = test::frame_of(kPacket);
    spray(frame, kSourceOffset4, 0x0a000000, 100, 100);
    limit.counter = YETT_MAX_COUNTERS - 1;
    test::write_limited_ruleset(*plane_, limit);
    spray(frame, kSourceOffset4, 0x0a000000, 30, 30);
    const auto table = read_limits(*plane_, 1);
    ASSERT_TRUE(table.ok()) << table.error().message;
    EXPECT_EQ(table->charged, 130u);
    EXPECT_EQ(table->limits[0].charged, 30u);
}

TEST_F(Limit, of_all_packets_together_has_one_bucket) {
    test::write_limited_ruleset(*plane_, test::limit_of_rate(YETT_PER_GLOBAL, 0.001, 5));
    const auto frame = test::frame_of(kPacket);
    const auto use = [this] {
        const auto table = read_limits(*plane_, 1);
        EXPECT_TRUE(table.ok());
        return std::pair{table->limits.at(0).charged, table->limits.at(0).exhausted};
    };
    EXPECT_EQ(use(), std::pair(std::uint64_t{0}, std::uint64_t{0}));
    spray(frame, 0, 0, 0, 4);
    EXPECT_EQ(use(), std::pair(std::uint64_t{1}, std::uint64_t{0}));
    spray(frame, 0, 0, 0, 4);
    EXPECT_EQ(use(), std::pair(std::uint64_t{1}, std::uint64_t{1}));
}

/// The meter that an attacker would like to be forgotten.
TEST_F(Limit, an_exhausted_source_stays_exhausted_while_others_cycle) {
    test::write_limited_ruleset(*plane_, test::limit_of_rate(YETT_PER_SRC, 0.001, 5));
    const auto frame = test::frame_of(kPacket);
    spray(frame, 0, 0, 0, 100);
    ASSERT_EQ(passed(), 5u);
    spray(frame, kSourceOffset4, 0x0a000000, 10 * kBuckets, 10 * kBuckets);
    const std::uint64_t before = passed();
    spray(frame, 0, 0, 0, 100);
    EXPECT_EQ(passed(), before);
}

/// The bucket still says "not for hours"; the next packet cuts that back to one burst of the new
/// limit.
TEST_F(Limit, a_limit_that_was_raised_holds_from_the_next_packet_on) {
    test::write_limited_ruleset(*plane_, test::limit_of_rate(YETT_PER_SRC, 0.001, 5));
    const auto frame = test::frame_of(kPacket);
    spray(frame, 0, 0, 0, 100);
    test::write_limited_ruleset(*plane_, test::limit_of_rate(YETT_PER_SRC, 1000, 5));
    spray(frame, 0, 0, 0, 1);
    usleep(50000);
    const std::uint64_t before = passed();
    spray(frame, 0, 0, 0, 100);
    EXPECT_GE(passed(), before + 5);
}

}  // namespace
}  // namespace yett
