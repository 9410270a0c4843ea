// SPDX-License-Identifier: GPL-2.0-or-later
// /v1/trace: one packet, judged by the loaded programs themselves.
#include <algorithm>

#include "apply/candidate_tests.hpp"
#include "bpf/interface.hpp"
#include "daemon/routes.hpp"
#include "daemon/views.hpp"
#include "model/mac.hpp"
#include "model/names.hpp"
#include "model/packet.hpp"
#include "model/reason.hpp"
#include "observe/snapshot.hpp"

namespace yett {
namespace {

constexpr std::size_t kLongestFrame = 9216;
constexpr std::size_t kShortestFrame = 14;

using Frame = std::vector<std::uint8_t>;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

Result<Frame> parse_hex(const std::string& text) {
    Frame frame;
    const Error wrong{ErrorKind::usage, "frame_hex is not a frame in hexadecimal digits",
                      "14 to 9216 octets, two digits each, nothing between"};
    if (text.size() % 2 != 0) return wrong;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return wrong;
        frame.push_back(static_cast<std::uint8_t>(high * 16 + low));
    }
    if (frame.size() < kShortestFrame || frame.size() > kLongestFrame) return wrong;
    return frame;
}

/// A frame, and what it pretends to be to the known connections (yett_trace_request.state).
struct Traced {
    Frame frame;
    std::uint32_t state = 0;
};

Result<Traced> read_frame(const Json& body) {
    const bool has_packet = body.contains("packet");
    if (has_packet == body.contains("frame_hex")) {
        return Error{ErrorKind::usage, "give either a packet in words or frame_hex", ""};
    }
    const auto& value = body[has_packet ? "packet" : "frame_hex"];
    if (!value.is_string()) return Error{ErrorKind::usage, "a packet is a string", ""};
    if (!has_packet) {
        auto frame = parse_hex(value.get<std::string>());
        if (!frame) return frame.error();
        return Traced{*std::move(frame)};
    }
    const auto packet = parse_packet(value.get<std::string>());
    if (!packet) return packet.error();
    return Traced{to_frame(*packet),
                  packet->state ? 1 + static_cast<std::uint32_t>(*packet->state) : 0};
}

/// Where the packet pretends to be.
struct Place {
    std::string interface;  ///< empty: on none that a rule names
    std::uint16_t slot = 0;
    std::uint32_t ifindex = 0;  ///< 0: there is none of that name
    bool bare = false;          ///< without an Ethernet header
    Direction direction = Direction::ingress;
};

Result<Place> read_place(const Gate& gate, const Json& body) {
    Place place;
    if (body.contains("direction")) {
        const auto& text = body["direction"];
        const auto direction =
            text.is_string() ? parse_direction(text.get<std::string>()) : std::nullopt;
        if (!direction) return Error{ErrorKind::usage, "direction is ingress or egress", ""};
        place.direction = *direction;
    }
    const auto& interfaces = gate.active().ruleset.interfaces;
    if (!interfaces.empty()) place.interface = interfaces[0];
    if (body.contains("iface")) {
        if (!body["iface"].is_string()) return Error{ErrorKind::usage, "iface is a name", ""};
        place.interface = body["iface"].get<std::string>();
    }
    const auto slot = gate.active().slots.interfaces.find(place.interface);
    if (slot != gate.active().slots.interfaces.end()) place.slot = slot->second;
    if (const auto found = find_interface(place.interface)) {
        place.ifindex = found->index;
        place.bare = found->bare;
    }
    return place;
}

bool has(std::uint32_t mask, yett_field field) {
    return (mask >> field & 1) != 0;
}

std::string flags_text(std::uint8_t flags) {
    std::string out;
    const auto add = [&](const char* name, std::uint8_t bit) {
        if ((flags & bit) != 0) out += (out.empty() ? "" : ",") + std::string(name);
    };
#define YETT_ADD_FLAG(name, text, bit) add(text, bit);
    YETT_TCP_FLAGS(YETT_ADD_FLAG)
#undef YETT_ADD_FLAG
    return out.empty() ? "none" : out;
}

Json family_json(std::uint8_t family) {
    if (family == YETT_FAMILY_IPV4) return "ipv4";
    if (family == YETT_FAMILY_IPV6) return "ipv6";
    return nullptr;
}

/// Six octets of the Ethernet header.
Json mac_json(const Frame& frame, std::size_t at) {
    std::uint64_t mac = 0;
    for (std::size_t i = at; i < at + 6; ++i)
        mac = mac << 8 | frame[i];
    return mac_text(mac);
}

Json fields_json(const yett_trace_result& result, const Frame& frame) {
    static constexpr const char* fragments[] = {"none", "first", "later"};
    Json all = {
        {"family", family_json(result.family)},
        {"ethertype", result.ethertype},
        {"vlan", result.vlan},
        {"src", to_text(to_model(result.src, result.family))},
        {"dst", to_text(to_model(result.dst, result.family))},
        {"proto", result.proto},
        {"sport", result.sport},
        {"dport", result.dport},
        {"tcp_flags", flags_text(result.tcp_flags)},
        {"icmp_type", result.icmp_type},
        {"icmp_code", result.icmp_code},
        {"len", result.len},
        {"ttl", result.ttl},
        {"dscp", result.dscp},
        {"fragment", fragments[std::min<int>(result.fragment, 2)]},
        {"state", kStateNames[std::min<std::size_t>(result.state, std::size(kStateNames) - 1)]},
        {"smac", mac_json(frame, 6)},
        {"dmac", mac_json(frame, 0)},
    };
    Json known = Json::object();
    const auto keep = [&](yett_field field, const char* name) {
        if (has(result.known, field) && all.contains(name)) known[name] = all[name];
    };
#define YETT_KEEP_FIELD(name, text) keep(YETT_FIELD_##name, text);
    YETT_FIELDS(YETT_KEEP_FIELD)
#undef YETT_KEEP_FIELD
    return known;
}

Json unknown_json(const yett_trace_result& result) {
    auto list = Json::array();
    const auto add = [&](yett_field field, const char* name) {
        if (has(result.unknown, field)) list.push_back(name);
    };
#define YETT_ADD_FIELD(name, text) add(YETT_FIELD_##name, text);
    YETT_FIELDS(YETT_ADD_FIELD)
#undef YETT_ADD_FIELD
    return list;
}

/// What the rule does, where one decided; else the verdict.
const char* action_of(const Gate& gate, const yett_trace_result& result) {
    const auto& own = gate.active().ruleset.rules;
    const std::size_t place = result.rule - own_rules_begin(gate.active().ruleset);
    if (result.rule != YETT_NO_RULE && place < own.size()) return action_name(own[place].action);
    return result.verdict == YETT_DROP ? "drop" : "pass";
}

ApiResponse trace(Gate& gate, const ApiRequest& request) {
    const auto body = parse_object(request.body, {"packet", "frame_hex", "iface", "direction"});
    if (!body) return problem(body.error());
    const auto traced = read_frame(*body);
    if (!traced) return problem(traced.error());
    const auto place = read_place(gate, *body);
    if (!place) return problem(place.error());
    yett_trace_request wanted{};
    wanted.iface = place->slot;
    wanted.flags = place->bare ? YETT_INTERFACE_BARE : 0;
    wanted.direction = static_cast<std::uint32_t>(place->direction);
    wanted.state = traced->state;
    wanted.ifindex = place->ifindex;
    const auto result = gate.plane().trace(traced->frame, wanted);
    if (!result) return problem(result.error());

    const auto& names = gate.active().rule_names;
    const auto rule = rule_name_of(*result, names);
    const bool by_rule = result->rule != YETT_NO_RULE;
    const auto& reason = kReasons[std::min<std::size_t>(result->reason, kReasons.size() - 1)];
    return json_response({
        {"verdict", result->verdict == YETT_DROP ? "drop" : "pass"},
        {"rule", rule.empty() ? Json(nullptr) : Json(rule)},
        {"index", by_rule ? Json(result->rule) : Json(nullptr)},
        {"action", action_of(gate, *result)},
        {"reason", reason.name},
        {"text", reason.words},
        {"would_pass", result->overruled < names.size() ? Json(names[result->overruled]) : Json()},
        {"generation", std::uint64_t{result->generation}},
        {"iface", place->interface},
        {"direction", direction_name(wanted.direction)},
        {"compared", result->compared},
        {"fields", fields_json(*result, traced->frame)},
        {"unknown", unknown_json(*result)},
    });
}

}  // namespace

void add_trace_routes(std::vector<Route>& routes, Gate& gate) {
    routes.push_back({"POST", "/v1/trace", Role::reader, {}, [&gate](const ApiRequest& request) {
                          return trace(gate, request);
                      }});
}

}  // namespace yett
