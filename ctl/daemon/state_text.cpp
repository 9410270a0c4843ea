// SPDX-License-Identifier: GPL-2.0-or-later
// state.json as text and back.
#include "api/json_text.hpp"
#include "daemon/store.hpp"

namespace yett {
namespace {

constexpr int kFormat = 2;

Json slots_json(const Slots& slots) {
    return {{"counters", slots.counters},
            {"interfaces", slots.interfaces},
            {"prefix_sets", slots.address_sets},
            {"port_sets", slots.port_sets},
            {"interface_sets", slots.interface_sets}};
}

Json hooks_json(const std::set<Hook>& hooks) {
    auto list = Json::array();
    for (const auto& [name, direction] : hooks) {
        list.push_back({name, direction == Direction::ingress ? "ingress" : "egress"});
    }
    return list;
}

Slots read_slots(const Json& json) {
    Slots slots;
    json.at("counters").get_to(slots.counters);
    json.at("interfaces").get_to(slots.interfaces);
    json.at("prefix_sets").get_to(slots.address_sets);
    json.at("port_sets").get_to(slots.port_sets);
    slots.interface_sets = json.value("interface_sets", slots.interface_sets);
    return slots;
}

std::set<Hook> read_hooks(const Json& json) {
    std::set<Hook> hooks;
    for (const auto& item : json) {
        const auto direction =
            item.at(1).get<std::string>() == "ingress" ? Direction::ingress : Direction::egress;
        hooks.emplace(item.at(0).get<std::string>(), direction);
    }
    return hooks;
}

}  // namespace

std::string to_text(const SavedState& state) {
    Json json = {{"format", kFormat},
                 {"generation", state.generation},
                 {"implicit", state.implicit},
                 {"since", state.since},
                 {"slots", slots_json(state.slots)},
                 {"attached", hooks_json(state.attached)},
                 {"detached", hooks_json(state.detached)}};
    if (state.pending != 0) {
        json["pending"] = {{"generation", state.pending},
                           {"slots", slots_json(state.pending_slots)}};
    }
    return to_text(json) + "\n";
}

Result<SavedState> parse_state(const std::string& text) {
    try {
        const auto json = Json::parse(text);
        if (json.at("format").get<int>() != kFormat) {
            return Error{ErrorKind::invalid, "it was written by another version of yett", ""};
        }
        SavedState state;
        state.generation = json.at("generation").get<std::uint64_t>();
        state.implicit = json.at("implicit").get<bool>();
        state.since = json.at("since").get<std::int64_t>();
        state.slots = read_slots(json.at("slots"));
        state.attached = read_hooks(json.at("attached"));
        state.detached = read_hooks(json.at("detached"));
        if (const auto pending = json.find("pending"); pending != json.end()) {
            state.pending = pending->at("generation").get<std::uint64_t>();
            state.pending_slots = read_slots(pending->at("slots"));
        }
        return state;
    } catch (const std::exception&) {
        // What it says is about the inside of the parser.
        return Error{ErrorKind::invalid, "it is not what yettd writes", ""};
    }
}

}  // namespace yett
