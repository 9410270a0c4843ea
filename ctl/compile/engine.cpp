// SPDX-License-Identifier: GPL-2.0-or-later
// One set of trees for each direction, family and class of packets; equal lists share theirs.
#include "compile/engine.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "abi/reasons.h"
#include "compile/compile.hpp"
#include "compile/directions.hpp"
#include "compile/image.hpp"
#include "compile/set_groups.hpp"
#include "compile/shapes.hpp"
#include "compile/tree.hpp"

namespace yett {
namespace {

constexpr std::size_t kMostOneWay = 32;
constexpr double kRooms[] = {1, 0.5, 0};  ///< what is tried, until it fits

// Measured on the machine of bench/README.md; they rank paths and give a scale, no more.
constexpr double kStep = 12, kRecord = 3, kBox = 25, kChunk = 15;

void join(EnginePath& path, const EnginePath& other) {
    path.steps += other.steps;
    path.records += other.records;
    path.boxes += other.boxes;
    for (unsigned f = 0; f < YETT_CUT_FIELDS; ++f) {
        path.mask[f] |= other.mask[f];
        path.value[f] |= other.value[f];
    }
}

class EngineBuilder {
  public:
    EngineBuilder(const Tables& tables, std::size_t most, double room)
        : tables_(tables), room_(room), image_(most) {
        for (const yett_action& action : tables.actions)
            counting_.push_back(action.kind == YETT_ACTION_COUNT);
    }

    void build(yett_ruleset& header) {
        for (int family = 0; family < YETT_FAMILIES; ++family) {
            auto& [ingress, egress] = header.trees;
            if (const auto both =
                    both_directions(boxes_of(0, family), boxes_of(1, family), kMostOneWay)) {
                list(YETT_INGRESS, family, *both, ingress[family]);
                std::copy_n(ingress[family], YETT_CLASSES, egress[family]);
            } else {
                list(YETT_INGRESS, family, boxes_of(0, family), ingress[family]);
                list(YETT_EGRESS, family, boxes_of(1, family), egress[family]);
            }
        }
        report_.octets = image_.in_use();
    }

    Image& image() { return image_; }
    EngineReport& report() { return report_; }

  private:
    [[nodiscard]] std::span<const yett_box> boxes_of(int direction, int family) const {
        const BoxRun& run = tables_.lists[direction][family];
        return std::span(tables_.boxes).subspan(run.first, run.count);
    }

    void list(int direction, int family, std::span<const yett_box> boxes,
              yett_trees (&trees)[YETT_CLASSES]) {
        report_.boxes += boxes.size();
        BoxTags tags{boxes, std::vector<std::uint32_t>(boxes.size()), tables_.actions};
        for (int packets = 0; packets < YETT_CLASSES; ++packets) {
            yett_trees& place = trees[packets];
            place = {};
            if (!occurs(family, packets)) {
                place.count = YETT_TREES_MISSING;
                continue;
            }
            EngineClass facts;
            facts.direction = direction;
            facts.family = family;
            facts.packets = packets;
            deciding(static_cast<yett_family>(family), packets, tags, place, facts);
            counting(static_cast<yett_family>(family), packets, tags, place, facts);
            report_.classes.push_back(std::move(facts));
        }
    }

    /// Packets that cannot be read come to the rules only where something might pass them.
    [[nodiscard]] bool occurs(int family, int packets) const {
        if (family == YETT_FAMILY_OTHER) return packets == YETT_CLASS_UNKNOWN;
        if (packets != YETT_CLASS_UNKNOWN) return true;
        const __u64 pass = tables_.ruleset.exceptions_pass;
        return (tables_.ruleset.flags & YETT_RULESET_JUDGES_LATER) != 0 ||
               (family == YETT_FAMILY_IPV6 && (pass >> YETT_REASON_EXT_TOO_LONG & 1) != 0);
    }

    [[nodiscard]] Shapes shapes(yett_family family, int packets, const BoxTags& tags,
                                bool counting) const {
        return shapes_of(tags.boxes, family, static_cast<yett_packet_class>(packets), counting_,
                         counting);
    }

    static std::vector<std::uint32_t> all(const Shapes& shapes) {
        std::vector<std::uint32_t> members(shapes.size());
        std::iota(members.begin(), members.end(), 0);
        return members;
    }

    void deciding(yett_family family, int packets, BoxTags& tags, yett_trees& place,
                  EngineClass& facts) {
        const Shapes shapes = this->shapes(family, packets, tags, false);
        TreeBuilder builder(shapes, image_, tags, true, room_);
        std::vector<std::uint32_t> members = all(shapes);
        facts.boxes = members.size();
        about_sets(take_set_groups(shapes, tags.boxes, members), builder, place, facts);
        while (!members.empty()) {
            const bool last = place.count + 1 == YETT_TREES;
            BuiltTree tree = builder.build(members, !last);
            if (tree.first_rule == YETT_NO_RULE) continue;
            place.root[place.count] = tree.root;
            place.first[place.count] = tree.first_rule;
            ++place.count;
            facts.trees.push_back(std::move(tree.paths));
            facts.most.push_back(tree.most);
        }
    }

