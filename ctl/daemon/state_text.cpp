// SPDX-License-Identifier: GPL-2.0-or-later
// state.json as text and back.
#include <algorithm>

#include "api/json_text.hpp"
#include "daemon/store.hpp"

namespace yett {
namespace {

constexpr int kFormat = 2;

/// Names of rules are plain; those of interfaces may be anything.
void append_name(std::string& text, const std::string& name) {
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
        return c >= ' ' && c <= '~' && c != '"' && c != '\\';
    });
    if (!plain) {
        text += to_text(Json(name));
        return;
    }
    text += '"';
    text += name;
    text += '"';
}

/// By hand: a hundred thousand nodes of a document take longer than all else that is written.
template <typename Table>
std::string slots_text(const Table& table) {
    std::string text = "{";
    for (const auto& [name, slot] : table) {
        if (text.size() > 1) text += ',';
        append_name(text, name);
        text += ':';
        text += std::to_string(slot);
    }
    return text + "}";
}

std::string slots_text(const Slots& slots) {
    return "{\"counters\":" + slots_text(slots.counters) +
           ",\"interfaces\":" + slots_text(slots.interfaces) +
           ",\"prefix_sets\":" + slots_text(slots.address_sets) +
           ",\"port_sets\":" + slots_text(slots.port_sets) +
           ",\"interface_sets\":" + slots_text(slots.interface_sets) + "}";
}

/// Next to `slots`: counters that are new or elsewhere, and the names of those that are gone. One
/// changed rule of a hundred thousand is a line, not another list of all.
std::string pending_text(const Slots& slots, const Slots& next) {
    Slots changed = next;
    changed.counters.clear();
    for (const auto& [name, slot] : next.counters) {
        const auto before = slots.counters.find(name);
        if (before == slots.counters.end() || before->second != slot)
            changed.counters.emplace(name, slot);
    }
    std::string gone = "[";
    for (const auto& [name, slot] : slots.counters) {
        if (next.counters.count(name) != 0) continue;
        if (gone.size() > 1) gone += ',';
        append_name(gone, name);
    }
    return slots_text(changed) + ",\"gone\":" + gone + "]";
}

Json to_json(const EngineDigest& digest) {
    return {digest.words, digest.hash};
}

EngineDigest read_engine(const Json& parent) {
    const auto found = parent.find("engine");
    if (found == parent.end()) return {};  // an older yettd wrote none
    return {found->at(0).get<std::uint64_t>(), found->at(1).get<std::uint64_t>()};
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

/// Those of a pending generation.
Slots read_pending(const Json& json, const Slots& slots) {
    Slots next = read_slots(json.at("slots"));
    const auto gone = json.find("gone");
    if (gone == json.end()) return next;  // an older yettd wrote all of them
    Slots::Counters counters = slots.counters;
    for (const auto& name : *gone)
        counters.erase(name.get<std::string>());
    for (const auto& [name, slot] : next.counters)
        counters[name] = slot;
    next.counters = std::move(counters);
    return next;
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

std::string to_text(const SavedState& state, const Slots& slots, const Slots& pending_slots) {
    const Json json = {{"format", kFormat},
                       {"generation", state.generation},
                       {"implicit", state.implicit},
                       {"since", state.since},
                       {"engine", to_json(state.engine)},
                       {"attached", hooks_json(state.attached)},
                       {"detached", hooks_json(state.detached)}};
    std::string text = to_text(json);
    text.pop_back();  // the closing brace
    text += ",\"slots\":" + slots_text(slots);
    if (state.pending != 0)
        text += ",\"pending\":{\"generation\":" + std::to_string(state.pending) +
                ",\"engine\":" + to_text(to_json(state.pending_engine)) +
                ",\"slots\":" + pending_text(slots, pending_slots) + "}";
    return text + "}\n";
}

std::string to_text(const SavedState& state) {
    return to_text(state, state.slots, state.pending_slots);
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
        state.engine = read_engine(json);
        state.attached = read_hooks(json.at("attached"));
        state.detached = read_hooks(json.at("detached"));
        if (const auto pending = json.find("pending"); pending != json.end()) {
            state.pending = pending->at("generation").get<std::uint64_t>();
            state.pending_slots = read_pending(*pending, state.slots);
            state.pending_engine = read_engine(*pending);
        }
        return state;
    } catch (const std::exception&) {
        // What it says is about the inside of the parser.
        return Error{ErrorKind::invalid, "it is not what yettd writes", ""};
    }
}

}  // namespace yett
