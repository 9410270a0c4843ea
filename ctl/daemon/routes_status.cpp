// SPDX-License-Identifier: GPL-2.0-or-later
// /v1/version, /v1/health, /v1/status, /v1/schema.
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

struct Check {
    const char* name;
    bool ok;
    std::string message;  ///< what is wrong, where it is
};

bool all_attached(const Gate& gate, const std::vector<Attachment>& there) {
    auto missing = gate.wanted();
    for (const auto& one : there)
        missing.erase({one.interface, static_cast<Direction>(one.direction)});
    return missing.empty();
}

std::string joined(const std::vector<std::string>& texts) {
    return fmt::format("{}", fmt::join(texts, "; "));
}

/// What must hold for this gate to do what was wished of it, now and after a reboot.
std::vector<Check> checks_of(Gate& gate, const Result<std::vector<Attachment>>& attachments) {
    const auto word = gate.plane().word();
    const bool is_known = word != 0 && generation_of(word) == gate.active().generation;
    const auto& in_force = gate.in_force();
    const auto unsaved = gate.unsaved();
    const auto& lists = gate.missing_lists();
    const bool complete = attachments.ok() && all_attached(gate, *attachments);
    return {
        {"data-plane", attachments.ok(), attachments ? "" : attachments.error().message},
        {"generation", is_known, "the data plane judges by a ruleset that is not known here"},
        {"attachments", complete, "see the warnings of /v1/status"},
        {"ruleset", in_force.why.empty(), in_force.why},
        {"saved", unsaved.empty(), joined(unsaved)},
        {"lists", lists.empty(), fmt::format("no list for: {}", fmt::join(lists, ", "))},
    };
}

bool is_healthy(const std::vector<Check>& checks) {
    return std::all_of(checks.begin(), checks.end(), [](const Check& one) { return one.ok; });
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

ApiResponse health(Gate& gate) {
    const auto checks = checks_of(gate, gate.plane().attachments());
    auto list = Json::array();
    for (const auto& one : checks)
        list.push_back({{"name", one.name},
                        {"ok", one.ok},
                        {"message", one.ok ? std::string() : one.message}});
    const bool healthy = is_healthy(checks);
    auto response = json_response({{"healthy", healthy}, {"checks", list}});
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
