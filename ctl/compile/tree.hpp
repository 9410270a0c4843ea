// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/compile: one tree of the matching engine, from shapes to slots and records.
//
// The best cut of a root is chosen on all shapes, not on a sample; a shape that would stand in many
// children of it (a wildcard, mostly) is left to the next tree. So replication stays near 1, and no
// threshold on prefix lengths is needed. Every window of bits is sound, also one in the middle of
// an address: it says where to look, not what matches. Within a leaf, what earlier shapes hide is
// left out. A cut without progress is none, and a tree that grows beyond its budget goes on with
// cuts that hardly copy.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "compile/cut.hpp"
#include "compile/engine.hpp"
#include "compile/image.hpp"
#include "compile/record.hpp"
#include "compile/shapes.hpp"

namespace yett {

struct BuiltTree {
    std::uint64_t root = kEmptySlot;
    std::uint32_t first_rule = YETT_NO_RULE;
    std::vector<EnginePath> paths;  ///< the dearest, dearest first
    EnginePath most;                ///< the greatest of each figure on any path
};

class TreeBuilder {
  public:
    /// `decides`: the first match ends the search, so what it hides may be left out. `room`: which
    /// share of the usual memory a tree may take; from there on, and so for 0 from the start,
    /// hardly any shape stands in two places, which is smaller and slower.
    TreeBuilder(const Shapes& shapes, Image& image, BoxTags& tags, bool decides, double room);

    /// Takes shapes out of `members` (all of them unless `may_leave`) and builds a tree of them.
    BuiltTree build(std::vector<std::uint32_t>& members, bool may_leave);

  private:
    using Members = std::vector<std::uint32_t>;
    struct Leaf {
        std::size_t operator()(const Members& members) const;
    };

    void begin(std::size_t members, bool may_leave);
    Members leave(Members& taken, const Region& region, const Cut& cut, std::uint64_t above) const;
    std::uint64_t node(Members members, const Region& region, unsigned depth);
    std::uint64_t cut_node(const Members& members, const Region& region, unsigned depth,
                           const Cut& cut);
    std::uint64_t leaf(Members members, const Region& region, unsigned depth);
    std::uint64_t store_leaf(const Members& members);
    [[nodiscard]] bool covers(std::uint32_t member, const Region& region) const;
    [[nodiscard]] bool hides(std::uint32_t first, std::uint32_t second, const Region& region) const;
    void drop_behind_cover(Members& members, const Region& region) const;
    void drop_hidden(Members& members, const Region& region) const;
    [[nodiscard]] std::uint64_t hash_of(std::uint32_t member) const;
    [[nodiscard]] bool are_twins(std::uint32_t a, std::uint32_t b) const;
    void drop_twins(Members& members) const;
    [[nodiscard]] CutGoal goal(std::size_t members, unsigned depth, bool may_leave) const;
    [[nodiscard]] double leaf_cost(std::size_t members) const;
    void remember(const Members& members, unsigned depth);

    const Shapes& shapes_;
    Image& image_;
    BoxTags& tags_;
    bool decides_;
    double room_;
    CutSearch search_;
    std::size_t chunk_;       ///< records in one
    std::size_t budget_ = 0;  ///< records that this tree may place
    std::size_t placed_ = 0;
    double step_ = 15;
    EnginePath path_;      ///< from the root to where the builder is
    bool reached_ = true;  ///< some packet comes there
    std::vector<EnginePath> paths_;
    EnginePath most_;
    std::unordered_map<Members, std::uint64_t, Leaf> leaves_;
};

}  // namespace yett
