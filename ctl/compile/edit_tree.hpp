// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/compile: trees that are changed in place, a few leaves at a time.
//
// What a packet finds stays right as long as this holds: for each shape and each packet inside it,
// the leaf that the packet comes to in some tree has the shape's record, or one of an earlier
// shape that takes the packet for certain. Putting a record into all leaves that its shape reaches
// keeps it. Taking one out does not: later shapes may have been left out of those leaves because of
// it, and must be put back.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "compile/cut.hpp"
#include "compile/image.hpp"
#include "compile/record.hpp"

namespace yett {

/// Rules [first, last).
struct RuleRange {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    [[nodiscard]] bool holds(std::uint32_t rule) const { return rule >= first && rule < last; }
};

/// Edits trees of one family in an image. A leaf that grows moves to the image's end, and its old
/// place is lost; nodes stay as they are.
class TreeEdit {
  public:
    TreeEdit(Image& image, yett_family family) : image_(image), family_(family) {}

    /// Slots of leaves that packets inside `region` come to; counted up to `most` + 1.
    [[nodiscard]] std::size_t leaves(std::uint64_t root, const Region& region,
                                     std::size_t most) const;

    /// Takes the records of these rules out of the leaves that `region` reaches. The root as it is
    /// then. Call it for every region of the rules, one after another, before anything else: a leaf
    /// that several slots share is changed once.
    std::uint64_t remove(std::uint64_t root, const Region& region, const RuleRange& rules);
    [[nodiscard]] std::size_t removed() const { return removed_; }

    /// Puts a record into the leaves that `region` reaches, in rule order, but not where it is
    /// already. The root as it is then.
    std::uint64_t insert(std::uint64_t root, const Region& region, const Record& record);
    /// Records in the longest leaf that insert() made.
    [[nodiscard]] std::size_t longest() const { return longest_; }

    /// Boxes to ask in one of these leaves, at most.
    [[nodiscard]] std::size_t most_boxes() const { return most_boxes_; }

  private:
    using LeafEdit = std::function<std::uint64_t(std::uint64_t)>;
    /// What became of a leaf, by its slot: those that share it find it here.
    using Done = std::unordered_map<std::uint64_t, std::uint64_t>;

    std::uint64_t walk(std::uint64_t slot, const Region& at, const Region& region, Done& done,
                       const LeafEdit& edit);
    void count(std::uint64_t slot, const Region& at, const Region& region, std::size_t most,
               std::size_t& count) const;
    [[nodiscard]] Region whole() const;
    std::uint64_t without(std::uint64_t slot, const RuleRange& rules);
    std::uint64_t with(std::uint64_t slot, const Record& record);
    [[nodiscard]] bool same(std::span<const std::byte> there, const Record& record) const;

    Image& image_;
    yett_family family_;
    Done removals_;
    std::size_t removed_ = 0;
    std::size_t longest_ = 0;
    std::size_t most_boxes_ = 0;
};

/// Gives the rules from `from` on numbers that are `more` higher (or lower), in all trees of an
/// image.
class Renumbering {
  public:
    Renumbering(Image& image, std::uint32_t from, std::int64_t more)
        : image_(image), from_(from), more_(more) {}

    [[nodiscard]] std::uint32_t of(std::uint32_t rule) const {
        return rule < from_ ? rule : static_cast<std::uint32_t>(rule + more_);
    }
    /// Once for each tree. The root as it is then.
    std::uint64_t tree(std::uint64_t root, yett_family family);

  private:
    std::uint64_t leaf(std::uint64_t slot, std::size_t size);

    Image& image_;
    std::uint32_t from_;
    std::int64_t more_;
    std::vector<bool> done_;  ///< leaves, by place
};

}  // namespace yett
