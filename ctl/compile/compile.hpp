// SPDX-License-Identifier: GPL-2.0-or-later
// Model -> tables: pure, deterministic, without the kernel.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "abi/meter.h"
#include "abi/ruleset.h"
#include "base/result.hpp"
#include "compile/engine.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// Where names live in the maps. Whoever applies a ruleset keeps these over reloads, so that
/// counters survive.
struct Slots {
    using Counters = std::unordered_map<std::string, std::uint32_t>;
    Counters counters;  ///< rule name (and "(policy:ingress)" ...) -> slot
    std::map<std::string, std::uint16_t> interfaces;      ///< interface name -> slot, from 1
    std::map<std::string, std::uint16_t> address_sets;    ///< of prefixes, of MAC addresses -> slot
    std::map<std::string, std::uint16_t> port_sets;       ///< set name -> slot, from 1
    std::map<std::string, std::uint16_t> interface_sets;  ///< set name -> slot, from 1

    bool operator==(const Slots&) const = default;
    /// Where sets of that type have theirs.
    [[nodiscard]] const std::map<std::string, std::uint16_t>& of_sets(SetType type) const {
        return type == SetType::port    ? port_sets
               : type == SetType::iface ? interface_sets
                                        : address_sets;
    }
    [[nodiscard]] std::map<std::string, std::uint16_t>& of_sets(SetType type) {
        return const_cast<std::map<std::string, std::uint16_t>&>(
            std::as_const(*this).of_sets(type));
    }
};

/// A run of boxes in Tables::boxes.
struct BoxRun {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    bool operator==(const BoxRun&) const = default;
};

/// The image of one bank, and the boxes that it was built from.
struct Tables {
    yett_ruleset ruleset{};             ///< generation is 0: the switch fills it in
    std::vector<yett_action> actions;   ///< by rule index (effective_rules)
    std::vector<yett_limit> limits;     ///< by number; actions name them
    std::vector<std::uint64_t> engine;  ///< pages of the bank, the last one cut short
    EngineReport report;
    std::vector<std::string> rule_names;  ///< by rule index

    /// All lists, one after another; they stay in user space.
    std::vector<yett_box> boxes;
    /// By direction and family, in rule order. Equal lists are one.
    std::array<std::array<BoxRun, YETT_FAMILIES>, YETT_DIRECTIONS> lists{};
};

/// Builds `engine`, `report` and the roots in `ruleset` from boxes, lists and actions. Where fast
/// trees take more than `most` octets, the trees are slower ones and `report.fallback` says so.
/// Fails with kind invalid where these do, too; the message gives both figures.
Result<void> build_engine(Tables& tables, std::size_t most = kEngineOctets);

/// Names of the counters that a ruleset needs: every effective rule and both policies, each once.
std::vector<std::string> counter_names(const Ruleset& ruleset);
/// Interface names that the ruleset mentions (interfaces, iface in rules, entries of sets), each
/// once, in order.
std::vector<std::string> interface_names(const Ruleset& ruleset);

/// Fails with kind invalid when the ruleset expands beyond a bound of abi/limits.h; the message
/// says which rule and gives both figures. Every name in the ruleset must have its slot.
Result<Tables> compile(const Ruleset& ruleset, const Slots& slots);

/// A ruleset, and the slots that its tables are made with.
struct RulesetSource {
    const Ruleset& ruleset;
    const Slots& slots;
};

/// What compile() makes of `after`, at less than a tenth of the cost: the tables of `before`,
/// changed where a few rules in a row differ. Names that both have must have the same counters.
/// Nothing where compile() is the way: the rulesets differ in more, or their trees are better built
/// anew (compile/patch.hpp). Same packets, same verdicts; the image is laid out otherwise.
std::optional<Tables> recompile(const Tables& tables, const RulesetSource& before,
                                const RulesetSource& after);

/// The counter of what was over the limit of the rule of that name.
std::string over_counter_name(const std::string& rule);
/// The name of the policy's counter in Slots::counters.
std::string policy_counter_name(Direction direction);

}  // namespace yett
