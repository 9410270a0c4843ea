// SPDX-License-Identifier: GPL-2.0-or-later
// Rulesets whose fast trees do not fit into a bank.
#pragma once

#include <random>
#include <string>

#include "model/protocol.hpp"
#include "model/ruleset.hpp"

namespace yett::testing {

/// Rules that overlap in both ports and have no address to be told apart by: each stands in many
/// leaves, in the large records of IPv6. With 100,000 of them fast trees take more than 32 MiB.
inline Ruleset crowded_ruleset(std::size_t rules) {
    constexpr std::uint32_t kWidth = 1000;
    std::mt19937_64 random(1);
    const auto range = [&] {
        const auto first = static_cast<std::uint32_t>(random() % (65536 - kWidth));
        return NumberRange{
            first, first + static_cast<std::uint32_t>(kWidth / 2 + random() % (kWidth / 2))};
    };
    Ruleset ruleset;
    ruleset.name = "crowded";
    for (std::size_t i = 0; i < rules; ++i) {
        Rule rule;
        rule.name = "r" + std::to_string(i);
        rule.action = i % 2 ? ActionKind::drop : ActionKind::pass;
        rule.match.family = {Family::ipv6};
        rule.match.proto = {{kProtocolTcp, kProtocolTcp}};
        rule.match.sport = {range()};
        rule.match.dport = {range()};
        ruleset.rules.push_back(std::move(rule));
    }
    return ruleset;
}

}  // namespace yett::testing
