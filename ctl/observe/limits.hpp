// SPDX-License-Identifier: GPL-2.0-or-later
// The buckets of rate limits, as figures: who stands behind a bucket the table does not say.
#pragma once

#include <cstdint>
#include <vector>

#include "abi/meter.h"
#include "base/result.hpp"
#include "bpf/data_plane.hpp"

namespace yett {

struct LimitUse {
    yett_limit limit{};             ///< as it is in force
    std::uint64_t charged = 0;      ///< buckets that are not full of tokens
    std::uint64_t exhausted = 0;    ///< of those: the next packet is over the limit
    std::uint64_t untracked = 0;    ///< packets that found no bucket and shared the rule's own
    bool shared_exhausted = false;  ///< the rule's own bucket lets nothing pass now
};

struct LimitTable {
    std::uint64_t charged = 0;  ///< buckets in use, of all rules, gone ones included
    std::uint64_t capacity = 0;
    std::vector<LimitUse> limits;  ///< by number, as actions name them
};

/// The first `count` limits of the bank in force. Reads the table while packets change it.
Result<LimitTable> read_limits(const DataPlane& plane, std::size_t count);

}  // namespace yett
