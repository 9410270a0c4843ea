// SPDX-License-Identifier: GPL-2.0-or-later
// Optimal string alignment distance over short words.
#include "base/suggest.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace yett {
namespace {

constexpr std::size_t kMaxWord = 64;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::size_t distance(std::string_view a, std::string_view b) {
    std::array<std::array<std::size_t, kMaxWord + 1>, 3> rows;
    for (std::size_t j = 0; j <= b.size(); ++j)
        rows[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto& row = rows[i % 3];
        const auto& above = rows[(i - 1) % 3];
        const auto& above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
            const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                                 lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped) row[j] = std::min(row[j], above2[j - 2] + 1);
        }
    }
    return rows[a.size() % 3][b.size()];
}

std::string digits_of(std::string_view text) {
    std::string digits;
    std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
                 [](char c) { return c >= '0' && c <= '9'; });
    return digits;
}

}  // namespace

std::vector<std::string_view> nearest(std::string_view word,
                                      std::span<const std::string_view> candidates) {
    std::vector<std::string_view> found;
    if (word.empty() || word.size() > kMaxWord) return found;
    const std::string digits = digits_of(word);
    std::size_t best = std::max<std::size_t>(1, word.size() / 3);
    for (const std::string_view candidate : candidates) {
        if (candidate.size() > kMaxWord) continue;
        if (!digits.empty() && digits != digits_of(candidate)) continue;
        const std::size_t edits = distance(word, candidate);
        // "a" is no slip of "b": at least one character must be right.
        if (edits > best || edits >= std::max(word.size(), candidate.size())) continue;
        if (edits < best) found.clear();
        best = edits;
        if (std::find(found.begin(), found.end(), candidate) == found.end())
            found.push_back(candidate);
    }
    return found;
}

std::string_view closest(std::string_view word, std::span<const std::string_view> candidates) {
    const auto near = nearest(word, candidates);
    return near.size() == 1 ? near.front() : std::string_view();
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
    constexpr std::size_t kMost = 3;
    const auto near = nearest(word, candidates);
    if (near.empty() || near.size() > kMost) return {};
    std::string hint = "did you mean ";
    for (std::size_t i = 0; i < near.size(); ++i) {
        if (i > 0) hint += i + 1 < near.size() ? ", " : " or ";
        ((hint += '"') += near[i]) += '"';
    }
    return hint + '?';
}

}  // namespace yett
