// SPDX-License-Identifier: GPL-2.0-or-later
// One set of trees for each direction, family and class of packets; equal lists share theirs.
#include "compile/engine.hpp"

#include <algorithm>
#include <numeric>

#include "abi/reasons.h"
#include "compile/compile.hpp"
#include "compile/image.hpp"
#include "compile/shapes.hpp"
#include "compile/tree.hpp"

namespace yett {
namespace {

// Measured on the machine of bench/README.md; they rank paths and give a scale, no more.
constexpr double kBase = 25, kStep = 12, kRecord = 3, kBox = 25, kChunk = 15;

class EngineBuilder {
  public:
    EngineBuilder(const Tables& tables, bool thrifty) : tables_(tables), thrifty_(thrifty) {
        for (const yett_action& action : tables.actions)
            counting_.push_back(action.kind == YETT_ACTION_COUNT);
    }

    void build(yett_ruleset& header) {
        for (int direction = 0; direction < YETT_DIRECTIONS; ++direction)
            for (int family = 0; family < YETT_FAMILIES; ++family)
                list(direction, family, header.trees);
        report_.octets = image_.octets();
    }

    Image& image() { return image_; }
    EngineReport& report() { return report_; }

  private:
    using Trees = yett_trees[YETT_DIRECTIONS][YETT_FAMILIES][YETT_CLASSES];

    void list(int direction, int family, Trees& trees) {
        const BoxRun& run = tables_.lists[direction][family];
        for (int other = 0; other < direction; ++other) {
            if (!(tables_.lists[other][family] == run)) continue;
            std::copy_n(trees[other][family], YETT_CLASSES, trees[direction][family]);
            return;
        }
        report_.boxes += run.count;
        BoxTags tags{std::span(tables_.boxes).subspan(run.first, run.count),
                     std::vector<std::uint32_t>(run.count)};
        for (int packets = 0; packets < YETT_CLASSES; ++packets) {
            yett_trees& place = trees[direction][family][packets];
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

    /// Packets that cannot be read come to the rules only where "exceptions" lets them.
    [[nodiscard]] bool occurs(int family, int packets) const {
        if (family == YETT_FAMILY_OTHER) return packets == YETT_CLASS_UNKNOWN;
        if (packets != YETT_CLASS_UNKNOWN) return true;
        const __u64 pass = tables_.ruleset.exceptions_pass;
        return (pass >> YETT_REASON_FRAG_LATER & 1) != 0 ||
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
        TreeBuilder builder(shapes, image_, tags, true, thrifty_);
        std::vector<std::uint32_t> members = all(shapes);
        facts.boxes = members.size();
        while (!members.empty()) {
            const bool last = place.count + 1 == YETT_TREES;
            BuiltTree tree = builder.build(members, !last);
            if (tree.first_rule == YETT_NO_RULE) continue;
            place.root[place.count] = tree.root;
            place.first[place.count] = tree.first_rule;
            ++place.count;
            facts.trees.push_back(std::move(tree.paths));
        }
    }

    /// All in one tree: a rule must not count twice.
    void counting(yett_family family, int packets, BoxTags& tags, yett_trees& place,
                  EngineClass& facts) {
        const Shapes shapes = this->shapes(family, packets, tags, true);
        std::vector<std::uint32_t> members = all(shapes);
        facts.counting = members.size();
        if (members.empty()) return;
        TreeBuilder builder(shapes, image_, tags, false, thrifty_);
        BuiltTree tree = builder.build(members, false);
        place.counting = tree.root;
        facts.trees.push_back(std::move(tree.paths));
    }

    const Tables& tables_;
    bool thrifty_;
    std::vector<bool> counting_;
    Image image_;
    EngineReport report_;
};

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

Error too_large(const Tables& tables, std::size_t octets) {
    const std::size_t most = std::size_t{YETT_ENGINE_PAGES} * YETT_PAGE_OCTETS;
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

EnginePath EngineClass::worst() const {
    EnginePath sum;
    for (const std::vector<EnginePath>& paths : trees) {
        if (paths.empty()) continue;
        sum.steps += paths.front().steps;
        sum.records += paths.front().records;
        sum.boxes += paths.front().boxes;
    }
    return sum;
}

EnginePath EngineReport::worst() const {
    EnginePath worst;
    for (const EngineClass& one : classes)
        if (one.worst().nanoseconds() > worst.nanoseconds()) worst = one.worst();
    return worst;
}

Result<void> build_engine(Tables& tables) {
    std::string fallback;
    for (const bool thrifty : {false, true}) {
        EngineBuilder builder(tables, thrifty);
        builder.build(tables.ruleset);
        if (!builder.image().fits()) {
            if (thrifty) return too_large(tables, builder.image().octets());
            fallback = "the fast trees take " + mebibytes(builder.image().octets()) +
                       ", which does not fit; these are smaller and slower";
            continue;
        }
        tables.engine = builder.image().take();
        tables.report = std::move(builder.report());
        tables.report.fallback = fallback;
        return {};
    }
    return {};
}

}  // namespace yett
