// SPDX-License-Identifier: GPL-2.0-or-later
// What all routes share.
#include "daemon/routes.hpp"

#include <algorithm>

namespace yett {

ApiResponse json_response(const Json& body) {
    ApiResponse response;
    response.body = to_text(body);
    return response;
}

Result<Json> parse_object(const std::string& body, const std::vector<std::string>& known) {
    if (body.empty()) return Json(Json::object());
    auto json = parse_json(body);
    if (!json) return json;
    if (!json->is_object()) {
        return Error{ErrorKind::usage, "the request body is not a JSON object", ""};
    }
    for (const auto& [key, value] : json->items()) {
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            return Error{ErrorKind::usage, "the request body has an unknown key \"" + key + "\"",
                         ""};
        }
    }
    return json;
}

Result<bool> query_flag(const ApiRequest& request, const std::string& key, bool fallback) {
    const auto found = request.query.find(key);
    if (found == request.query.end()) return fallback;
    if (found->second == "true" || found->second == "1") return true;
    if (found->second == "false" || found->second == "0") return false;
    return Error{ErrorKind::usage, key + " is true or false", ""};
}

namespace {

/// The request lives in its session until the reply comes.
void move_to_gate(Route& route, WorkThread& work) {
    const auto urgency = route.needs == Role::writer ? Urgency::change : Urgency::look;
    route.start = [&work, urgency, what = route.method + " " + route.pattern,
                   run = std::move(route.run)](const ApiRequest& request, Reply reply) {
        work.answer(
            urgency, what, [&request, &run] { return run(request); }, std::move(reply));
    };
}

}  // namespace

std::vector<Route> make_routes(Gate& gate, WorkThread& work, Health& health, CheckWorkers& workers,
                               const DaemonInfo& info) {
    std::vector<Route> routes;
    add_status_routes(routes, gate, info);
    add_ruleset_routes(routes, gate, workers);
    add_counter_routes(routes, gate);
    add_interface_routes(routes, gate);
    add_set_routes(routes, gate);
    add_import_routes(routes, gate);
    add_ban_routes(routes, gate);
    add_limit_routes(routes, gate);
    add_connection_routes(routes, gate);
    add_trace_routes(routes, gate);
    for (auto& route : routes)
        if (!route.start) move_to_gate(route, work);
    add_loop_routes(routes, health, info);
    return routes;
}

}  // namespace yett
