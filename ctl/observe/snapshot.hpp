// SPDX-License-Identifier: GPL-2.0-or-later
// Counters and bans as values, summed over all CPUs.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "abi/observe.h"
#include "abi/ruleset.h"
#include "base/result.hpp"
#include "bpf/data_plane.hpp"
#include "model/address.hpp"

namespace yett {

/// Each value is the sum of what the CPUs had when they were read, one after another: a packet that
/// comes in between may be in one counter and not yet in another.
/// A slot below YETT_MAX_COUNTERS.
yett_counter read_rule_counter(const DataPlane& plane, std::uint32_t slot);
Result<yett_interface_counters> read_interface_counters(const DataPlane& plane, std::uint32_t slot,
                                                        std::uint32_t direction);
/// By enum yett_reason.
using ReasonCounters = std::array<yett_reason_counters, YETT_REASON_COUNT>;
Result<ReasonCounters> read_reason_counters(const DataPlane& plane, std::uint32_t direction);

/// A source that the data plane banned. Times are CLOCK_BOOTTIME nanoseconds.
struct Ban {
    Prefix source;  ///< see ban_of()
    std::uint64_t added = 0;
    std::uint64_t expires = 0;
    std::uint32_t counter = 0;  ///< slot of the rule that banned
};

/// Bans that have not ended at `now`, each source once, in order of address. The map changes while
/// it is read: a ban that comes or goes meanwhile may be missing.
Result<std::vector<Ban>> read_bans(const DataPlane& plane, std::uint64_t now);
struct BanCounters {
    std::uint64_t made = 0;
    std::uint64_t evicted = 0;   ///< had to go for newer ones, ended or not
    std::uint64_t unproven = 0;  ///< packets that would have banned a source that may be forged
    std::uint64_t spared = 0;    ///< packets of sources that are never banned
};
/// While bans are made, `evicted` may be off by those.
Result<BanCounters> read_ban_counters(const DataPlane& plane);

/// What a ban of that source holds: an IPv4 address, the /64 of an IPv6 address, or a link-local
/// address alone.
Prefix ban_of(const Address& source);
/// The ban that these sources lie in, or those that lie in them; how many were removed.
Result<std::size_t> remove_bans(const DataPlane& plane, const Prefix& sources);
/// How many were removed, ended ones included.
Result<std::size_t> remove_all_bans(const DataPlane& plane);

Address to_model(const yett_address& address, std::uint32_t family);

/// CLOCK_BOOTTIME in nanoseconds.
std::uint64_t boot_time();

}  // namespace yett
