// SPDX-License-Identifier: GPL-2.0-or-later
// /v1/rules, /v1/reasons, /v1/counters.
#include <ctime>

#include "apply/banks.hpp"
#include "daemon/interface_rows.hpp"
#include "daemon/routes.hpp"
#include "daemon/views.hpp"
#include "model/reason.hpp"
#include "observe/snapshot.hpp"

namespace yett {
namespace {

const char* kind_of(const Rule& rule, std::size_t index, std::size_t own_end) {
    if (rule.name == kFailsafeName) return "failsafe";
    return index < own_end ? "rule" : "builtin";
}

/// A name without a slot (nothing was ever applied) has not counted.
Result<yett_counter> counter_of(Gate& gate, const std::string& name) {
    const auto slot = gate.active().slots.counters.find(name);
    if (slot == gate.active().slots.counters.end()) return yett_counter{};
    return read_rule_counter(gate.plane(), slot->second);
}

/// Adds packets, bytes, and what was over the limit.
Result<Json> with_counter(Json row, Gate& gate, const std::string& name, bool limited) {
    const auto counter = counter_of(gate, name);
    if (!counter) return counter.error();
    row["packets"] = std::uint64_t{counter->packets};
    row["bytes"] = std::uint64_t{counter->bytes};
    row["over"] = nullptr;
    if (limited) {
        const auto over = counter_of(gate, over_counter_name(name));
        if (!over) return over.error();
        row["over"] = to_json(*over);
    }
    return row;
}

Result<void> add_policies(Json& list, Gate& gate) {
    for (const auto direction : {Direction::ingress, Direction::egress}) {
        const auto index = static_cast<std::uint32_t>(direction);
        auto row = with_counter({{"index", nullptr},
                                 {"name", kPolicyName},
                                 {"kind", "policy"},
                                 {"action", verdict_name(gate.active().ruleset.policy[index])},
                                 {"direction", direction_name(index)}},
                                gate, policy_counter_name(direction), false);
        if (!row) return row.error();
        (*row)["comment"] = "";
        list.push_back(std::move(*row));
    }
    return {};
}

Result<Json> rule_rows(Gate& gate) {
    auto list = Json::array();
    const auto& ruleset = gate.active().ruleset;
    const auto rules = effective_rules(ruleset);
    const auto own_end = own_rules_begin(ruleset) + ruleset.rules.size();
    std::set<std::string> seen;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const auto& rule = rules[i];
        if (!seen.insert(rule.name).second) continue;
        auto row = with_counter({{"index", i},
                                 {"name", rule.name},
                                 {"kind", kind_of(rule, i, own_end)},
                                 {"action", action_name(rule.action)},
                                 {"direction", nullptr}},
                                gate, rule.name, rule.limit.has_value());
        if (!row) return row.error();
        (*row)["comment"] = rule.comment;
        list.push_back(std::move(*row));
    }
    if (auto done = add_policies(list, gate); !done) return done.error();
    return list;
}

const char* kind_name(yett_reason_kind kind) {
    switch (kind) {
        case YETT_REASON_KIND_RULE:
            return "rule";
        case YETT_REASON_KIND_FIXED:
            return "fixed";
        case YETT_REASON_KIND_EXCEPT:
            return "exception";
        case YETT_REASON_KIND_SWITCH:
            break;
    }
    return "switch";
}

Result<Json> reason_rows(Gate& gate, bool all) {
    auto list = Json::array();
    for (std::uint32_t direction = 0; direction < YETT_DIRECTIONS; ++direction) {
        const auto counters = read_reason_counters(gate.plane(), direction);
        if (!counters) return counters.error();
        for (std::size_t i = 0; i < counters->size(); ++i) {
            const auto& one = (*counters)[i];
            if (!all && one.passed.packets == 0 && one.dropped.packets == 0) continue;
            list.push_back({{"name", kReasons[i].name},
                            {"direction", direction_name(direction)},
                            {"kind", kind_name(kReasons[i].kind)},
                            {"text", kReasons[i].words},
                            {"passed", to_json(one.passed)},
                            {"dropped", to_json(one.dropped)}});
        }
    }
    return list;
}

ApiResponse rules(Gate& gate) {
    auto rows = rule_rows(gate);
    if (!rows) return problem(rows.error());
    return json_response({{"generation", gate.active().generation}, {"rules", *rows}});
}

ApiResponse one_rule(Gate& gate, const ApiRequest& request) {
    const auto& name = request.arguments[0];
    const auto wanted = request.query.find("direction");
    auto rows = rule_rows(gate);
    if (!rows) return problem(rows.error());
    for (const auto& row : *rows) {
        if (row["name"] != name) continue;
        if (row["kind"] == "policy") {
            if (wanted == request.query.end()) {
                return problem({ErrorKind::usage, "which policy?", "add ?direction=ingress"});
            }
            if (row["direction"] != wanted->second) continue;
        }
        return json_response(row);
    }
    return problem({ErrorKind::no, "there is no rule " + name, "see them with: yett show rules"});
}

ApiResponse reasons(Gate& gate, const ApiRequest& request) {
    const auto all = query_flag(request, "all", false);
    if (!all) return problem(all.error());
    auto rows = reason_rows(gate, *all);
    if (!rows) return problem(rows.error());
    return json_response({{"generation", gate.active().generation}, {"reasons", *rows}});
}

ApiResponse counters(Gate& gate, const ApiRequest& request) {
    const auto all = query_flag(request, "all", false);
    if (!all) return problem(all.error());
    auto rule_list = rule_rows(gate);
    if (!rule_list) return problem(rule_list.error());
    auto reason_list = reason_rows(gate, *all);
    if (!reason_list) return problem(reason_list.error());
    auto interface_list = interface_rows(gate);
    if (!interface_list) return problem(interface_list.error());
    return json_response({{"generation", gate.active().generation},
                          {"time", time_json(::time(nullptr))},
                          {"rules", *rule_list},
                          {"reasons", *reason_list},
                          {"interfaces", *interface_list}});
}

}  // namespace

void add_counter_routes(std::vector<Route>& routes, Gate& gate) {
    routes.push_back(
        {"GET", "/v1/rules", Role::reader, {}, [&gate](const ApiRequest&) { return rules(gate); }});
    routes.push_back(
        {"GET", "/v1/rules/{name}", Role::reader, {"direction"}, [&gate](const ApiRequest& r) {
             return one_rule(gate, r);
         }});
    routes.push_back({"GET", "/v1/reasons", Role::reader, {"all"}, [&gate](const ApiRequest& r) {
                          return reasons(gate, r);
                      }});
    routes.push_back({"GET", "/v1/counters", Role::reader, {"all"}, [&gate](const ApiRequest& r) {
                          return counters(gate, r);
                      }});
}

}  // namespace yett
