// SPDX-License-Identifier: GPL-2.0-or-later
// Tables written by hand, without the compiler: one rule for every packet, in bank 0.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "abi/meter.h"
#include "abi/ruleset.h"
#include "bpf/data_plane.hpp"
#include "compile/compile.hpp"
#include "model/packet.hpp"
#include "observe/snapshot.hpp"
#include "packet/bank.hpp"

namespace yett::test {

inline constexpr std::uint32_t kRuleCounter = 1;
inline constexpr std::uint32_t kOverCounter = 2;
inline constexpr std::uint32_t kPolicyCounter = 3;

inline std::vector<std::uint8_t> frame_of(const std::string& packet) {
    auto spec = parse_packet(packet);
    if (spec) return to_frame(*spec);
    ADD_FAILURE() << packet << ": " << spec.error().message;
    return {};
}

template <typename Value>
void put(const DataPlane& plane, MapId map, std::uint32_t index, const Value& value) {
    auto written = plane.map(map).update(&index, &value);
    ASSERT_TRUE(written.ok()) << written.error().message;
}

/// Rule 0 is in every list and passes everything within `limit`.
inline void write_limited_ruleset(DataPlane& plane, const yett_limit& limit) {
    yett_action action{};
    action.kind = YETT_ACTION_PASS;
    action.limit = 1;
    action.counter = kRuleCounter;
    Tables tables;
    tables.actions = {action};
    tables.limits = {limit};
    tables.rule_names = {"all"};
    tables.boxes = {yett_box{}};
    for (auto& direction : tables.lists)
        direction.fill({0, 1});
    for (std::uint32_t& counter : tables.ruleset.policy_counter)
        counter = kPolicyCounter;
    ASSERT_TRUE(build_engine(tables).ok());
    auto written = corpus::write_bank(plane, tables, YETT_BANKS);
    ASSERT_TRUE(written.ok()) << written.error().message;
}

/// `rate` packets or octets a second.
inline yett_limit limit_of_rate(yett_limit_per per, double rate, double burst, bool fine = false) {
    yett_limit limit{};
    const double nanoseconds = 1e9 / rate;
    limit.cost = static_cast<__u64>(nanoseconds * (1 << YETT_LIMIT_COST_BITS));
    limit.burst = static_cast<__u64>(nanoseconds * burst * (1 << YETT_METER_NS_SHIFT));
    limit.mask4 = 0xffffffff;
    limit.mask6_hi = ~0ull;
    limit.per = static_cast<__u8>(per);
    limit.flags = fine ? YETT_LIMIT_FINE_CLOCK : 0;
    limit.counter = kRuleCounter;
    limit.over_counter = kOverCounter;
    return limit;
}

inline std::uint64_t packets_counted(const DataPlane& plane, std::uint32_t slot) {
    return read_rule_counter(plane, slot).packets;
}

}  // namespace yett::test