    /// A packet may be in all sets that rules ask for: the bound is the sum of their trees.
    void about_sets(SetGroups groups, TreeBuilder& builder, yett_trees& place, EngineClass& facts) {
        place.parties = groups.parties;
        place.first_asking = groups.first;
        for (unsigned party = 0; party < YETT_SET_PARTIES; ++party) {
            if (groups.wanted[party].empty()) continue;
            place.sets[party] = image_.slots(YETT_MAX_SET_SLOTS);
            for (auto& [slot, members] : groups.wanted[party]) {
                const BuiltTree tree = builder.build(members, false);
                image_.set_slot(place.sets[party] + slot, tree.root);
                join(facts.in_sets, tree.most);
            }
        }
        if (groups.asking.empty()) return;
        BuiltTree tree = builder.build(groups.asking, false);
        place.asking = tree.root;
        facts.trees.push_back(std::move(tree.paths));
        facts.most.push_back(tree.most);
    }

    /// All in one tree: a rule must not count twice.
    void counting(yett_family family, int packets, BoxTags& tags, yett_trees& place,
                  EngineClass& facts) {
        const Shapes shapes = this->shapes(family, packets, tags, true);
        std::vector<std::uint32_t> members = all(shapes);
        facts.counting = members.size();
        if (members.empty()) return;
        for (const Shape& shape : shapes.shape)
            if (shape.box != kNoBox) place.parties |= parties_of(tags.boxes[shape.box], family);
        TreeBuilder builder(shapes, image_, tags, false, room_);
        BuiltTree tree = builder.build(members, false);
        place.counting = tree.root;
        facts.trees.push_back(std::move(tree.paths));
        facts.most.push_back(tree.most);
    }

    const Tables& tables_;
    double room_;
    std::vector<bool> counting_;
    Image image_;
    EngineReport report_;
};

bool agree(const EnginePath& a, const EnginePath& b) {
    for (unsigned f = 0; f < YETT_CUT_FIELDS; ++f)
        if (((a.value[f] ^ b.value[f]) & a.mask[f] & b.mask[f]) != 0) return false;
    return true;
}

std::string mebibytes(std::size_t octets) {
    const std::size_t tenths = (octets * 10 + (1u << 20) - 1) >> 20;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MiB";
}

/// The rule with the most boxes.
std::string widest_rule(const Tables& tables) {
    std::vector<std::size_t> counts(tables.rule_names.size());
    for (const yett_box& box : tables.boxes)
        ++counts[box.rule];
    const auto most = std::max_element(counts.begin(), counts.end());
    if (most == counts.end()) return {};
    return "; rule \"" + tables.rule_names[most - counts.begin()] + "\" takes most of them, " +
           std::to_string(*most);
}

Error too_large(const Tables& tables, std::size_t octets, std::size_t most) {
    return {ErrorKind::invalid,
            "the ruleset expands to " + std::to_string(tables.boxes.size()) +
                " combinations of values, which take " + mebibytes(octets) +
                "; there is room for " + mebibytes(most) + widest_rule(tables),
            "use sets for long lists, and name the direction and family that a rule is for"};
}

}  // namespace

double EnginePath::nanoseconds() const {
    return kStep * steps + kRecord * records + kBox * boxes +
           kChunk * (records / YETT_CHUNK_RECORDS4);
}

EnginePath EngineClass::worst_in_no_set() const {
    EnginePath sum;
    for (const EnginePath& tree : most)
        join(sum, tree);
    return sum;
}

EnginePath EngineClass::worst() const {
    EnginePath sum = worst_in_no_set();
    join(sum, in_sets);
    return sum;
}

std::array<std::uint64_t, YETT_CUT_FIELDS> EnginePath::numbers(std::uint64_t filler) const {
    std::array<std::uint64_t, YETT_CUT_FIELDS> numbers{};
    for (unsigned f = 0; f < YETT_CUT_FIELDS; ++f) {
        filler = (filler ^ filler >> 29) * 0x9e3779b97f4a7c15ull + f;
        numbers[f] = value[f] | ((filler ^ filler >> 32) & ~mask[f]);
    }
    return numbers;
}

std::vector<EnginePath> EngineClass::joined() const {
    std::vector<EnginePath> joined;
    for (const std::vector<EnginePath>& starts : trees) {
        for (EnginePath path : starts) {
            for (const std::vector<EnginePath>& others : trees) {
                if (&others == &starts) continue;
                const auto other = std::find_if(
                    others.begin(), others.end(),
                    [&](const EnginePath& candidate) { return agree(path, candidate); });
                if (other != others.end()) join(path, *other);
            }
            joined.push_back(path);
        }
    }
    std::stable_sort(joined.begin(), joined.end(), [](const EnginePath& a, const EnginePath& b) {
        return a.nanoseconds() > b.nanoseconds();
    });
    return joined;
}

EnginePath EngineReport::worst() const {
    EnginePath worst;
    for (const EngineClass& one : classes)
        if (one.worst().nanoseconds() > worst.nanoseconds()) worst = one.worst();
    return worst;
}

Result<void> build_engine(Tables& tables, std::size_t most) {
    std::string fallback;
    std::size_t octets = 0;
    for (const double room : kRooms) {
        EngineBuilder builder(tables, most, room);
        builder.build(tables.ruleset);
        octets = builder.image().octets();
        if (builder.image().fits()) {
            tables.report = std::move(builder.report());
            tables.report.box_page = builder.image().boxes();
            tables.report.built_octets = octets;
            for (const EngineClass& one : tables.report.classes)
                for (const EnginePath& most : one.most)
                    tables.report.built_records =
                        std::max(tables.report.built_records, most.records);
            tables.engine = builder.image().take();
            tables.report.fallback = fallback;
            return {};
        }
        if (fallback.empty())
            fallback = "the fast trees take " + mebibytes(octets) + " of the " + mebibytes(most) +
                       " that there are; these are smaller and slower";
    }
    return too_large(tables, octets, most);
}

}  // namespace yett
