// SPDX-License-Identifier: GPL-2.0-or-later
// /v1/limits.
#include "compile/compile.hpp"
#include "daemon/routes.hpp"
#include "daemon/views.hpp"
#include "json/rate.hpp"
#include "observe/limits.hpp"
#include "observe/snapshot.hpp"

namespace yett {
namespace {

Json counter_json(Gate& gate, const std::string& name) {
    const auto slot = gate.active().slots.counters.find(name);
    if (slot == gate.active().slots.counters.end()) return to_json(yett_counter{});
    return to_json(read_rule_counter(gate.plane(), slot->second));
}

/// What the rule says.
Json words_of(const Rule& rule) {
    constexpr const char* kPer[] = {"global", "src", "dst", "tuple"};
    const Limit& limit = *rule.limit;
    const bool addresses = limit.per != LimitPer::global;
    return {{"rule", rule.name},
            {"per", kPer[static_cast<unsigned>(limit.per)]},
            {"rate", print_rate(limit.rate)},
            {"burst", burst_of(limit)},
            {"unit", limit.rate.octets ? "bytes" : "packets"},
            {"prefix4", addresses ? Json(limit.prefix4) : Json(nullptr)},
            {"prefix6", addresses ? Json(limit.prefix6) : Json(nullptr)},
            {"over", rule.over_bans ? "ban" : "drop"}};
}

Json row_of(Gate& gate, const Rule& rule, const LimitUse& use) {
    Json row = words_of(rule);
    row["passed"] = counter_json(gate, rule.name);
    row["dropped"] = counter_json(gate, over_counter_name(rule.name));
    row["buckets"] = use.charged;
    row["exhausted"] = use.exhausted;
    row["untracked"] = use.untracked;
    row["shared_exhausted"] = use.shared_exhausted;
    return row;
}

/// The compiler numbers limits in the order of the rules; failsafe entries and built-ins have none.
ApiResponse list_limits(Gate& gate) {
    std::vector<const Rule*> rules;
    for (const Rule& rule : gate.active().ruleset.rules)
        if (rule.limit) rules.push_back(&rule);
    const auto table = read_limits(gate.plane(), rules.size());
    if (!table) return problem(table.error());
    auto rows = Json::array();
    for (std::size_t i = 0; i < rules.size(); ++i)
        rows.push_back(row_of(gate, *rules[i], table->limits[i]));
    return json_response({{"generation", gate.active().generation},
                          {"limits", rows},
                          {"table", {{"charged", table->charged}, {"capacity", table->capacity}}}});
}

}  // namespace

void add_limit_routes(std::vector<Route>& routes, Gate& gate) {
    routes.push_back({"GET", "/v1/limits", Role::reader, {}, [&gate](const ApiRequest&) {
                          return list_limits(gate);
                      }});
}

}  // namespace yett
