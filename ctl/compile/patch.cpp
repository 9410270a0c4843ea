// SPDX-License-Identifier: GPL-2.0-or-later
// Lists of boxes are spliced, trees are edited.
#include "compile/patch.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "abi/limits.h"
#include "compile/directions.hpp"
#include "compile/edit_class.hpp"
#include "compile/set_groups.hpp"

namespace yett {
namespace {

constexpr std::size_t kLongLeaf = 32;  ///< records: more are worth a look for a better cut
constexpr std::size_t kNoBound = std::numeric_limits<std::size_t>::max() / 2;

bool named_apart(const yett_address& a_first, const yett_address& a_last,
                 const yett_address& b_first, const yett_address& b_last) {
    return above(a_first, b_last) || above(b_first, a_last);
}

/// A cheap look at addresses: false only where no packet is in both.
bool may_meet(const yett_box& a, const yett_box& b) {
    const std::uint32_t both = a.named & b.named;
    if (both & YETT_FIELD_BIT(SRC) && named_apart(a.src_first, a.src_last, b.src_first, b.src_last))
        return false;
    return !(both & YETT_FIELD_BIT(DST) &&
             named_apart(a.dst_first, a.dst_last, b.dst_first, b.dst_last));
}

class Patch {
  public:
    Patch(Tables& tables, const RuleChange& change)
        : tables_(tables),
          change_(change),
          gone_{change.first, change.first + change.gone},
          more_(static_cast<std::int64_t>(change.actions.size()) - change.gone),
          image_(kEngineOctets, std::move(tables.engine), tables.report.box_page),
          renumbering_(image_, gone_.last, more_) {}

    bool run() {
        const auto& trees = tables_.ruleset.trees;
        std::vector<ListChange> changes;
        for (int family = 0; family < YETT_FAMILIES; ++family) {
            const bool shared = std::memcmp(trees[YETT_INGRESS][family], trees[YETT_EGRESS][family],
                                            sizeof trees[YETT_INGRESS][family]) == 0;
            if (shared) {
                changes.push_back(change_of_both(family));
                continue;
            }
            changes.push_back(change_of(YETT_INGRESS, family));
            changes.push_back(change_of(YETT_EGRESS, family));
        }
        if (!std::all_of(changes.begin(), changes.end(),
                         [&](const ListChange& change) { return can_be_edited(change); }))
            return false;
        splice_rules();
        for (const ListChange& change : changes)
            if (!edit(change)) return false;
        return splice_lists() && finish();
    }

  private:
    [[nodiscard]] std::span<const yett_box> list(int direction, int family) const {
        const BoxRun& run = tables_.lists[direction][family];
        return std::span(tables_.boxes).subspan(run.first, run.count);
    }
    [[nodiscard]] const Boxes& new_boxes(int direction, int family) const {
        return change_.boxes[direction * YETT_FAMILIES + family].boxes;
    }
    /// Before the first box of the rule, or of a later one.
    static std::size_t place_of(std::span<const yett_box> list, std::uint32_t rule) {
        return static_cast<std::size_t>(std::ranges::lower_bound(list, rule, {}, &yett_box::rule) -
                                        list.begin());
    }
    [[nodiscard]] std::span<const yett_box> gone_of(std::span<const yett_box> list) const {
        const std::size_t first = place_of(list, gone_.first);
        return list.subspan(first, place_of(list, gone_.last) - first);
    }

    [[nodiscard]] Boxes behind(int direction, int family) const;
    [[nodiscard]] ListChange change_of(int direction, int family) const;
    [[nodiscard]] ListChange change_of_both(int family) const;
    [[nodiscard]] bool can_be_edited(const ListChange& change) const;
    bool edit(const ListChange& change);
    EngineClass* facts_of(int direction, int family, int packets);
    void splice_rules();
    bool splice_lists();
    bool finish();

