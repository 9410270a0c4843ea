// SPDX-License-Identifier: GPL-2.0-or-later
// Windows are tried one by one, then in pairs; each is judged by how the shapes fall into children.
#include "compile/cut.hpp"

#include <algorithm>
#include <cmath>

namespace yett {
namespace {

constexpr std::uint64_t kCheapLeaf = 6;
constexpr double kRecordNanoseconds = 2.5;
constexpr double kLeftNanoseconds = 120;  ///< what a shape costs that goes to another tree
constexpr double kTreeNanoseconds = 15;   ///< what another tree costs every packet
constexpr double kNoBound = 1e9;
constexpr std::size_t kSample = 6000;

unsigned bits_for(std::uint64_t count) {
    return count <= 1 ? 0 : 64 - static_cast<unsigned>(__builtin_clzll(count - 1));
}

/// A table for the counts that are frequent.
double cached_cost(std::uint64_t shapes, double step) {
    constexpr std::size_t kCached = 4096;
    thread_local std::vector<double> cache;
    thread_local double cached_step = -1;
    if (cached_step != step) {
        cache.resize(kCached);
        for (std::size_t i = 0; i < kCached; ++i)
            cache[i] = expected_cost(i, step);
        cached_step = step;
    }
    return shapes < kCached ? cache[shapes] : expected_cost(shapes, step);
}

/// Calls visit(cut) for pairs of windows of different fields, `full` bits together or up to two
/// less.
template <typename Windows, typename Visit>
void for_each_pair(const Windows& windows, const std::vector<unsigned>& fields, unsigned full,
                   Visit visit) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        for (std::size_t j = i + 1; j < fields.size(); ++j) {
            for (unsigned x = 1; x < full; ++x) {
                const auto& a = windows[fields[i]][x];
                for (unsigned y = full - x > 3 ? full - x - 2 : 1; a && y <= full - x; ++y)
                    if (const auto& b = windows[fields[j]][y]) visit(Cut{*a, *b});
            }
        }
    }
}

}  // namespace

double expected_cost(std::uint64_t shapes, double step) {
    if (shapes <= kCheapLeaf) return kRecordNanoseconds * static_cast<double>(shapes);
    const double ratio = static_cast<double>(shapes) / kCheapLeaf;
    const double as_leaf = kRecordNanoseconds * static_cast<double>(shapes);
    return std::min(as_leaf, kRecordNanoseconds * kCheapLeaf + step + 8 * std::log2(ratio));
}

bool CutSearch::worth_a_cut(const std::vector<std::uint32_t>& members, const Region& region,
                            unsigned field) const {
    const std::vector<Span>& spans = shapes_.field[field];
    const Span& first = spans[members.front()];
    return std::any_of(members.begin(), members.end(), [&](std::uint32_t i) {
        return !(spans[i] == first) &&
               (spans[i].first > region[field].first || spans[i].last < region[field].last);
    });
}

