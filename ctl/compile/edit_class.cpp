// SPDX-License-Identifier: GPL-2.0-or-later
// Out, renumbered, back, in.
#include "compile/edit_class.hpp"

#include <algorithm>

#include "abi/limits.h"

namespace yett {
namespace {

constexpr std::size_t kMostLeaves = 4096;   ///< that one rule stands in
constexpr std::size_t kMostCopies = 20000;  ///< records that come back where a rule has gone

Region region_of(const Shapes& shapes, std::uint32_t member) {
    Region region;
    for (unsigned f = 0; f < kCutFields; ++f)
        region[f] = shapes.field[f][member];
    return region;
}

/// False: no packet comes to a place that both stand in. Else `a` is what they share there. Fields
/// that no tree of the class cuts by say nothing: they may be unknown, and match then.
bool intersect(Region& a, const Shapes& shapes, std::uint32_t member) {
    for (const unsigned f : shapes.cuts) {
        const Span& b = shapes.field[f][member];
        a[f] = {std::max(a[f].first, b.first), std::min(a[f].last, b.last)};
        if (a[f].first > a[f].last) return false;
    }
    return true;
}

}  // namespace

bool ClassEdit::run(const ListChange& change, const RuleRange& gone, bool renumber) {
    const Shapes leaving = shapes(change.gone);
    const Shapes behind = shapes(change.behind), coming = shapes(change.come);
    if (coming.size() != 0 && place_.trees.count == 0) return false;
    if (!take_out(leaving, gone)) return false;
    if (renumber) this->renumber(gone);
    if (!put_back(leaving, behind, change.behind) || !put_in(coming, change.come)) return false;
    place_.facts.boxes += coming.size() - leaving.size();
    return true;
}

Shapes ClassEdit::shapes(const Boxes& boxes) const {
    static const std::vector<bool> kNoneCounts(YETT_MAX_RULES);
    return shapes_of(boxes, place_.family, place_.packets, kNoneCounts, false);
}

bool ClassEdit::take_out(const Shapes& leaving, const RuleRange& gone) {
    for (std::uint32_t tree = 0; tree < place_.trees.count; ++tree) {
        TreeEdit edit(image_, place_.family);
        for (std::uint32_t i = 0; i < leaving.size(); ++i) {
            const Region region = region_of(leaving, i);
            if (edit.leaves(root(tree), region, kMostLeaves) > kMostLeaves) return false;
            root(tree) = edit.remove(root(tree), region, gone);
        }
        touched_[tree] = edit.removed() != 0;
    }
    return true;
}

void ClassEdit::renumber(const RuleRange& gone) {
    yett_trees& trees = place_.trees;
    const auto move_first = [&](std::uint32_t& first) {
        if (first != YETT_NO_RULE) first = gone.holds(first) ? gone.first : renumbering_.of(first);
    };
    const auto move_tree = [&](__u64& root) {
        if (root != 0) root = renumbering_.tree(root, place_.family);
    };
    for (std::uint32_t tree = 0; tree < trees.count; ++tree) {
        move_tree(trees.root[tree]);
        move_first(trees.first[tree]);
    }
    move_tree(trees.counting);
    move_tree(trees.asking);
    move_first(trees.first_asking);
    for (const std::uint32_t roots : trees.sets)
        for (std::uint32_t slot = 0; roots != 0 && slot < YETT_MAX_SET_SLOTS; ++slot)
            image_.set_slot(roots + slot,
                            renumbering_.tree(image_.slot(roots + slot), place_.family));
}

void ClassEdit::note(const TreeEdit& edit, std::uint32_t tree) {
    EnginePath& most = place_.facts.most[(place_.trees.asking != 0 ? 1 : 0) + tree];
    most.records = std::max(most.records, static_cast<unsigned>(edit.longest()));
    most.boxes = std::max(most.boxes, static_cast<unsigned>(edit.most_boxes()));
    longest_ = std::max(longest_, edit.longest());
}

bool ClassEdit::put_back(const Shapes& left, const Shapes& behind, const Boxes& boxes) {
    BoxTags tags = tags_of(boxes);
    std::size_t copies = 0;
    for (std::uint32_t tree = 0; tree < place_.trees.count; ++tree) {
        if (!touched_[tree]) continue;
        TreeEdit edit(image_, place_.family);
        for (std::uint32_t i = 0; i < behind.size(); ++i) {
            for (std::uint32_t gone = 0; gone < left.size(); ++gone) {
                Region region = region_of(left, gone);
                if (!intersect(region, behind, i)) continue;
                copies += edit.leaves(root(tree), region, kMostCopies);
                if (copies > kMostCopies) return false;
                const Record record = record_of(behind, i, tags, image_);
                if (!image_.fits()) return false;
                root(tree) = edit.insert(root(tree), region, record);
                place_.trees.first[tree] = std::min(place_.trees.first[tree], behind.shape[i].rule);
            }
        }
        note(edit, tree);
    }
    return true;
}

/// Each into the tree where it stands in the fewest leaves.
bool ClassEdit::put_in(const Shapes& coming, const Boxes& boxes) {
    BoxTags tags = tags_of(boxes);
    for (std::uint32_t i = 0; i < coming.size(); ++i) {
        TreeEdit edit(image_, place_.family);
        const Region region = region_of(coming, i);
        std::uint32_t best = 0;
        std::size_t fewest = kMostLeaves + 1;
        for (std::uint32_t tree = 0; tree < place_.trees.count; ++tree) {
            const std::size_t leaves = edit.leaves(root(tree), region, kMostLeaves);
            if (leaves < fewest) fewest = leaves, best = tree;
        }
        if (fewest > kMostLeaves) return false;
        const Record record = record_of(coming, i, tags, image_);
        if (!image_.fits()) return false;
        root(best) = edit.insert(root(best), region, record);
        place_.trees.first[best] = std::min(place_.trees.first[best], coming.shape[i].rule);
        note(edit, best);
    }
    return true;
}

}  // namespace yett
