// SPDX-License-Identifier: GPL-2.0-or-later
// What a limit means where its rule says nothing.
#include "model/limit.hpp"

#include <algorithm>

namespace yett {

std::uint64_t burst_of(const Limit& limit) {
    constexpr std::uint64_t kLeastPackets = 5, kLeastOctets = 65536;
    if (limit.burst != 0) return limit.burst;
    const std::uint64_t tenth = limit.rate.amount / limit.rate.seconds / 10;
    return std::max(tenth, limit.rate.octets ? kLeastOctets : kLeastPackets);
}

Limit limit_with_defaults(LimitPer per) {
    Limit limit;
    limit.per = per;
    limit.prefix6 = per == LimitPer::tuple ? 128 : 64;
    return limit;
}

}  // namespace yett