std::optional<CutChoice> CutSearch::try_cut(const std::vector<std::uint32_t>& members,
                                            const Region& region, const CutGoal& goal,
                                            const Cut& cut, double bound) {
    CutChoice choice;
    choice.cut = cut;
    const auto most_left = static_cast<std::uint64_t>(std::min(1.0, bound / kLeftNanoseconds) *
                                                      static_cast<double>(members.size()));
    counts_.assign(std::size_t{1} << cut.bits(), 0);
    const std::vector<Span>& a = shapes_.field[cut.a.field];
    const std::vector<Span>& b = shapes_.field[cut.b.field];
    for (const std::uint32_t i : members) {
        const Reach rows = reach_of(a[i], region[cut.a.field], cut.a);
        const Reach columns = cut.b.bits ? reach_of(b[i], region[cut.b.field], cut.b) : Reach{0, 0};
        const std::uint64_t copies = rows.count() * columns.count();
        if (goal.leave_above && copies > goal.leave_above) {
            if (++choice.left > most_left) return std::nullopt;
            continue;
        }
        choice.copies += copies;
        if (choice.copies > goal.most_copies) return std::nullopt;
        for (std::uint32_t row = rows.first; row <= rows.last; ++row)
            for (std::uint32_t column = columns.first; column <= columns.last; ++column)
                ++counts_[row << cut.b.bits | column];
    }
    const std::uint64_t kept = members.size() - choice.left;
    if (kept == 0) return std::nullopt;
    double sum = 0;
    std::uint32_t most = 0;
    for (const std::uint32_t count : counts_) {
        most = std::max(most, count);
        sum += count * cached_cost(count, goal.step);
    }
    if (most >= members.size()) return std::nullopt;
    const double share = static_cast<double>(choice.left) / static_cast<double>(members.size());
    const double growth = static_cast<double>(choice.copies) / static_cast<double>(kept);
    choice.cost = sum / static_cast<double>(choice.copies) + 12 * std::log2(growth) +
                  kLeftNanoseconds * share + (choice.left ? kTreeNanoseconds : 0) +
                  0.4 * cut.bits();
    return choice;
}

std::optional<Window> CutSearch::best_window(const std::vector<std::uint32_t>& members,
                                             const Region& region, const CutGoal& goal,
                                             unsigned field, unsigned bits) {
    const unsigned width = width_of(shapes_.family, field);
    if (bits > width) return std::nullopt;
    // Bits that are the same in all shapes tell none of them apart.
    const std::vector<Span>& spans = shapes_.field[field];
    std::uint64_t varying = 0;
    for (const std::uint32_t i : members)
        varying |= (spans[i].first ^ spans[members.front()].first) |
                   (spans[i].last ^ spans[members.front()].last);
    std::optional<CutChoice> best;
    for (unsigned shift = 0; shift + bits <= width; ++shift) {
        if ((varying >> shift & ((1ull << bits) - 1)) == 0) continue;
        const auto choice = try_cut(members, region, goal, {{field, shift, bits}, {field, 0, 0}},
                                    best ? best->cost : kNoBound);
        if (choice && (!best || choice->cost < best->cost)) best = choice;
    }
    if (!best) return std::nullopt;
    return best->cut.a;
}

void CutSearch::consider(const std::vector<std::uint32_t>& members, const Region& region,
                         const CutGoal& goal, const Cut& cut, std::optional<CutChoice>& best) {
    const auto choice = try_cut(members, region, goal, cut, best ? best->cost : kNoBound);
    if (choice && (!best || choice->cost < best->cost)) best = choice;
}

/// Windows are placed by a sample, and judged by all.
std::optional<CutChoice> CutSearch::best(const std::vector<std::uint32_t>& members,
                                         const Region& region, const CutGoal& goal) {
    const std::size_t stride = std::max<std::size_t>(1, members.size() / kSample);
    sample_.clear();
    for (std::size_t i = 0; i < members.size(); i += stride)
        sample_.push_back(members[i]);
    CutGoal sampled = goal;
    sampled.most_copies = std::max<std::uint64_t>(goal.most_copies / stride, sample_.size() * 2);

    std::optional<CutChoice> best;
    Windows windows;
    std::vector<unsigned> useful;
    const unsigned full = std::clamp(bits_for(members.size()) + 1, 2u, goal.most_bits);
    const unsigned step = members.size() > 64 ? 2 : 3;
    for (const unsigned field : shapes_.cuts) {
        if (!worth_a_cut(members, region, field)) continue;
        useful.push_back(field);
        for (unsigned bits = full;; bits -= step) {
            auto& window = windows[field][bits];
            window = best_window(sample_, region, sampled, field, bits);
            if (window) consider(members, region, goal, {*window, {field, 0, 0}}, best);
            if (bits <= step + 1) break;
        }
    }
    for_each_pair(windows, useful, full,
                  [&](const Cut& cut) { consider(members, region, goal, cut, best); });
    return best;
}

}  // namespace yett
