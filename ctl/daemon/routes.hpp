// SPDX-License-Identifier: GPL-2.0-or-later
// The routes of api/routes.md, group by group.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/json_text.hpp"
#include "api/problem.hpp"
#include "api/router.hpp"
#include "daemon/check_worker.hpp"
#include "daemon/gate.hpp"
#include "daemon/health.hpp"
#include "daemon/work_thread.hpp"

namespace yett {

struct DaemonInfo {
    std::string version;
    std::int64_t started = 0;  ///< seconds since 1970, UTC
};

/// Those that ask the gate, each on the gate's thread, and those that the loop answers by itself.
/// All that is named here must outlive what is returned.
std::vector<Route> make_routes(Gate& gate, WorkThread& work, Health& health, CheckWorkers& workers,
                               const DaemonInfo& info);

void add_status_routes(std::vector<Route>& routes, Gate& gate, const DaemonInfo& info);
void add_loop_routes(std::vector<Route>& routes, Health& health, const DaemonInfo& info);
void add_ruleset_routes(std::vector<Route>& routes, Gate& gate, CheckWorkers& workers);
void add_counter_routes(std::vector<Route>& routes, Gate& gate);
void add_interface_routes(std::vector<Route>& routes, Gate& gate);
void add_set_routes(std::vector<Route>& routes, Gate& gate);
void add_import_routes(std::vector<Route>& routes, Gate& gate);
void add_ban_routes(std::vector<Route>& routes, Gate& gate);
void add_limit_routes(std::vector<Route>& routes, Gate& gate);
void add_connection_routes(std::vector<Route>& routes, Gate& gate);
void add_trace_routes(std::vector<Route>& routes, Gate& gate);

ApiResponse json_response(const Json& body);
/// The body as an object whose keys are all in `known`; an empty body is an empty object.
Result<Json> parse_object(const std::string& body, const std::vector<std::string>& known);
/// Absent: `fallback`. Fails with kind usage.
Result<bool> query_flag(const ApiRequest& request, const std::string& key, bool fallback);

}  // namespace yett
