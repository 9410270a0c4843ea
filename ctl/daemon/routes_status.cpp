// SPDX-License-Identifier: GPL-2.0-or-later
// /v1/version, /v1/health, /v1/status, /v1/schema.
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "abi/types.h"
#include "apply/banks.hpp"
#include "bpf/interface.hpp"
#include "daemon/routes.hpp"
#include "daemon/views.hpp"
#include "json/schema.hpp"
#include "model/pattern.hpp"
#include "observe/snapshot.hpp"

namespace yett {
namespace {

ApiResponse version(const DaemonInfo& info) {
    return json_response({{"version", info.version}, {"abi", YETT_ABI_VERSION}});
}

/// What is wanted and is not so.
std::vector<std::string> present_warnings(const Gate& gate, const std::vector<Attachment>& there) {
    auto warnings = gate.warnings();
    auto missing = gate.wanted();
    for (const auto& attachment : there) {
        missing.erase({attachment.interface, static_cast<Direction>(attachment.direction)});
    }
    std::set<std::string> absent;
    for (const auto& [name, direction] : missing) {
        if (!find_interface(name)) {
            absent.insert(name);
        } else {
            warnings.push_back("yett should be attached to " + name + " (" +
                               direction_name(static_cast<std::uint32_t>(direction)) +
                               ") and is not");
        }
    }
    for (const auto& name : absent) {
        warnings.push_back(name + " is in the ruleset and does not exist");
    }
    for (const auto& name : gate.active().ruleset.interfaces) {
        const bool used = std::any_of(there.begin(), there.end(), [&](const Attachment& one) {
            return means_interface(name, one.interface);
        });
        if (is_pattern(name) && !used)
            warnings.push_back("no interface that " + name + " matches is filtered");
    }
    std::string off;
    for (const auto& [name, direction] : gate.detached_by_hand())
        off += (off.empty() ? "" : ", ") + (name == "*" ? "every interface" : name) + " (" +
               direction_name(static_cast<std::uint32_t>(direction)) + ")";
    if (!off.empty()) warnings.push_back("detached by hand, until a ruleset is applied: " + off);
    return warnings;
}

ApiResponse status(Gate& gate, const DaemonInfo& info) {
    const auto attachments = gate.plane().attachments();
    if (!attachments) return problem(attachments.error());
    const auto bans = read_bans(gate.plane(), boot_time());
    if (!bans) return problem(bans.error());
    const auto& active = gate.active();
    const auto& policy = active.ruleset.policy;
    return json_response({
        {"version", info.version},
        {"generation", generation_of(gate.plane().word())},
        {"ruleset", active.ruleset.name},
        {"since", time_json(gate.since())},
        {"policy", {{"ingress", verdict_name(policy[0])}, {"egress", verdict_name(policy[1])}}},
        {"bank", bank_of(gate.plane().word())},
        {"pid", ::getpid()},
        {"started", time_json(info.started)},
        {"uptime", ::time(nullptr) - info.started},
        {"adopted", gate.adopted()},
        {"rules", active.ruleset.rules.size()},
        {"sets", active.ruleset.sets.size()},
        {"boxes", active.boxes},
        {"bans", bans->size()},
        {"attachments", to_json(*attachments)},
        {"warnings", present_warnings(gate, *attachments)},
    });
}

Json check_json(const char* name, bool ok, const std::string& message) {
    return {{"name", name}, {"ok", ok}, {"message", ok ? "" : message}};
}

ApiResponse health(Gate& gate) {
    const auto word = gate.plane().word();
    const bool is_known = word != 0 && generation_of(word) == gate.active().generation;
    const auto attachments = gate.plane().attachments();
    auto checks = Json::array();
    checks.push_back(
        check_json("data-plane", attachments.ok(), attachments ? "" : attachments.error().message));
    checks.push_back(check_json("generation", is_known,
                                "the data plane judges by a ruleset that is not known here"));
    bool complete = attachments.ok();
    if (attachments) {
        auto missing = gate.wanted();
        for (const auto& one : *attachments) {
            missing.erase({one.interface, static_cast<Direction>(one.direction)});
        }
        complete = missing.empty();
    }
    checks.push_back(check_json("attachments", complete, "see the warnings of /v1/status"));
    const bool healthy = attachments.ok() && is_known && complete;
    auto response = json_response({{"healthy", healthy}, {"checks", checks}});
    response.status = healthy ? 200 : 503;
    return response;
}

ApiResponse schema() {
    ApiResponse response;
    response.content_type = "application/schema+json";
    response.body = schema_text();
    return response;
}

}  // namespace

void add_status_routes(std::vector<Route>& routes, Gate& gate, const DaemonInfo& info) {
    const auto get = [&](const char* path, std::function<ApiResponse(const ApiRequest&)> run) {
        routes.push_back({"GET", path, Role::reader, {}, std::move(run)});
    };
    get("/v1/version", [info](const ApiRequest&) { return version(info); });
    get("/v1/health", [&gate](const ApiRequest&) { return health(gate); });
    get("/v1/status", [&gate, info](const ApiRequest&) { return status(gate, info); });
    get("/v1/schema", [](const ApiRequest&) { return schema(); });
}

}  // namespace yett
