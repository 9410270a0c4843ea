// SPDX-License-Identifier: GPL-2.0-or-later
// The order of last resorts.
#include "daemon/resorts.hpp"

#include <algorithm>

namespace yett {
namespace {

/// Each of them once.
class Order {
  public:
    void add(ResortKind kind, std::uint64_t generation = 0) {
        const Resort resort{kind, generation};
        if (std::find(list.begin(), list.end(), resort) == list.end()) list.push_back(resort);
    }
    std::vector<Resort> list;
};

/// What nobody wished and what has no files of its own is made anew at each start: better may be
/// had by now.
bool is_makeshift(const Inventory& found) {
    switch (found.pinned_as) {
        case Standing::config:
        case Standing::lockdown:
        case Standing::empty:
            return true;
        case Standing::predecessor:
            return !found.record && !found.text;
        default:
            return false;
    }
}

void go_on_with_pinned(const Inventory& found, Order& order) {
    if (found.record && found.text) order.add(ResortKind::adopt, found.pinned);
    if (found.record) order.add(ResortKind::hold, found.pinned);
    // Without the record nobody knows which slots they use: the same text is made anew, but not
    // where entries would be lost that the kernel has.
    if (!found.record && found.text && found.sets) order.add(ResortKind::bring_back, found.pinned);
    if (found.judging) order.add(ResortKind::leave);
}

}  // namespace

std::vector<Resort> order_of_resorts(const Inventory& found) {
    Order order;
    const auto has_text = [&](std::uint64_t generation) {
        return std::find(found.generations.begin(), found.generations.end(), generation) !=
               found.generations.end();
    };
    const bool pinned = found.pinned != 0 && !is_makeshift(found);
    const bool is_wish = pinned && found.pinned == found.wished;
    if (!is_wish && has_text(found.wished) && (!pinned || found.record))
        order.add(ResortKind::bring_back, found.wished);
    if (pinned) go_on_with_pinned(found, order);
    if (has_text(found.wished)) order.add(ResortKind::bring_back, found.wished);
    for (const auto generation : found.generations)
        order.add(ResortKind::bring_back, generation);
    if (found.config) order.add(ResortKind::config);
    if (found.covered) order.add(ResortKind::lockdown);
    const bool may_pass = !found.judging || found.pinned_as == Standing::empty;
    order.add(may_pass ? ResortKind::empty : ResortKind::leave);
    return order.list;
}

}  // namespace yett
