// SPDX-License-Identifier: GPL-2.0-or-later
// Cut by cut, until what is left is worth comparing one by one.
#include "compile/tree.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "compile/node.hpp"

namespace yett {
namespace {

constexpr std::size_t kSmallLeaf = 6;      ///< never cut
constexpr std::size_t kSmallRuleset = 32;  ///< compared one by one
constexpr double kOneRecord = 2.5;
constexpr std::size_t kMostPairwise = 256;  ///< shapes that are compared each with each
constexpr std::size_t kKeptPaths = 8;
constexpr unsigned kRootBits = 15;
constexpr unsigned kInnerBits = 10;

/// False: a cut above has fixed some of these bits otherwise, so that no packet comes to this
/// child.
bool fix_bits(EnginePath& path, const Window& window, std::uint64_t child) {
    if (window.bits == 0) return true;
    const std::uint64_t mask = ((1ull << window.bits) - 1) << window.shift;
    const std::uint64_t value = child << window.shift;
    const std::uint64_t before = path.mask[window.field] & mask;
    const bool reached = ((path.value[window.field] ^ value) & before) == 0;
    path.mask[window.field] |= mask;
    path.value[window.field] |= value;
    return reached;
}

}  // namespace

std::size_t TreeBuilder::Leaf::operator()(const Members& members) const {
    std::size_t hash = members.size();
    for (const std::uint32_t member : members)
        hash = (hash ^ member) * 0x9e3779b97f4a7c15ull >> 1;
    return hash;
}

TreeBuilder::TreeBuilder(const Shapes& shapes, Image& image, BoxTags& tags, bool decides,
                         double room)
    : shapes_(shapes),
      image_(image),
      tags_(tags),
      decides_(decides),
      room_(room),
      search_(shapes),
      chunk_(chunk_records(shapes.family)) {}

CutGoal TreeBuilder::goal(std::size_t members, unsigned depth, bool may_leave) const {
    CutGoal goal;
    goal.step = step_;
    goal.most_bits = depth == 0 ? kRootBits : kInnerBits;
    if (room_ == 0 || placed_ > budget_) {
        goal.most_copies = members + members / 16;
        if (may_leave) goal.leave_above = 1;
        return goal;
    }
    if (depth == 0) {
        goal.most_copies = may_leave ? members * 3 / 2 + 64 : members * 4 + 4096;
        goal.leave_above = may_leave ? 4 : 0;
    } else {
        // Large leaves make the worst packet: while there is room, they may be cut at a price.
        const bool room = placed_ * 2 < budget_;
        goal.most_copies = members * (room ? 8 : 3);
    }
    return goal;
}

double TreeBuilder::leaf_cost(std::size_t members) const {
    const double records = static_cast<double>(members) * 2.5;
    return members > chunk_ ? records + 20 : records * 0.75;
}

/// Shapes that would stand in more than `above` children go; they are what is returned.
TreeBuilder::Members TreeBuilder::leave(Members& taken, const Region& region, const Cut& cut,
                                        std::uint64_t above) const {
    const auto stays = [&](std::uint32_t i) {
        const auto reach = [&](const Window& w) {
            return w.bits == 0 ? 1
                               : reach_of(shapes_.field[w.field][i], region[w.field], w).count();
        };
        return reach(cut.a) * reach(cut.b) <= above;
    };
    const auto split = std::stable_partition(taken.begin(), taken.end(), stays);
    Members left(split, taken.end());
    taken.erase(split, taken.end());
    return left;
}

/// Forgets the tree before.
void TreeBuilder::begin(std::size_t members, bool may_leave) {
    leaves_.clear();
    paths_.clear();
    most_ = {};
    placed_ = 0;
    // What comes to the last tree are wildcards, and nobody else can take them.
    const std::size_t usual = members * (may_leave ? 3 : 10) + 8192;
    budget_ = static_cast<std::size_t>(static_cast<double>(usual) * room_);
    step_ = members > 20000 ? 40 : 15;
}

BuiltTree TreeBuilder::build(std::vector<std::uint32_t>& members, bool may_leave) {
    begin(members.size(), may_leave);
    Region region;
    for (unsigned f = 0; f < kCutFields; ++f)
        region[f] = whole_field(shapes_.family, f);
    if (decides_) drop_twins(members);
    if (decides_) drop_behind_cover(members, region);
    Members taken = std::exchange(members, {});
    std::optional<CutChoice> choice;
    if (taken.size() > kSmallRuleset) {
        const CutGoal goal = this->goal(taken.size(), 0, may_leave);
        choice = search_.best(taken, region, goal);
        if (choice && choice->left > 0)
            members = leave(taken, region, choice->cut, goal.leave_above);
    }
    BuiltTree built;
    built.first_rule = taken.empty() ? YETT_NO_RULE : shapes_.shape[taken.front()].rule;
    built.root = choice ? cut_node(taken, region, 0, choice->cut) : leaf(taken, region, 0);
    built.paths = std::move(paths_);
    built.most = most_;
    return built;
}

std::uint64_t TreeBuilder::node(Members members, const Region& region, unsigned depth) {
    if (decides_) drop_behind_cover(members, region);
    if (members.size() <= kSmallLeaf || depth >= YETT_TREE_DEPTH)
        return leaf(std::move(members), region, depth);
    if (decides_ && members.size() <= kMostPairwise) drop_hidden(members, region);
    // No cut is cheaper than one more step and one record.
    if (members.size() <= kSmallLeaf || step_ + kOneRecord >= leaf_cost(members.size()))
        return leaf(std::move(members), region, depth);
    const auto choice = search_.best(members, region, goal(members.size(), depth, false));
    if (!choice || choice->cost + step_ >= leaf_cost(members.size()))
        return leaf(std::move(members), region, depth);
    return cut_node(members, region, depth, choice->cut);
}

std::uint64_t TreeBuilder::cut_node(const Members& members, const Region& region, unsigned depth,
                                    const Cut& cut) {
    const std::size_t children = std::size_t{1} << cut.bits();
    std::vector<std::uint32_t> begin(children + 1);
    const auto each_child = [&](std::uint32_t i, const auto& visit) {
        const Reach rows = reach_of(shapes_.field[cut.a.field][i], region[cut.a.field], cut.a);
        const Reach columns =
            cut.b.bits ? reach_of(shapes_.field[cut.b.field][i], region[cut.b.field], cut.b)
                       : Reach{0, 0};
        for (std::uint32_t row = rows.first; row <= rows.last; ++row)
            for (std::uint32_t column = columns.first; column <= columns.last; ++column)
                visit(row << cut.b.bits | column);
    };
    for (const std::uint32_t i : members)
        each_child(i, [&](std::uint32_t child) { ++begin[child + 1]; });
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    std::vector<std::uint32_t> sorted(begin.back()), next(begin.begin(), begin.end() - 1);
    for (const std::uint32_t i : members)
        each_child(i, [&](std::uint32_t child) { sorted[next[child]++] = i; });

    const std::uint32_t first = image_.slots(children);
    const EnginePath here = path_;
    const bool reached = reached_;
    for (std::size_t child = 0; child < children; ++child) {
        if (begin[child] == begin[child + 1]) continue;
        const auto row = static_cast<std::uint32_t>(child >> cut.b.bits);
        const auto column = static_cast<std::uint32_t>(child & ((1u << cut.b.bits) - 1));
        path_ = here;
        reached_ = fix_bits(path_, cut.a, row) && reached;
        reached_ = fix_bits(path_, cut.b, column) && reached_;
        image_.set_slot(
            first + static_cast<std::uint32_t>(child),
            node(Members(sorted.begin() + begin[child], sorted.begin() + begin[child + 1]),
                 part_of(region, cut, row, column), depth + 1));
    }
    path_ = here;
    reached_ = reached;
    return slot_of(Node{first, cut});
}

bool TreeBuilder::covers(std::uint32_t member, const Region& region) const {
    if (!shapes_.shape[member].certain) return false;
    for (unsigned f = 0; f < kCutFields; ++f) {
        const Span& span = shapes_.field[f][member];
        if (span.first > region[f].first || span.last < region[f].last) return false;
    }
    return true;
}

/// `first` stands before `second` and covers whatever of it lies in the region.
bool TreeBuilder::hides(std::uint32_t first, std::uint32_t second, const Region& region) const {
    if (!shapes_.shape[first].certain) return false;
    for (unsigned f = 0; f < kCutFields; ++f) {
        const Span &a = shapes_.field[f][first], &b = shapes_.field[f][second];
        if (a.first > std::max(b.first, region[f].first) ||
            a.last < std::min(b.last, region[f].last))
            return false;
    }
    return true;
}

void TreeBuilder::drop_behind_cover(Members& members, const Region& region) const {
    const auto cover = std::find_if(members.begin(), members.end(),
                                    [&](std::uint32_t i) { return covers(i, region); });
    if (cover != members.end()) members.erase(cover + 1, members.end());
}

void TreeBuilder::drop_hidden(Members& members, const Region& region) const {
    std::size_t kept = 0;
    for (const std::uint32_t member : members) {
        const bool hidden = std::any_of(members.begin(), members.begin() + static_cast<long>(kept),
                                        [&](std::uint32_t i) { return hides(i, member, region); });
        if (!hidden) members[kept++] = member;
    }
    members.resize(kept);
}

std::uint64_t TreeBuilder::hash_of(std::uint32_t member) const {
    std::uint64_t hash = 0;
    for (unsigned f = 0; f < kCutFields; ++f) {
        const Span& span = shapes_.field[f][member];
        hash = (hash ^ span.first) * 0x9e3779b97f4a7c15ull;
        hash = (hash ^ hash >> 29 ^ span.last) * 0xbf58476d1ce4e5b9ull;
    }
    return hash ^ hash >> 32;
}

bool TreeBuilder::are_twins(std::uint32_t a, std::uint32_t b) const {
    for (unsigned f = 0; f < kCutFields; ++f)
        if (!(shapes_.field[f][a] == shapes_.field[f][b])) return false;
    return true;
}

/// Of shapes with the same ranges, none behind a certain one can match.
void TreeBuilder::drop_twins(Members& members) const {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> by_hash;
    by_hash.reserve(members.size());
    for (const std::uint32_t member : members)
        by_hash.emplace_back(hash_of(member), member);
    std::sort(by_hash.begin(), by_hash.end());
    Members twins;
    for (std::size_t i = 0, first = 0; i < by_hash.size(); ++i) {
        if (by_hash[i].first != by_hash[first].first) first = i;
        // The first of its kind, or (where it is not certain) none: a later twin may still match.
        const std::uint32_t earlier = by_hash[first].second, member = by_hash[i].second;
        if (i != first && shapes_.shape[earlier].certain && are_twins(earlier, member))
            twins.push_back(member);
    }
    std::sort(twins.begin(), twins.end());
    std::erase_if(members, [&](std::uint32_t member) {
        return std::binary_search(twins.begin(), twins.end(), member);
    });
}

std::uint64_t TreeBuilder::leaf(Members members, const Region& region, unsigned depth) {
    if (decides_ && members.size() <= kMostPairwise) drop_hidden(members, region);
    remember(members, depth);
    const auto known = leaves_.find(members);
    if (known != leaves_.end()) return known->second;
    const std::uint64_t slot = store_leaf(members);
    leaves_.emplace(std::move(members), slot);
    return slot;
}

void TreeBuilder::remember(const Members& members, unsigned depth) {
    EnginePath path = path_;
    path.steps = depth;
    path.records = static_cast<unsigned>(members.size());
    path.boxes =
        static_cast<unsigned>(std::count_if(members.begin(), members.end(), [&](std::uint32_t i) {
            return shapes_.shape[i].box != kNoBox;
        }));
    most_.steps = std::max(most_.steps, path.steps);
    most_.records = std::max(most_.records, path.records);
    most_.boxes = std::max(most_.boxes, path.boxes);
    const double cost = path.nanoseconds();
    if (!reached_ || (paths_.size() == kKeptPaths && paths_.back().nanoseconds() >= cost)) return;
    const auto place = std::find_if(paths_.begin(), paths_.end(), [&](const EnginePath& other) {
        return other.nanoseconds() < cost;
    });
    paths_.insert(place, path);
    if (paths_.size() > kKeptPaths) paths_.pop_back();
}

std::uint64_t TreeBuilder::store_leaf(const Members& members) {
    if (members.empty()) return kEmptySlot;
    const std::uint32_t place = image_.records(members.size(), record_size(shapes_.family));
    for (std::size_t i = 0; i < members.size(); ++i)
        image_.put(place, i, record_of(shapes_, members[i], tags_, image_).bytes());
    placed_ += members.size();
    return slot_of(LeafPlace{place, static_cast<std::uint32_t>(members.size()),
                             shapes_.shape[members.front()].rule});
}

}  // namespace yett
