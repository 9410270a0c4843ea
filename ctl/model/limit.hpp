// SPDX-License-Identifier: GPL-2.0-or-later
// The rate limit of a rule.
#pragma once

#include <cstdint>

namespace yett {

/// What shares one bucket. `tuple`: both addresses, protocol and ports.
enum class LimitPer : std::uint8_t { global = 0, src = 1, dst = 2, tuple = 3 };

/// `amount` packets, or octets of the frame on the wire, in `seconds`.
struct Rate {
    std::uint64_t amount = 1;
    std::uint32_t seconds = 1;  ///< 1, 60 or 3600
    bool octets = false;

    bool operator==(const Rate&) const = default;
};

struct Limit {
    LimitPer per = LimitPer::global;
    Rate rate;
    /// Packets or octets that pass at once after a pause; 0: burst_of() says.
    std::uint64_t burst = 0;
    /// Addresses are cut to these lengths before they are compared.
    std::uint8_t prefix4 = 32;
    std::uint8_t prefix6 = 64;

    bool operator==(const Limit&) const = default;
};

inline constexpr std::uint64_t kMostPacketsPerSecond = 1'000'000'000;
inline constexpr std::uint64_t kLeastOctetsPerSecond = 100;
inline constexpr std::uint64_t kMostOctetsPerSecond = 100'000'000'000;
/// A burst must hold the largest frame, or that frame never passes.
inline constexpr std::uint64_t kLeastBurstOctets = 1514;
inline constexpr std::uint64_t kMostBurst = 1'000'000'000'000;

/// The burst in force: what the rule says, else a tenth of a second's worth, at least 5 packets or
/// 64 KiB.
std::uint64_t burst_of(const Limit& limit);
/// The prefix lengths of `per` where the rule gives none: whole IPv4 addresses and /64 of IPv6,
/// both whole for tuples.
Limit limit_with_defaults(LimitPer per);

}  // namespace yett
