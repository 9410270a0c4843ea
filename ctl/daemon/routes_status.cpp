// SPDX-License-Identifier: GPL-2.0-or-later
// /v1/status, and what is answered without the gate: /v1/version, /v1/health, /v1/schema.
#include <fmt/format.h>
#include <fmt/ranges.h>
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
    for (const auto& words : gate.unsaved())
        warnings.push_back("in force, but not saved: " + words);
    auto missing = gate.wanted();
    for (const auto& attachment : there) {
        missing.erase({attachment.interface, static_cast<Direction>(attachment.direction)});
    }
    std::set<std::string> absent;
    for (const auto& [name, direction] : missing) {
        const auto found = find_interface(name);
        if (!found) {
            absent.insert(found.error().kind == ErrorKind::no
                              ? name + " is in the ruleset and does not exist"
                              : "yett does not filter " + name + ": " + found.error().message);
        } else {
            warnings.push_back("yett should be attached to " + name + " (" +
                               direction_name(static_cast<std::uint32_t>(direction)) +
                               ") and is not");
        }
    }
    warnings.insert(warnings.end(), absent.begin(), absent.end());
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

/// The operator's last ruleset; null when there never was one.
Json wished_json(const InForce& in_force) {
    if (in_force.wished == 0) return nullptr;
    return {{"generation", in_force.wished},
            {"ruleset", in_force.wished_name.empty() ? Json(nullptr) : Json(in_force.wished_name)}};
}

ApiResponse status(Gate& gate, const DaemonInfo& info) {
    const auto attachments = gate.plane().attachments();
    if (!attachments) return problem(attachments.error());
    const auto bans = read_bans(gate.plane(), boot_time());
    if (!bans) return problem(bans.error());
    const auto& active = gate.active();
    const auto& policy = active.ruleset.policy;
    const auto& in_force = gate.in_force();
    return json_response({
        {"version", info.version},
        {"healthy", is_healthy(checks_of(gate, attachments))},
        {"generation", generation_of(gate.plane().word())},
        {"ruleset", active.ruleset.name},
        {"in_force", standing_name(in_force.standing)},
        {"wished", wished_json(in_force)},
        {"why", in_force.why},
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
        {"unsaved", gate.unsaved()},
        {"kept_aside", gate.store().kept_aside()},
        {"warnings", present_warnings(gate, *attachments)},
    });
}

ApiResponse schema() {
    ApiResponse response;
    response.content_type = "application/schema+json";
    response.body = schema_text();
    return response;
}

}  // namespace

void add_status_routes(std::vector<Route>& routes, Gate& gate, const DaemonInfo& info) {
    routes.push_back({"GET", "/v1/status", Role::reader, {}, [&gate, info](const ApiRequest&) {
                          return status(gate, info);
                      }});
}

void add_loop_routes(std::vector<Route>& routes, Health& health, const DaemonInfo& info) {
    routes.push_back({"GET", "/v1/version", Role::reader, {}, [info](const ApiRequest&) {
                          return version(info);
                      }});
    routes.push_back(
        {"GET", "/v1/schema", Role::reader, {}, [](const ApiRequest&) { return schema(); }});
    Route route{"GET", "/v1/health", Role::reader, {}, {}};
    route.start = [&health](const ApiRequest&, Reply reply) { health.ask(std::move(reply)); };
    routes.push_back(std::move(route));
}

}  // namespace yett
