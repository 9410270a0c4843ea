// SPDX-License-Identifier: GPL-2.0-or-later
// /v1/interfaces and their attachments.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "bpf/interface.hpp"
#include "daemon/interface_rows.hpp"
#include "daemon/routes.hpp"
#include "daemon/views.hpp"
#include "observe/snapshot.hpp"

namespace yett {
namespace {

Json row_of(const Hook& hook, const Attachment* attachment, bool wanted,
            const yett_interface_counters& counters, const Coverage::Figures& uncovered) {
    Json row = {{"name", hook.first}};
    if (const auto found = find_interface(hook.first)) {
        row["ifindex"] = found->index;
    } else {
        row["ifindex"] = nullptr;
    }
    row["direction"] = direction_name(static_cast<std::uint32_t>(hook.second));
    row["attached"] = attachment != nullptr;
    row["wanted"] = wanted;
    row["mode"] = attachment != nullptr ? Json(mode_name(attachment->mode)) : Json(nullptr);
    row["note"] = attachment != nullptr ? attachment->note : "";
    row["seen"] = to_json(counters.seen);
    row["passed"] = to_json(counters.passed);
    row["dropped"] = to_json(counters.dropped);
    row["uncovered"] = {{"times", uncovered.times}, {"milliseconds", uncovered.open.count()}};
    return row;
}

/// One direction, or both when the query names none.
Result<std::set<Hook>> hooks_of_request(const ApiRequest& request) {
    const auto& name = request.arguments[0];
    const auto query = request.query.find("direction");
    if (query == request.query.end()) return hooks_of({name});
    const auto direction = parse_direction(query->second);
    if (!direction) return Error{ErrorKind::usage, "direction is ingress or egress", ""};
    return std::set<Hook>{{name, *direction}};
}

/// Whether what was done by hand outlives a reboot.
ApiResponse with_saving(Json answer, const Gate& gate) {
    const auto unsaved = gate.unsaved();
    answer["saved"] = unsaved.empty();
    answer["unsaved"] =
        unsaved.empty() ? Json(nullptr) : Json(fmt::format("{}", fmt::join(unsaved, "; ")));
    return json_response(answer);
}

ApiResponse list_interfaces(Gate& gate) {
    auto rows = interface_rows(gate);
    if (!rows) return problem(rows.error());
    return json_response({{"interfaces", *rows}});
}

ApiResponse attach(Gate& gate, const ApiRequest& request) {
    const auto hooks = hooks_of_request(request);
    if (!hooks) return problem(hooks.error());
    if (auto found = find_interface(request.arguments[0]); !found) {
        auto error = found.error();
        error.kind = ErrorKind::no;
        return problem(error);
    }
    const auto attached = gate.attach(*hooks);
    if (!attached) return problem(attached.error());
    return with_saving({{"attached", to_json(*attached)}}, gate);
}

ApiResponse detach(Gate& gate, const ApiRequest& request) {
    const auto hooks = hooks_of_request(request);
    if (!hooks) return problem(hooks.error());
    const auto detached = gate.detach(*hooks);
    if (!detached) return problem(detached.error());
    if (detached->empty()) {
        return problem({ErrorKind::no, "yett is not attached to " + request.arguments[0],
                        "see where it is with: yett show interfaces"});
    }
    return with_saving({{"detached", to_json(*detached)}}, gate);
}

ApiResponse detach_all(Gate& gate) {
    const auto detached = gate.detach_all();
    if (!detached) return problem(detached.error());
    return with_saving({{"detached", to_json(*detached)}}, gate);
}

}  // namespace

Result<Json> interface_rows(Gate& gate) {
    const auto attachments = gate.plane().attachments();
    if (!attachments) return attachments.error();
    std::map<Hook, const Attachment*> by_hook;
    for (const auto& one : *attachments) {
        by_hook[{one.interface, static_cast<Direction>(one.direction)}] = &one;
    }
    const auto wanted = gate.wanted();
    for (const auto& hook : wanted)
        by_hook.emplace(hook, nullptr);
    for (const auto& [name, slot] : gate.active().slots.interfaces) {
        for (const auto& hook : hooks_of({name}))
            by_hook.emplace(hook, nullptr);
    }
    auto rows = Json::array();
    for (const auto& [hook, attachment] : by_hook) {
        yett_interface_counters counters{};
        const auto slot = gate.active().slots.interfaces.find(hook.first);
        if (slot != gate.active().slots.interfaces.end()) {
            auto read = read_interface_counters(gate.plane(), slot->second,
                                                static_cast<std::uint32_t>(hook.second));
            if (!read) return read.error();
            counters = *read;
        }
        const bool is_wanted = wanted.count(hook) != 0;
        if (attachment == nullptr && !is_wanted && counters.seen.packets == 0) continue;
        rows.push_back(row_of(hook, attachment, is_wanted, counters, gate.coverage().of(hook)));
    }
    return rows;
}

void add_interface_routes(std::vector<Route>& routes, Gate& gate) {
    routes.push_back({"GET", "/v1/interfaces", Role::reader, {}, [&gate](const ApiRequest&) {
                          return list_interfaces(gate);
                      }});
    routes.push_back({"DELETE", "/v1/interfaces", Role::writer, {}, [&gate](const ApiRequest&) {
                          return detach_all(gate);
                      }});
    routes.push_back({"PUT",
                      "/v1/interfaces/{name}/attachment",
                      Role::writer,
                      {"direction"},
                      [&gate](const ApiRequest& r) { return attach(gate, r); }});
    routes.push_back({"DELETE",
                      "/v1/interfaces/{name}/attachment",
                      Role::writer,
                      {"direction"},
                      [&gate](const ApiRequest& r) { return detach(gate, r); }});
}

}  // namespace yett
