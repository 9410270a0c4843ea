// SPDX-License-Identifier: GPL-2.0-or-later
// The way down that the builder took, and copies of leaves.
#include "compile/edit_tree.hpp"

#include <algorithm>
#include <cstring>

#include "compile/node.hpp"

namespace yett {
namespace {

/// Calls visit(child, its region) for the children of a node that packets inside `region` go to.
template <typename Visit>
void for_each_child(const Node& node, const Region& at, const Region& region, Visit visit) {
    const Cut& cut = node.cut;
    const Reach rows = reach_of(region[cut.a.field], at[cut.a.field], cut.a);
    const Reach columns =
        cut.b.bits ? reach_of(region[cut.b.field], at[cut.b.field], cut.b) : Reach{0, 0};
    for (std::uint32_t row = rows.first; row <= rows.last; ++row)
        for (std::uint32_t column = columns.first; column <= columns.last; ++column)
            visit(node.first + (row << cut.b.bits | column), part_of(at, cut, row, column));
}

}  // namespace

Region TreeEdit::whole() const {
    Region region;
    for (unsigned f = 0; f < kCutFields; ++f)
        region[f] = whole_field(family_, f);
    return region;
}

std::uint64_t TreeEdit::walk(std::uint64_t slot, const Region& at, const Region& region, Done& done,
                             const LeafEdit& edit) {
    if (is_leaf(slot)) {
        const auto [place, fresh] = done.try_emplace(slot, slot);
        if (fresh) place->second = edit(slot);
        return place->second;
    }
    for_each_child(node_of(slot), at, region, [&](std::uint32_t child, const Region& part) {
        image_.set_slot(child, walk(image_.slot(child), part, region, done, edit));
    });
    return slot;
}

void TreeEdit::count(std::uint64_t slot, const Region& at, const Region& region, std::size_t most,
                     std::size_t& count) const {
    if (is_leaf(slot)) {
        ++count;
        return;
    }
    for_each_child(node_of(slot), at, region, [&](std::uint32_t child, const Region& part) {
        if (count <= most) this->count(image_.slot(child), part, region, most, count);
    });
}

std::size_t TreeEdit::leaves(std::uint64_t root, const Region& region, std::size_t most) const {
    std::size_t count = 0;
    this->count(root, whole(), region, most, count);
    return count;
}

std::uint64_t TreeEdit::without(std::uint64_t slot, const RuleRange& rules) {
    LeafPlace leaf = leaf_of(slot);
    const std::size_t size = record_size(family_);
    std::uint32_t kept = 0;
    for (std::uint32_t i = 0; i < leaf.count; ++i) {
        const auto record = image_.record(leaf.place, i, size);
        if (rules.holds(words_of(record).rule())) continue;
        if (kept != i) std::ranges::copy(record, image_.record(leaf.place, kept, size).begin());
        ++kept;
    }
    removed_ += leaf.count - kept;
    if (kept == leaf.count) return slot;
    if (kept == 0) return kEmptySlot;
    leaf.count = kept;
    leaf.rule = words_of(image_.record(leaf.place, 0, size)).rule();
    return slot_of(leaf);
}

std::uint64_t TreeEdit::remove(std::uint64_t root, const Region& region, const RuleRange& rules) {
    return walk(root, whole(), region, removals_,
                [&](std::uint64_t slot) { return without(slot, rules); });
}

/// The tags of whole boxes differ though the boxes may be the same.
bool TreeEdit::same(std::span<const std::byte> there, const Record& record) const {
    constexpr std::uint64_t kBoxMask = ((1ull << YETT_TAG_BOX_BITS) - 1) << YETT_TAG_SHIFT;
    const std::size_t words_at = record.size - sizeof(RecordWords);
    const RecordWords a = words_of(there), b = words_of(record.bytes());
    if (std::memcmp(there.data(), record.octets.data(), words_at) != 0 || a.low != b.low)
        return false;
    if (a.box() == 0 || b.box() == 0) return a.high == b.high;
    if ((a.high ^ b.high) & ~kBoxMask) return false;
    const yett_box of_a = image_.stored_box(a.box()), of_b = image_.stored_box(b.box());
    return std::memcmp(&of_a, &of_b, sizeof of_a) == 0;
}

std::uint64_t TreeEdit::with(std::uint64_t slot, const Record& record) {
    const LeafPlace old = leaf_of(slot);
    const std::uint32_t rule = words_of(record.bytes()).rule();
    std::uint32_t before = 0;
    for (std::uint32_t i = 0; i < old.count; ++i) {
        const auto there = image_.record(old.place, i, record.size);
        if (same(there, record)) return slot;
        before += words_of(there).rule() <= rule;
    }
    LeafPlace leaf{image_.records(old.count + 1, record.size), old.count + 1, rule};
    if (!image_.fits()) return slot;
    for (std::uint32_t i = 0; i < old.count; ++i)
        image_.put(leaf.place, i + (i >= before), image_.record(old.place, i, record.size));
    image_.put(leaf.place, before, record.bytes());
    if (before != 0) leaf.rule = old.rule;
    std::size_t boxes = 0;
    for (std::uint32_t i = 0; i < leaf.count; ++i)
        boxes += words_of(image_.record(leaf.place, i, record.size)).box() != 0;
    most_boxes_ = std::max(most_boxes_, boxes);
    longest_ = std::max<std::size_t>(longest_, leaf.count);
    return slot_of(leaf);
}

std::uint64_t TreeEdit::insert(std::uint64_t root, const Region& region, const Record& record) {
    Done done;
    return walk(root, whole(), region, done,
                [&](std::uint64_t slot) { return with(slot, record); });
}

std::uint64_t Renumbering::leaf(std::uint64_t slot, std::size_t size) {
    LeafPlace leaf = leaf_of(slot);
    if (leaf.count == 0) return slot;
    leaf.rule = of(leaf.rule);
    if (done_.size() <= leaf.place) done_.resize(std::max<std::size_t>(leaf.place + 1, 1 << 16));
    if (done_[leaf.place]) return slot_of(leaf);
    done_[leaf.place] = true;
    for (std::uint32_t i = leaf.count; i-- != 0;) {
        const auto record = image_.record(leaf.place, i, size);
        const std::uint32_t rule = words_of(record).rule();
        if (rule < from_) break;  // so are all before it
        set_rule(record, of(rule));
    }
    return slot_of(leaf);
}

std::uint64_t Renumbering::tree(std::uint64_t root, yett_family family) {
    if (is_leaf(root)) return leaf(root, record_size(family));
    const Node node = node_of(root);
    for (std::uint32_t child = node.first; child < node.first + node.children(); ++child)
        image_.set_slot(child, tree(image_.slot(child), family));
    return root;
}

}  // namespace yett
