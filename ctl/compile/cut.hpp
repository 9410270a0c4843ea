// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/compile: where a tree's node is best cut.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "compile/shapes.hpp"

namespace yett {

/// Bits [shift, shift + bits) of a field. Any window is sound, also one with bits above it that the
/// shapes differ in: it is where a packet is looked for, the records at the leaf say what matches.
struct Window {
    unsigned field = 0;
    unsigned shift = 0;
    unsigned bits = 0;
};

/// One or two windows; a child for each pair of values.
struct Cut {
    Window a, b;
    [[nodiscard]] unsigned bits() const { return a.bits + b.bits; }
};

/// Children [first, last] of one window.
struct Reach {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    [[nodiscard]] std::uint64_t count() const { return std::uint64_t{last} - first + 1; }
};

/// The packets of a node lie inside these.
using Region = std::array<Span, kCutFields>;

/// Which children of a window a shape takes part in: all of them where it wraps around.
inline Reach reach_of(const Span& span, const Span& region, const Window& window) {
    const std::uint64_t first = std::max(span.first, region.first) >> window.shift;
    const std::uint64_t last = std::min(span.last, region.last) >> window.shift;
    const std::uint64_t mask = (1ull << window.bits) - 1;
    if (last - first >= mask || (first & mask) > (last & mask))
        return {0, static_cast<std::uint32_t>(mask)};
    return {static_cast<std::uint32_t>(first & mask), static_cast<std::uint32_t>(last & mask)};
}

struct CutGoal {
    std::uint64_t most_copies = 0;  ///< references to shapes in all children together
    /// A shape that would take part in more children than this may be left to another tree; 0: none
    /// may.
    std::uint64_t leave_above = 0;
    unsigned most_bits = 0;
    double step = 15;  ///< what one more level costs, in nanoseconds
};

struct CutChoice {
    Cut cut;
    double cost = 0;  ///< nanoseconds below this node that a packet is expected to cost
    std::uint64_t copies = 0;
    std::uint64_t left = 0;  ///< shapes left to another tree
};

/// What a node with that many shapes is expected to cost when nobody has looked at it yet.
double expected_cost(std::uint64_t shapes, double step);

/// The best cut found; nothing where none makes progress within the goal. Pure: the same input
/// gives the same cut.
class CutSearch {
  public:
    explicit CutSearch(const Shapes& shapes) : shapes_(shapes) {}
    std::optional<CutChoice> best(const std::vector<std::uint32_t>& members, const Region& region,
                                  const CutGoal& goal);

  private:
    using Windows = std::array<std::array<std::optional<Window>, 24>, kCutFields>;

    /// Takes the cut into `best` when it is better.
    void consider(const std::vector<std::uint32_t>& members, const Region& region,
                  const CutGoal& goal, const Cut& cut, std::optional<CutChoice>& best);
    /// Nothing also where the cost would be above `bound`.
    std::optional<CutChoice> try_cut(const std::vector<std::uint32_t>& members,
                                     const Region& region, const CutGoal& goal, const Cut& cut,
                                     double bound);
    std::optional<Window> best_window(const std::vector<std::uint32_t>& members,
                                      const Region& region, const CutGoal& goal, unsigned field,
                                      unsigned bits);
    bool worth_a_cut(const std::vector<std::uint32_t>& members, const Region& region,
                     unsigned field) const;

    const Shapes& shapes_;
    std::vector<std::uint32_t> counts_;
    std::vector<std::uint32_t> sample_;
};

}  // namespace yett
