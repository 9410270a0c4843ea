// SPDX-License-Identifier: GPL-2.0-or-later
// How exact limits are, by a clock that the test sets: no machine is too busy for this, and no
// burst too short.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "packet/native_limit.h"
#include "packet/raw_tables.hpp"

namespace yett {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kStart = 1000 * kSecond;
constexpr std::uint32_t kSource = 0xc0000201;

/// How senders space their packets.
enum class Arrival { even, random, bunches };

struct Accuracy {
    double rate, burst;
    bool fine;
    double times;  ///< the rate, that is offered
    Arrival arrival;
};

using Row = std::tuple<Accuracy, std::uint64_t>;

class LimitClock : public testing::TestWithParam<Row> {
  protected:
    void SetUp() override { native_limit_forget(); }
};

/// When the packets of a sender come, `rate` of them a second in the mean.
class Sender {
  public:
    /// A bunch is never more than the burst: the rest of it would be lost, as it should.
    Sender(const Accuracy& row, double rate)
        : arrival_(row.arrival),
          distance_(kSecond / rate),
          bunch_(std::min<std::uint64_t>(8, static_cast<std::uint64_t>(row.burst))) {}

    [[nodiscard]] std::uint64_t now() const { return now_; }
    void next() { now_ += static_cast<std::uint64_t>(std::llround(pause())); }

  private:
    double pause() {
        switch (arrival_) {
            case Arrival::even:
                return distance_;
            case Arrival::random:
                return std::exponential_distribution<double>(1 / distance_)(random_);
            case Arrival::bunches:
                break;
        }
        return ++sent_ % bunch_ == 0 ? distance_ * static_cast<double>(bunch_) : 0;
    }

    Arrival arrival_;
    double distance_;
    std::uint64_t bunch_, sent_ = 0;
    std::uint64_t now_ = kStart;
    std::mt19937_64 random_{1};
};

/// More comes than may pass, without a pause in which the bucket could fill: what passes is the
/// burst, and the rate times the time.
TEST_P(LimitClock, passes_burst_and_rate_within_five_percent) {
    const auto& [row, tick] = GetParam();
    const auto limit = test::limit_of_rate(YETT_PER_SRC, row.rate, row.burst, row.fine);
    const double seconds = std::max(1.0, 400 / row.rate);
    std::uint64_t passed = 0;
    Sender sender(row, row.rate * row.times);
    for (; sender.now() < kStart + static_cast<std::uint64_t>(seconds * kSecond); sender.next())
        passed += native_limit_allows(&limit, kSource, 60, {sender.now(), tick}) ? 1 : 0;
    const double rate = (static_cast<double>(passed) - row.burst) / seconds;
    EXPECT_GE(rate, row.rate * 0.95);
    EXPECT_LE(rate, row.rate * 1.05);
}

TEST_P(LimitClock, gives_one_burst_after_any_pause) {
    const auto& [row, tick] = GetParam();
    const auto limit = test::limit_of_rate(YETT_PER_SRC, row.rate, row.burst, row.fine);
    for (const std::uint64_t pause : {1000 * kSecond, 2000 * kSecond, 90000 * kSecond}) {
        int passed = 0;
        for (int i = 0; i < 5 * static_cast<int>(row.burst); ++i)
            passed += native_limit_allows(&limit, kSource, 60, {pause, tick}) ? 1 : 0;
        EXPECT_NEAR(passed, row.burst, 1) << "after " << pause;
    }
}

class LimitClockBelow : public LimitClock {};

/// Who stays below the rate never loses a packet, whatever the clock.
TEST_P(LimitClockBelow, everything_passes) {
    const auto& [row, tick] = GetParam();
    const auto limit = test::limit_of_rate(YETT_PER_SRC, row.rate, row.burst, row.fine);
    Sender sender(row, row.rate * row.times);
    for (int number = 1; number <= 20000; ++number, sender.next())
        ASSERT_TRUE(native_limit_allows(&limit, kSource, 60, {sender.now(), tick}))
            << "packet " << number;
}

std::string name_of_row(const testing::TestParamInfo<Row>& info) {
    constexpr const char* kArrivals[] = {"even", "random", "bunches"};
    const auto& [row, tick] = info.param;
    return "rate_" + std::to_string(static_cast<int>(row.rate)) + "_burst_" +
           std::to_string(static_cast<int>(row.burst)) + (row.fine ? "_fine" : "_coarse") +
           "_percent_" + std::to_string(static_cast<int>(row.times * 100)) + "_" +
           kArrivals[static_cast<int>(row.arrival)] + "_tick_" + std::to_string(tick / 1'000'000) +
           "ms";
}

/// Every rate with the least burst that the compiler gives each clock, and a larger one.
std::vector<Accuracy> rows(std::initializer_list<double> times,
                           std::initializer_list<Arrival> arrivals) {
    struct Speed {
        double rate, burst;
        bool fine;
    };
    constexpr Speed kSpeeds[] = {
        {10, 2, true},        {10, 10, false},       {1000, 30, true},
        {1000, 30, false},    {1000, 100, false},    {100000, 5, true},
        {100000, 3000, true}, {100000, 2200, false}, {100000, 10000, false}};
    std::vector<Accuracy> made;
    for (const Speed& speed : kSpeeds)
        for (const double multiple : times)
            for (const Arrival arrival : arrivals)
                made.push_back({speed.rate, speed.burst, speed.fine, multiple, arrival});
    return made;
}

/// The kernel's coarse clock steps every 1 to 10 ms (CONFIG_HZ).
const auto kTicks = testing::Values(1'000'000, 4'000'000, 10'000'000);

INSTANTIATE_TEST_SUITE_P(Rates, LimitClock,
                         testing::Combine(testing::ValuesIn(rows({3, 20},
                                                                 {Arrival::even, Arrival::random,
                                                                  Arrival::bunches})),
                                          kTicks),
                         name_of_row);
/// Random arrivals exceed any rate for a time.
INSTANTIATE_TEST_SUITE_P(Rates, LimitClockBelow,
                         testing::Combine(testing::ValuesIn(rows({0.5, 0.95}, {Arrival::even,
                                                                               Arrival::bunches})),
                                          kTicks),
                         name_of_row);

}  // namespace
}  // namespace yett