    Tables& tables_;
    const RuleChange& change_;
    RuleRange gone_;
    std::int64_t more_;
    Image image_;
    Renumbering renumbering_;
    std::size_t longest_ = 0;
};

Boxes Patch::behind(int direction, int family) const {
    const std::span<const yett_box> all = list(direction, family), gone = gone_of(all);
    Boxes found;
    if (gone.empty()) return found;
    for (const yett_box& box : all.subspan(place_of(all, gone_.last))) {
        // Those that count or ask for sets stand in other trees, where nothing goes.
        if (parties_of(box, static_cast<yett_family>(family)) != 0 ||
            tables_.actions[box.rule].kind == YETT_ACTION_COUNT)
            continue;
        if (std::none_of(gone.begin(), gone.end(),
                         [&](const yett_box& one) { return may_meet(one, box); }))
            continue;
        found.push_back(box);
        found.back().rule = renumbering_.of(box.rule);
    }
    return found;
}

ListChange Patch::change_of(int direction, int family) const {
    const auto gone = gone_of(list(direction, family));
    return {direction,
            false,
            static_cast<yett_family>(family),
            {gone.begin(), gone.end()},
            new_boxes(direction, family),
            behind(direction, family)};
}

ListChange Patch::change_of_both(int family) const {
    const auto both = [](std::span<const yett_box> ingress, std::span<const yett_box> egress) {
        return both_directions(ingress, egress, kNoBound).value();
    };
    return {YETT_INGRESS,
            true,
            static_cast<yett_family>(family),
            both(gone_of(list(YETT_INGRESS, family)), gone_of(list(YETT_EGRESS, family))),
            both(new_boxes(YETT_INGRESS, family), new_boxes(YETT_EGRESS, family)),
            both(behind(YETT_INGRESS, family), behind(YETT_EGRESS, family))};
}

/// Rules that count, or ask for sets of addresses, have trees of their own, which no edit reaches.
bool Patch::can_be_edited(const ListChange& change) const {
    const auto decides = [](const yett_action& action) { return action.kind != YETT_ACTION_COUNT; };
    const auto asks = [&](const yett_box& box) { return parties_of(box, change.family) != 0; };
    const auto first = tables_.actions.begin() + gone_.first;
    return std::all_of(first, first + change_.gone, decides) &&
           std::all_of(change_.actions.begin(), change_.actions.end(), decides) &&
           std::none_of(change.gone.begin(), change.gone.end(), asks) &&
           std::none_of(change.come.begin(), change.come.end(), asks) &&
           change.behind.size() <= kMostBehind;
}

EngineClass* Patch::facts_of(int direction, int family, int packets) {
    for (EngineClass& one : tables_.report.classes)
        if (one.direction == direction && one.family == family && one.packets == packets)
            return &one;
    return nullptr;
}

bool Patch::edit(const ListChange& change) {
    auto& trees = tables_.ruleset.trees;
    for (int packets = 0; packets < YETT_CLASSES; ++packets) {
        yett_trees& place = trees[change.direction][change.family][packets];
        EngineClass* facts = facts_of(change.direction, change.family, packets);
        if (place.count == YETT_TREES_MISSING || facts == nullptr) continue;
        ClassEdit edit(image_, renumbering_, tables_.actions,
                       {change.family, static_cast<yett_packet_class>(packets), place, *facts});
        if (!edit.run(change, gone_, more_ != 0)) return false;
        longest_ = std::max(longest_, edit.longest());
    }
    if (change.both_ways)
        std::copy_n(trees[YETT_INGRESS][change.family], YETT_CLASSES,
                    trees[YETT_EGRESS][change.family]);
    tables_.report.boxes += change.come.size() - change.gone.size();
    return true;
}

template <typename Element>
void splice(std::vector<Element>& elements, const RuleRange& gone,
            const std::vector<Element>& come) {
    const auto first = elements.begin() + gone.first;
    const auto place = elements.erase(first, first + (gone.last - gone.first));
    elements.insert(place, come.begin(), come.end());
}

void Patch::splice_rules() {
    splice(tables_.actions, gone_, change_.actions);
    splice(tables_.rule_names, gone_, change_.names);
}

/// Lists that were one stay one, where the same comes to both.
bool Patch::splice_lists() {
    Boxes all;
    all.reserve(tables_.boxes.size() + change_.boxes.size());
    const auto old = tables_.lists;
    const auto splice_one = [&](int direction, int family) {
        for (int i = 0; i < direction * YETT_FAMILIES + family; ++i) {
            const int d = i / YETT_FAMILIES, f = i % YETT_FAMILIES;
            if (old[d][f] == old[direction][family] &&
                std::ranges::equal(new_boxes(d, f), new_boxes(direction, family),
                                   [](const yett_box& a, const yett_box& b) {
                                       return std::memcmp(&a, &b, sizeof a) == 0;
                                   }))
                return tables_.lists[d][f];
        }
        const std::size_t first = all.size();
        const std::span<const yett_box> boxes = list(direction, family);
        const auto before = boxes.first(place_of(boxes, gone_.first));
        const auto after = boxes.subspan(place_of(boxes, gone_.last));
        const Boxes& come = new_boxes(direction, family);
        all.insert(all.end(), before.begin(), before.end());
        all.insert(all.end(), come.begin(), come.end());
        for (const yett_box& box : after) {
            all.push_back(box);
            all.back().rule = renumbering_.of(box.rule);
        }
        return BoxRun{static_cast<std::uint32_t>(first),
                      static_cast<std::uint32_t>(all.size() - first)};
    };
    for (int direction = 0; direction < YETT_DIRECTIONS; ++direction)
        for (int family = 0; family < YETT_FAMILIES; ++family)
            tables_.lists[direction][family] = splice_one(direction, family);
    tables_.boxes = std::move(all);
    return tables_.boxes.size() <= YETT_MAX_BOXES;
}

bool Patch::finish() {
    EngineReport& report = tables_.report;
    const std::size_t most =
        report.built_octets + std::max<std::size_t>(report.built_octets / 4, YETT_PAGE_OCTETS);
    if (!image_.fits() || image_.octets() > most) return false;
    if (longest_ > std::max<std::size_t>(kLongLeaf, report.built_records)) return false;
    report.octets = image_.in_use();
    report.box_page = image_.boxes();
    tables_.engine = image_.take();
    return true;
}

}  // namespace

bool patch(Tables& tables, const RuleChange& change) {
    return Patch(tables, change).run();
}

}  // namespace yett
