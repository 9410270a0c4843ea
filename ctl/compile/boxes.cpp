// SPDX-License-Identifier: GPL-2.0-or-later
// Box lists -> one run of boxes: equal lists share their place.
#include <algorithm>
#include <cstring>
#include <string>

#include "abi/limits.h"
#include "compile/box_list.hpp"

namespace yett {
namespace {

bool same_boxes(const BoxList& a, const BoxList& b) {
    return a.boxes.size() == b.boxes.size() &&
           std::equal(a.boxes.begin(), a.boxes.end(), b.boxes.begin(),
                      [](const yett_box& x, const yett_box& y) {
                          return std::memcmp(&x, &y, sizeof x) == 0;
                      });
}

Error over_the_bound(const Tables& tables) {
    std::vector<std::size_t> counts(tables.rule_names.size());
    for (const yett_box& box : tables.boxes)
        ++counts[box.rule];
    const auto most = std::max_element(counts.begin(), counts.end());
    const std::string& name = tables.rule_names[most - counts.begin()];
    return {ErrorKind::invalid,
            "the ruleset expands to " + std::to_string(tables.boxes.size()) +
                " combinations of values; it may have " + std::to_string(YETT_MAX_BOXES) +
                "; rule \"" + name + "\" takes most of them, " + std::to_string(*most),
            "use sets for long lists, and name the direction and family that a rule is for"};
}

}  // namespace

Result<void> lay_out_boxes(const std::vector<BoxList>& lists, Tables& tables) {
    tables.boxes.clear();
    for (std::size_t i = 0; i < lists.size(); ++i) {
        const BoxList& list = lists[i];
        BoxRun& place = tables.lists[static_cast<int>(list.direction)][list.family];
        const auto twin = std::find_if(lists.begin(), lists.begin() + i, [&](const BoxList& other) {
            return same_boxes(other, list);
        });
        if (twin != lists.begin() + i) {
            place = tables.lists[static_cast<int>(twin->direction)][twin->family];
            continue;
        }
        place.first = static_cast<__u32>(tables.boxes.size());
        place.count = static_cast<__u32>(list.boxes.size());
        tables.boxes.insert(tables.boxes.end(), list.boxes.begin(), list.boxes.end());
    }
    if (tables.boxes.size() > YETT_MAX_BOXES) return over_the_bound(tables);
    return {};
}

}  // namespace yett
