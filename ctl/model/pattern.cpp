// SPDX-License-Identifier: GPL-2.0-or-later
// "*" against names of at most 15 characters.
#include "model/pattern.hpp"

#include <algorithm>

namespace yett {
namespace {

/// Pieces between stars: the first at the start, the last at the end, the others where they first
/// fit.
bool matches(std::string_view pattern, std::string_view name) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == name;
    if (!name.starts_with(pattern.substr(0, star))) return false;
    name.remove_prefix(star);
    pattern.remove_prefix(star + 1);
    for (auto next = pattern.find('*'); next != std::string_view::npos; next = pattern.find('*')) {
        const auto found = name.find(pattern.substr(0, next));
        if (found == std::string_view::npos) return false;
        name.remove_prefix(found + next);
        pattern.remove_prefix(next + 1);
    }
    return name.ends_with(pattern);
}

}  // namespace

bool is_pattern(std::string_view name) {
    return name.find('*') != std::string_view::npos;
}

bool means_interface(std::string_view pattern, std::string_view name) {
    if (is_pattern(pattern) && name == "lo") return false;
    return matches(pattern, name);
}

bool any_means(const std::vector<std::string>& patterns, std::string_view name) {
    return std::any_of(patterns.begin(), patterns.end(), [name](const std::string& pattern) {
        return means_interface(pattern, name);
    });
}

}  // namespace yett
