// SPDX-License-Identifier: GPL-2.0-or-later
// Seeded boxes and packets that are made to trouble a matching engine.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "compile/compile.hpp"
#include "compile/patch.hpp"
#include "parse/packet.h"

namespace yett::testing {

/// What the boxes of a case look like.
struct EngineCase {
    yett_family family = YETT_FAMILY_IPV4;
    std::size_t boxes = 100;
    std::size_t pool = 20;    ///< distinct addresses on each side
    unsigned wide = 20;       ///< percent of boxes without a source; the same for the destination
    unsigned nested = 50;     ///< percent of addresses inside another one of the pool
    unsigned prefixes = 80;   ///< percent of addresses that are prefixes; the others are any range
    unsigned extended = 10;   ///< percent of boxes that test more than five fields
    unsigned counting = 5;    ///< percent of rules that only count
    unsigned same_rule = 10;  ///< percent of boxes that belong to the rule of the box before
    unsigned one_way = 0;     ///< percent of boxes that egress has not

    [[nodiscard]] std::string words() const;
};

class EngineCases {
  public:
    explicit EngineCases(std::uint64_t seed) : random_(seed) {}

    EngineCase next_case(std::size_t most_boxes);
    /// Boxes of one family; every packet may come.
    Tables tables(const EngineCase& shape);
    /// A few rules in a row of these tables become others: some that are like rules of the tables,
    /// some that are not.
    RuleChange change(const EngineCase& shape, const Tables& tables);
    /// On an edge of a box, right beside it, inside it, or anywhere.
    yett_packet packet(const EngineCase& shape, const Tables& tables);
    /// Each of its addresses in a few of the sets that boxes ask for, or in none.
    void put_into_sets(yett_packet& packet);

  private:
    static constexpr std::uint64_t kSets = 70;  ///< more than a word of struct yett_membership
    struct Range {
        yett_address first, last;
    };
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    bool chance(unsigned percent) { return below(100) < percent; }
    yett_address any_address(yett_family family);
    Range address_range(const EngineCase& shape, const std::vector<Range>& pool);
    std::vector<Range> address_pool(const EngineCase& shape);
    yett_range16 port_range();
    yett_box box(const EngineCase& shape, const std::vector<Range>& src,
                 const std::vector<Range>& dst);
    void ask_for_sets(yett_box& box);
    void extend(yett_box& box);
    /// Boxes of one rule that comes, by direction.
    std::array<std::vector<yett_box>, YETT_DIRECTIONS> new_rule(const EngineCase& shape,
                                                                const Tables& tables,
                                                                const yett_action& action,
                                                                std::uint32_t rule);
    void fill_lists(const EngineCase& shape, Tables& tables);
    yett_address near(const yett_address& first, const yett_address& last);
    std::uint32_t near(std::uint32_t first, std::uint32_t last, std::uint32_t most);
    void hide_fields(yett_packet& packet);

    std::mt19937_64 random_;
    std::uint32_t counter_ = 0;  ///< the last that a change took
};

}  // namespace yett::testing
