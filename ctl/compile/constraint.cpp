// SPDX-License-Identifier: GPL-2.0-or-later
// Boolean algebra over the tests of one field.
#include "compile/constraint.hpp"

#include <algorithm>
#include <tuple>

namespace yett {
namespace {

/// Alternatives that differ in their range alone stand next to each other.
auto merge_key(const Alternative& a) {
    return std::tie(a.sets, a.mask, a.flags);
}

bool before(const Alternative& a, const Alternative& b) {
    if (merge_key(a) != merge_key(b)) return merge_key(a) < merge_key(b);
    return std::tie(a.first, a.last) < std::tie(b.first, b.last);
}

bool touches(const Alternative& a, const Alternative& b) {
    return merge_key(a) == merge_key(b) && (b.first <= a.last || b.first - 1 == a.last);
}

/// A set and its opposite at once.
bool contradicts(const std::vector<SetTest>& sets) {
    for (std::size_t i = 1; i < sets.size(); ++i)
        if (sets[i].slot == sets[i - 1].slot) return true;
    return false;
}

Alternative both(const Alternative& a, const Alternative& b) {
    Alternative result;
    result.first = std::max(a.first, b.first);
    result.last = std::min(a.last, b.last);
    result.mask = a.mask | b.mask;
    result.flags = a.flags | b.flags;
    std::set_union(a.sets.begin(), a.sets.end(), b.sets.begin(), b.sets.end(),
                   std::back_inserter(result.sets));
    const bool flags_clash = ((a.flags ^ b.flags) & a.mask & b.mask) != 0;
    return flags_clash || contradicts(result.sets) ? empty_alternative() : result;
}

std::vector<Alternative> both(const std::vector<Alternative>& a,
                              const std::vector<Alternative>& b) {
    std::vector<Alternative> result;
    result.reserve(a.size() * b.size());
    for (const Alternative& left : a)
        for (const Alternative& right : b)
            result.push_back(both(left, right));
    normalize(result);
    return result;
}

bool is_range(const Alternative& a) {
    return a.mask == 0 && a.flags == 0 && a.sets.empty();
}

/// What sorted, separate ranges leave over.
std::vector<Alternative> gaps(const std::vector<Alternative>& ranges, FieldValue most) {
    std::vector<Alternative> result;
    FieldValue next = 0;
    bool more = true;
    for (const Alternative& range : ranges) {
        if (next < range.first) result.push_back({next, range.first - 1, 0, 0, {}});
        more = range.last < most;
        next = range.last + 1;
    }
    if (more) result.push_back({next, most, 0, 0, {}});
    return result;
}

std::vector<Alternative> opposite(const Alternative& a, FieldValue most) {
    std::vector<Alternative> result = gaps({{a.first, a.last, 0, 0, {}}}, most);
    for (unsigned bit = 1; bit <= 0x80; bit <<= 1) {
        if (!(a.mask & bit)) continue;
        Alternative other = full_alternative(most);
        other.mask = static_cast<std::uint8_t>(bit);
        other.flags = static_cast<std::uint8_t>(~a.flags & bit);
        result.push_back(other);
    }
    for (const SetTest& test : a.sets) {
        Alternative other = full_alternative(most);
        other.sets = {{test.slot, !test.inverted}};
        result.push_back(other);
    }
    return result;
}

}  // namespace

Alternative empty_alternative() {
    return {1, 0, 0, 1, {}};
}

Alternative full_alternative(FieldValue most) {
    return {0, most, 0, 0, {}};
}

bool is_full(const Alternative& alternative, FieldValue most) {
    return is_range(alternative) && alternative.first == 0 && alternative.last == most;
}

void normalize(std::vector<Alternative>& alternatives) {
    std::erase_if(alternatives, [](const Alternative& a) { return a.empty(); });
    std::sort(alternatives.begin(), alternatives.end(), before);
    std::size_t kept = 0;
    for (std::size_t i = 1; i < alternatives.size(); ++i) {
        Alternative& last = alternatives[kept];
        if (touches(last, alternatives[i])) {
            last.last = std::max(last.last, alternatives[i].last);
        } else if (++kept != i) {
            alternatives[kept] = std::move(alternatives[i]);
        }
    }
    if (!alternatives.empty()) alternatives.resize(kept + 1);
}

Constraint both(const Constraint& a, const Constraint& b) {
    return {both(a.present, b.present), a.absent && b.absent};
}

Constraint opposite(const Constraint& constraint, FieldValue most) {
    std::vector<Alternative> ranges, others;
    for (const Alternative& a : constraint.present)
        (is_range(a) ? ranges : others).push_back(a);
    normalize(ranges);
    normalize(others);
    Constraint result{gaps(ranges, most), true};
    for (const Alternative& a : others)
        result.present = both(result.present, opposite(a, most));
    return result;
}

}  // namespace yett
