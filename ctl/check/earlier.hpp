// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/check: what the rules before a rule leave for it.
#pragma once

#include <cstddef>
#include <unordered_map>
#include <vector>

#include "check/address_forest.hpp"
#include "check/cover.hpp"

namespace yett {

/// It drops what it matches, and matches also what cannot be read.
bool takes(const Rule& rule);

/// Whether and by whom all is taken that a rule matches.
struct Taken {
    Remains remains = Remains::some;
    std::vector<std::size_t> by = {};  ///< in their order; empty with Remains::some
};

/// Rules seen so far that decide something, by their pairs of source and destination.
class Earlier {
  public:
    Earlier(const Ruleset& ruleset, const std::vector<Rule>& rules);

    void add(std::size_t rule);
    /// What the rules added so far leave for `later`.
    Taken find(std::size_t later);
    /// What the search for single rules cost so far.
    [[nodiscard]] std::size_t comparisons() const { return comparisons_; }

  private:
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
    /// So few that each may be compared with each.
    static constexpr std::size_t kFewRules = 1500;
    static constexpr std::size_t kMostNeighbours = 128;
    static constexpr std::size_t kMostLooks = 4'000'000;

    static std::uint64_t key(NodeOf src, NodeOf dst) { return std::uint64_t{src} << 32 | dst; }
    template <typename Use>
    void each_pair(NodeOf from, NodeOf to, Use use) const;
    std::size_t first_covering(const Match& match, NodeOf from, NodeOf to);
    std::size_t first_of(const std::vector<std::size_t>& list, const Match& later,
                         std::size_t before);
    std::vector<std::size_t> neighbours(std::size_t later);

    const std::vector<Rule>& rules_;
    AddressForest src_, dst_;
    Cover cover_;
    std::unordered_map<std::uint64_t, std::vector<std::size_t>> pairs_;
    std::vector<std::size_t> broad_, all_;
    std::size_t comparisons_ = 0;
    std::size_t looks_ = 0;
};

}  // namespace yett
