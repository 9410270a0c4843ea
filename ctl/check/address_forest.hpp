// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/check: the addresses that rules name, each once, and which prefix lies in which.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/ruleset.hpp"

namespace yett {

/// One address value; kAnyNode is the absent key, which holds all others.
using NodeOf = std::uint32_t;
inline constexpr NodeOf kAnyNode = 0;
inline constexpr NodeOf kNoNode = UINT32_MAX;

/// Of one key (source or destination) of all rules. Takes time in n log n.
class AddressForest {
  public:
    AddressForest(const std::vector<Rule>& rules, std::vector<AddressTest> Match::*key);

    /// The values of a rule, in its order; kAnyNode alone when the key is absent.
    [[nodiscard]] std::span<const NodeOf> values(std::size_t rule) const {
        return std::span(nodes_).subspan(begins_[rule], begins_[rule + 1] - begins_[rule]);
    }
    /// The narrowest value that holds this one: a prefix, or any. kNoNode above that. Ranges and
    /// sets lie in nothing else.
    [[nodiscard]] NodeOf parent(NodeOf node) const { return parents_[node]; }

  private:
    void find_parents(std::vector<const AddressTest*> distinct);

    std::vector<std::size_t> begins_;
    std::vector<NodeOf> nodes_;
    std::vector<NodeOf> parents_;
};

}  // namespace yett
