// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/check: whether several rules together leave nothing for a later one.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "check/regions.hpp"

namespace yett {

/// What is left for a rule. `unreadable`: only packets of which something cannot be read.
enum class Remains { some, unreadable, nothing };

/// Answers `some` also where the search would take too long: what it says is taken is taken.
class Cover {
  public:
    explicit Cover(const Ruleset& ruleset, const std::vector<Rule>& rules)
        : rules_(rules), tested_(rules.size()), classes_(ruleset) {}

    /// `earlier`, in their order; those that take part go to `found`.
    Remains remains(std::size_t later, std::span<const std::size_t> earlier,
                    std::vector<std::size_t>& found);
    /// False: the earlier rule takes nothing of the later one, or is too long to ask.
    bool may_help(std::size_t earlier, std::size_t later);
    [[nodiscard]] bool any_unreadable() const { return classes_.any_unreadable(); }

  private:
    // A step takes a microsecond or two, without optimisation ten times that.
    static constexpr std::size_t kMostSteps = 100'000, kMostStepsOfRule = 10'000;

    const TestedRule& tested(std::size_t rule);
    bool takes_all(const PacketClass& packets, std::size_t later);
    bool takes_all(const Region& region, std::size_t from);
    bool may_step();

    const std::vector<Rule>& rules_;
    std::vector<std::optional<TestedRule>> tested_;
    RuleTests tests_;
    PacketClasses classes_;
    std::vector<std::size_t> earlier_;
    std::vector<bool> used_;  ///< by place in earlier_
    std::size_t steps_ = 0, steps_of_rule_ = 0;
};

}  // namespace yett
