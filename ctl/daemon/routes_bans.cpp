// SPDX-License-Identifier: GPL-2.0-or-later
// /v1/bans.
#include "base/quote.hpp"
#include "daemon/routes.hpp"
#include "daemon/views.hpp"
#include "observe/snapshot.hpp"

namespace yett {
namespace {

Json rule_of(const Gate& gate, std::uint32_t slot) {
    for (const auto& [name, counter] : gate.active().slots.counters) {
        if (counter == slot) return name;
    }
    return nullptr;
}

Json row_of(const Gate& gate, const Ban& ban) {
    return {{"source", to_text(ban.source)},
            {"rule", rule_of(gate, ban.counter)},
            {"added", boot_time_json(ban.added)},
            {"expires", boot_time_json(ban.expires)}};
}

ApiResponse list_bans(Gate& gate) {
    const auto bans = read_bans(gate.plane(), boot_time());
    if (!bans) return problem(bans.error());
    auto rows = Json::array();
    for (const auto& ban : *bans)
        rows.push_back(row_of(gate, ban));
    const auto counters = read_ban_counters(gate.plane());
    if (!counters) return problem(counters.error());
    return json_response({{"total", rows.size()},
                          {"bans", rows},
                          {"capacity", YETT_MAX_AUTO_BANS},
                          {"made", counters->made},
                          {"evicted", counters->evicted},
                          {"unproven", counters->unproven},
                          {"spared", counters->spared}});
}

Result<Address> address_of(const ApiRequest& request) {
    const auto& text = request.arguments[0];
    const auto address = parse_address(text);
    if (address) return *address;
    return Error{ErrorKind::usage, quote(text) + " is not an address", ""};
}

ApiResponse one(Gate& gate, const ApiRequest& request) {
    const auto address = address_of(request);
    if (!address) return problem(address.error());
    const auto bans = read_bans(gate.plane(), boot_time());
    if (!bans) return problem(bans.error());
    Json row = {{"source", to_text(*address)}, {"banned", false}};
    for (const auto& ban : *bans) {
        if (ban.source != *address) continue;
        row = row_of(gate, ban);
        row["banned"] = true;
    }
    return json_response(row);
}

ApiResponse remove_one(Gate& gate, const ApiRequest& request) {
    const auto& text = request.arguments[0];
    const auto address = address_of(request);
    if (!address) return problem(address.error());
    const auto removed = remove_ban(gate.plane(), *address);
    if (!removed) return problem(removed.error());
    if (!*removed) {
        return problem({ErrorKind::no, text + " is not banned", "see who is: GET /v1/bans"});
    }
    return json_response({{"deleted", 1}});
}

ApiResponse remove_bans(Gate& gate) {
    const auto removed = remove_all_bans(gate.plane());
    if (!removed) return problem(removed.error());
    return json_response({{"deleted", *removed}});
}

}  // namespace

void add_ban_routes(std::vector<Route>& routes, Gate& gate) {
    routes.push_back({"GET", "/v1/bans", Role::reader, {}, [&gate](const ApiRequest&) {
                          return list_bans(gate);
                      }});
    routes.push_back({"DELETE", "/v1/bans", Role::writer, {}, [&gate](const ApiRequest&) {
                          return remove_bans(gate);
                      }});
    routes.push_back({"GET", "/v1/bans/{address}", Role::reader, {}, [&gate](const ApiRequest& r) {
                          return one(gate, r);
                      }});
    routes.push_back(
        {"DELETE", "/v1/bans/{address}", Role::writer, {}, [&gate](const ApiRequest& r) {
             return remove_one(gate, r);
         }});
}

}  // namespace yett
