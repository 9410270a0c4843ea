// SPDX-License-Identifier: GPL-2.0-or-later
// Rates into nanoseconds a packet or an octet.
#include "compile/limit.hpp"

#include <algorithm>
#include <limits>

namespace yett {
namespace {

using Wide = unsigned __int128;

constexpr Wide kNanoseconds = 1'000'000'000;

/// In 1 / 2^YETT_LIMIT_COST_BITS nanoseconds, rounded to the nearest.
std::uint64_t cost_of(const Rate& rate) {
    const Wide time = kNanoseconds * rate.seconds << YETT_LIMIT_COST_BITS;
    return std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>((time + rate.amount / 2) / rate.amount));
}

/// `amount` times the cost, in nanoseconds.
Wide nanoseconds_of(std::uint64_t amount, std::uint64_t cost) {
    return (Wide{amount} * cost) >> YETT_LIMIT_COST_BITS;
}

/// Time that a bucket may be charged ahead. The bound (over 200 days) keeps sums of times far from
/// wrapping.
std::uint64_t burst_time(std::uint64_t burst, std::uint64_t cost) {
    const Wide most = Wide{1} << 60;
    const Wide time = Wide{burst} * cost >> (YETT_LIMIT_COST_BITS - YETT_METER_NS_SHIFT);
    return static_cast<std::uint64_t>(std::min(time, most));
}

/// The coarse clock steps every 1 to 10 ms. A bucket whose burst does not last over two such steps
/// and two packets would forget time between them.
bool needs_fine_clock(const Limit& limit, std::uint64_t cost) {
    constexpr Wide kTwoTicks = 20'000'000;
    const std::uint64_t packet = limit.rate.octets ? kLeastBurstOctets : 1;
    return nanoseconds_of(burst_of(limit), cost) < kTwoTicks + 2 * nanoseconds_of(packet, cost);
}

std::uint64_t high_bits(unsigned count) {
    if (count == 0) return 0;
    return count >= 64 ? ~0ull : ~0ull << (64 - count);
}

__u8 flags_of(const Rule& rule, std::uint64_t cost) {
    return static_cast<__u8>((needs_fine_clock(*rule.limit, cost) ? YETT_LIMIT_FINE_CLOCK : 0) |
                             (rule.over_bans ? YETT_LIMIT_OVER_BANS : 0) |
                             (rule.spoofable ? YETT_LIMIT_SPOOFABLE : 0));
}

}  // namespace

yett_limit limit_of(const Rule& rule, const Slots& slots) {
    const Limit& limit = *rule.limit;
    yett_limit result{};
    result.cost = cost_of(limit.rate);
    result.burst = burst_time(burst_of(limit), result.cost);
    result.mask4 = static_cast<__u32>(high_bits(limit.prefix4) >> 32);
    result.mask6_hi = high_bits(limit.prefix6);
    result.mask6_lo = limit.prefix6 > 64 ? high_bits(limit.prefix6 - 64u) : 0;
    result.counter = slots.counters.at(rule.name);
    result.over_counter = slots.counters.at(over_counter_name(rule.name));
    result.ban_seconds = rule.over_bans ? rule.ban_seconds : 0;
    result.per = static_cast<__u8>(limit.per);
    result.unit = limit.rate.octets ? YETT_UNIT_OCTETS : YETT_UNIT_PACKETS;
    result.flags = flags_of(rule, result.cost);
    return result;
}

}  // namespace yett
