// SPDX-License-Identifier: GPL-2.0-or-later
// The report of the matching engine, for people and for programs.
#include "cli/engine_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apply/slots.hpp"
#include "cli/output.hpp"

namespace yett::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDirections[] = {"ingress", "egress"};
constexpr const char* kFamilies[] = {"ipv4", "ipv6", "other"};
constexpr const char* kPackets[] = {"with ports", "without ports", "not all known"};

double octets_a_rule(const Tables& tables) {
    return static_cast<double>(tables.report.octets) /
           static_cast<double>(std::max<std::size_t>(tables.rule_names.size(), 1));
}

const EngineClass* dearest(const EngineReport& report) {
    const auto found =
        std::max_element(report.classes.begin(), report.classes.end(),
                         [](const EngineClass& a, const EngineClass& b) {
                             return a.worst().nanoseconds() < b.worst().nanoseconds();
                         });
    return found == report.classes.end() ? nullptr : &*found;
}

Json path_json(const EnginePath& path) {
    return {{"steps", path.steps},
            {"records", path.records},
            {"boxes", path.boxes},
            {"nanoseconds", static_cast<std::uint64_t>(path.nanoseconds() + 0.5)}};
}

}  // namespace

Result<Tables> compiled(const Ruleset& ruleset) {
    auto slots = allocate_slots(Slots{}, ruleset, Kept{});
    if (!slots) return slots.error();
    return compile(ruleset, *slots);
}

std::string engine_line(const Tables& tables) {
    const EngineReport& report = tables.report;
    const EnginePath worst = report.worst();
    const EngineClass* where = dearest(report);
    std::string text = fmt::format(
        "engine: {} boxes in {} trees at most, {:.1f} KiB, {:.0f} octets a rule; the dearest "
        "packet takes {} steps and compares {} records, {} of them whole: about {:.0f} ns",
        report.boxes, where == nullptr ? 0 : where->trees.size(),
        static_cast<double>(report.octets) / 1024, octets_a_rule(tables), worst.steps,
        worst.records, worst.boxes, worst.nanoseconds());
    if (where != nullptr && where->in_sets.records != 0)
        text +=
            fmt::format(", one in no set about {:.0f} ns", where->worst_in_no_set().nanoseconds());
    if (!report.fallback.empty()) text += "\nengine: " + report.fallback;
    return text;
}

std::string engine_table(const Context& context, const EngineReport& report) {
    Table table({{"DIRECTION"},
                 {"FAMILY"},
                 {"PACKETS"},
                 {"BOXES", Table::Align::right},
                 {"TREES", Table::Align::right},
                 {"STEPS", Table::Align::right},
                 {"RECORDS", Table::Align::right},
                 {"WHOLE", Table::Align::right},
                 {"NS", Table::Align::right},
                 {"IN NO SET", Table::Align::right}});
    for (const EngineClass& one : report.classes) {
        const EnginePath worst = one.worst();
        table.row({kDirections[one.direction], kFamilies[one.family], kPackets[one.packets],
                   std::to_string(one.boxes), std::to_string(one.trees.size()),
                   std::to_string(worst.steps), std::to_string(worst.records),
                   std::to_string(worst.boxes), fmt::format("{:.0f}", worst.nanoseconds()),
                   fmt::format("{:.0f}", one.worst_in_no_set().nanoseconds())});
    }
    return table.text(context.terse);
}

Json engine_json(const Tables& tables) {
    Json classes = Json::array();
    for (const EngineClass& one : tables.report.classes) {
        classes.push_back({{"direction", kDirections[one.direction]},
                           {"family", kFamilies[one.family]},
                           {"packets", kPackets[one.packets]},
                           {"boxes", one.boxes},
                           {"counting", one.counting},
                           {"trees", one.trees.size()},
                           {"worst", path_json(one.worst())},
                           {"worst_in_no_set", path_json(one.worst_in_no_set())}});
    }
    return {{"boxes", tables.report.boxes},
            {"octets", tables.report.octets},
            {"octets_a_rule", static_cast<std::uint64_t>(octets_a_rule(tables) + 0.5)},
            {"fallback", tables.report.fallback},
            {"worst", path_json(tables.report.worst())},
            {"classes", std::move(classes)}};
}

}  // namespace yett::cli
