// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/compile: some rules in a row become others in the trees of one class of packets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "compile/edit_tree.hpp"
#include "compile/engine.hpp"
#include "compile/image.hpp"
#include "compile/record.hpp"
#include "compile/shapes.hpp"

namespace yett {

using Boxes = std::vector<yett_box>;

/// No patch of one list of boxes has more behind what goes.
inline constexpr std::size_t kMostBehind = 20000;

/// What a change means for one list of boxes.
struct ListChange {
    int direction = YETT_INGRESS;
    bool both_ways = false;  ///< the other direction shares its trees
    yett_family family = YETT_FAMILY_OTHER;
    Boxes gone;    ///< rules by their old numbers
    Boxes come;    ///< rules by their new numbers
    Boxes behind;  ///< of later rules, by their new numbers, that may match where one has gone
};

/// Edits the trees of one class of packets. Whole boxes are stored anew, though the image may have
/// the same already.
class ClassEdit {
  public:
    struct Place {
        yett_family family;
        yett_packet_class packets;
        yett_trees& trees;
        EngineClass& facts;
    };

    ClassEdit(Image& image, Renumbering& renumbering, std::span<const yett_action> actions,
              const Place& place)
        : image_(image), renumbering_(renumbering), actions_(actions), place_(place) {}

    /// False: the trees are better built anew. What was changed by then is of no use.
    bool run(const ListChange& change, const RuleRange& gone, bool renumber);
    /// Records of the longest leaf that was made.
    [[nodiscard]] std::size_t longest() const { return longest_; }

  private:
    [[nodiscard]] Shapes shapes(const Boxes& boxes) const;
    [[nodiscard]] __u64& root(std::uint32_t tree) { return place_.trees.root[tree]; }

    bool take_out(const Shapes& leaving, const RuleRange& gone);
    void renumber(const RuleRange& gone);
    bool put_back(const Shapes& left, const Shapes& behind, const Boxes& boxes);
    bool put_in(const Shapes& coming, const Boxes& boxes);
    void note(const TreeEdit& edit, std::uint32_t tree);
    [[nodiscard]] BoxTags tags_of(const Boxes& boxes) const {
        return {boxes, std::vector<std::uint32_t>(boxes.size()), actions_};
    }

    Image& image_;
    Renumbering& renumbering_;
    std::span<const yett_action> actions_;  ///< by new numbers
    Place place_;
    bool touched_[YETT_TREES] = {};  ///< something was taken out
    std::size_t longest_ = 0;
};

}  // namespace yett
