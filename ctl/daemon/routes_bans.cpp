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

Result<Prefix> sources_of(const ApiRequest& request) {
    const auto& text = request.arguments[0];
    const auto prefix = parse_prefix(text);
    if (prefix && !has_host_bits(*prefix)) return *prefix;
    return Error{ErrorKind::usage, quote(text) + " is not an address or a prefix", ""};
}

/// Of an address: the ban that it lies in. Of a prefix: the same, or else the first inside.
ApiResponse one(Gate& gate, const ApiRequest& request) {
    const auto sources = sources_of(request);
    if (!sources) return problem(sources.error());
    const auto bans = read_bans(gate.plane(), boot_time());
    if (!bans) return problem(bans.error());
    for (const auto& ban : *bans) {
        const bool around = ban.source.length <= sources->length;
        if (around ? !contains(ban.source, sources->address)
                   : !contains(*sources, ban.source.address))
            continue;
        Json row = row_of(gate, ban);
        row["banned"] = true;
        return json_response(row);
    }
    return json_response({{"source", to_text(*sources)}, {"banned", false}});
}

ApiResponse remove_some(Gate& gate, const ApiRequest& request) {
    const auto sources = sources_of(request);
    if (!sources) return problem(sources.error());
    const auto removed = remove_bans(gate.plane(), *sources);
    if (!removed) return problem(removed.error());
    if (*removed == 0) {
        return problem(
            {ErrorKind::no, request.arguments[0] + " is not banned", "see who is: GET /v1/bans"});
    }
    return json_response({{"deleted", *removed}});
}

ApiResponse remove_all(Gate& gate) {
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
                          return remove_all(gate);
                      }});
    routes.push_back({"GET", "/v1/bans/{address}", Role::reader, {}, [&gate](const ApiRequest& r) {
                          return one(gate, r);
                      }});
    routes.push_back(
        {"DELETE", "/v1/bans/{address}", Role::writer, {}, [&gate](const ApiRequest& r) {
             return remove_some(gate, r);
         }});
}

}  // namespace yett
