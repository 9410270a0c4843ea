// SPDX-License-Identifier: GPL-2.0-or-later
// /v1/connections.
#include <charconv>

#include "base/quote.hpp"
#include "daemon/routes.hpp"
#include "daemon/views.hpp"
#include "model/names.hpp"
#include "model/protocol.hpp"
#include "observe/connections.hpp"

namespace yett {
namespace {

constexpr std::uint32_t kMostConnections = 100000;

const std::string* find(const ApiRequest& request, const char* key) {
    const auto found = request.query.find(key);
    return found == request.query.end() ? nullptr : &found->second;
}

Result<std::uint32_t> number(const std::string& text, const char* key, std::uint32_t most) {
    std::uint32_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && stop == end && value <= most) return value;
    return Error{ErrorKind::usage, quote(text) + " is no " + key,
                 std::string(key) + " is a number from 0 to " + std::to_string(most)};
}

Result<std::uint8_t> protocol(const std::string& text) {
    if (const auto named = number_of(protocol_names(), text))
        return static_cast<std::uint8_t>(*named);
    const auto value = number(text, "protocol", 255);
    if (!value) return value.error();
    return static_cast<std::uint8_t>(*value);
}

Result<yett_connection_phase> phase(const std::string& text) {
    std::string hint = "write one of";
    for (int i = 1; i < YETT_PHASE_COUNT; ++i) {
        if (kPhaseNames[i] == text) return static_cast<yett_connection_phase>(i);
        hint += " " + std::string(kPhaseNames[i]);
    }
    return Error{ErrorKind::usage, quote(text) + " is no state of a connection", hint};
}

/// Puts what `read` makes of the query's text where the filter wants it.
template <typename Read, typename Into>
Result<void> take(const ApiRequest& request, const char* key, Read read, Into& into) {
    const std::string* text = find(request, key);
    if (!text) return {};
    auto value = read(*text);
    if (!value) return Error{ErrorKind::usage, value.error().message, value.error().hint};
    into = *value;
    return {};
}

Result<ConnectionFilter> filter_of(const ApiRequest& request) {
    ConnectionFilter filter;
    const auto port = [](const std::string& text) { return number(text, "port", 65535); };
    const auto most = [](const std::string& text) {
        return number(text, "limit", kMostConnections);
    };
    const auto prefix = [](const std::string& text) -> Result<Prefix> {
        const auto read = parse_prefix(text);
        if (read) return *read;
        return Error{ErrorKind::usage, quote(text) + " is no address and no prefix", ""};
    };
    auto done = take(request, "proto", protocol, filter.proto);
    if (done) done = take(request, "state", phase, filter.phase);
    if (done) done = take(request, "src", prefix, filter.source);
    if (done) done = take(request, "dst", prefix, filter.destination);
    if (done) done = take(request, "port", port, filter.port);
    if (done) done = take(request, "limit", most, filter.most);
    if (!done) return done.error();
    return filter;
}

Json row_of(const Connection& one) {
    const bool ports = one.source_port != 0 || one.destination_port != 0;
    return {{"proto", protocol_name(one.proto)},
            {"state", kPhaseNames[one.phase]},
            {"src", to_text(one.source)},
            {"sport", ports ? Json(one.source_port) : Json(nullptr)},
            {"dst", to_text(one.destination)},
            {"dport", ports ? Json(one.destination_port) : Json(nullptr)},
            {"proven", one.proven},
            {"inner", one.inner},
            {"idle", one.idle},
            {"expires", one.expires}};
}

ApiResponse list_connections(Gate& gate, const ApiRequest& request) {
    const auto filter = filter_of(request);
    if (!filter) return problem(filter.error());
    const auto table = read_connections(gate.plane(), *filter);
    if (!table) return problem(table.error());
    auto rows = Json::array();
    for (const auto& one : table->connections)
        rows.push_back(row_of(one));
    auto families = Json::array();
    for (const auto family : {Family::ipv4, Family::ipv6}) {
        const auto i = static_cast<int>(family);
        families.push_back({{"family", family == Family::ipv4 ? "ipv4" : "ipv6"},
                            {"known", table->known[i]},
                            {"capacity", table->capacity[i]}});
    }
    return json_response({{"total", table->matching},
                          {"connections", rows},
                          {"tables", families},
                          {"made", std::uint64_t{table->counters.made}},
                          {"evicted", std::uint64_t{table->counters.evicted}},
                          {"evicted_proven", std::uint64_t{table->counters.evicted_proven}},
                          {"lost", std::uint64_t{table->counters.lost}}});
}

ApiResponse remove_connections(Gate& gate) {
    const auto removed = forget_connections(gate.plane());
    if (!removed) return problem(removed.error());
    return json_response({{"deleted", *removed}});
}

}  // namespace

void add_connection_routes(std::vector<Route>& routes, Gate& gate) {
    routes.push_back({"GET",
                      "/v1/connections",
                      Role::reader,
                      {"proto", "state", "src", "dst", "port", "limit"},
                      [&gate](const ApiRequest& r) { return list_connections(gate, r); }});
    routes.push_back({"DELETE", "/v1/connections", Role::writer, {}, [&gate](const ApiRequest&) {
                          return remove_connections(gate);
                      }});
}

}  // namespace yett
