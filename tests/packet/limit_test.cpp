// SPDX-License-Identifier: GPL-2.0-or-later
// Limits: how exact they are in real time, and what an attacker gets who changes addresses.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "packet/raw_tables.hpp"
#include "packet/spray.hpp"

namespace yett {
namespace {

using test::Spray;
using Clock = std::chrono::steady_clock;

constexpr const char* kPacket = "udp 192.0.2.1:1000 > 198.51.100.7:53";
/// Frames a system call: the kernel takes some 20 ms between two, in which no frame comes.
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

    /// Sends without pause for `seconds` and returns the rate that passed, the first burst not
    /// counted.
    double measured_rate(const yett_limit& limit, double burst, double seconds) {
        test::write_limited_ruleset(*plane_, limit);
        const auto frame = test::frame_of(kPacket);
        const std::uint64_t before = passed();
        const auto start = Clock::now();
        std::chrono::duration<double> elapsed{};
        while (elapsed.count() < seconds) {
            spray(frame, 0, 0, 0, kBatch);
            elapsed = Clock::now() - start;
        }
        return (static_cast<double>(passed() - before) - burst) / elapsed.count();
    }

    std::unique_ptr<DataPlane> plane_;
    std::unique_ptr<Spray> spray_;
};

struct Accuracy {
    yett_limit_per per;
    double rate, burst, seconds;
    bool fine;
};

class LimitAccuracy : public Limit, public testing::WithParamInterface<Accuracy> {};

/// A sender that is held up for longer than the burst lasts loses what the bucket cannot keep; on a
/// busy machine that happens to these, so the best of a few measurements counts. None may ever pass
/// more.
TEST_P(LimitAccuracy, passes_its_rate_within_five_percent) {
    constexpr int kAttempts = 5;
    const Accuracy& row = GetParam();
    const auto limit = test::limit_of_rate(row.per, row.rate, row.burst, row.fine);
    double best = 0;
    for (int attempt = 0; attempt < kAttempts && best < row.rate * 0.95; ++attempt) {
        const double rate = measured_rate(limit, row.burst, row.seconds);
        EXPECT_LE(rate, row.rate * 1.05);
        best = std::max(best, rate);
    }
    RecordProperty("rate", std::to_string(best));
    EXPECT_GE(best, row.rate * 0.95);
    EXPECT_GT(over(), 0u);
}

std::string accuracy_name(const testing::TestParamInfo<Accuracy>& info) {
    const char* per = info.param.per == YETT_PER_SRC ? "src" : "global";
    return std::string(per) + "_" + std::to_string(static_cast<int>(info.param.rate)) + "_burst_" +
           std::to_string(static_cast<int>(info.param.burst)) +
           (info.param.fine ? "_fine" : "_coarse");
}

INSTANTIATE_TEST_SUITE_P(Rates, LimitAccuracy,
                         testing::Values(Accuracy{YETT_PER_SRC, 10, 10, 4, false},
                                         Accuracy{YETT_PER_SRC, 10, 2, 4, true},
                                         Accuracy{YETT_PER_SRC, 1000, 100, 1, false},
                                         Accuracy{YETT_PER_SRC, 1000, 30, 1, true},
                                         Accuracy{YETT_PER_SRC, 100000, 10000, 1, false},
                                         Accuracy{YETT_PER_SRC, 100000, 3000, 1, true},
                                         Accuracy{YETT_PER_GLOBAL, 10, 10, 4, false},
                                         Accuracy{YETT_PER_GLOBAL, 1000, 100, 1, false},
                                         Accuracy{YETT_PER_GLOBAL, 100000, 10000, 1, false}),
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
