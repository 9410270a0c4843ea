// SPDX-License-Identifier: GPL-2.0-or-later
// state.json as text and back.
#include <algorithm>

#include "api/json_text.hpp"
#include "daemon/store.hpp"

namespace yett {
namespace {

constexpr int kFormat = 1;
constexpr std::uint64_t kSecond = 1'000'000'000;

Json slots_json(const Slots& slots) {
    return {{"counters", slots.counters},
            {"interfaces", slots.interfaces},
            {"prefix_sets", slots.prefix_sets},
            {"port_sets", slots.port_sets}};
}

Json hooks_json(const std::set<Hook>& hooks) {
    auto list = Json::array();
    for (const auto& [name, direction] : hooks) {
        list.push_back({name, direction == Direction::ingress ? "ingress" : "egress"});
    }
    return list;
}

Json set_json(const SavedSet& set) {
    auto entries = Json::array();
    for (const auto& [value, entry] : set.entries) {
        entries.push_back({to_text(value), entry.added, entry.expires});
    }
    auto removed = Json::array();
    for (const auto& value : set.removed)
        removed.push_back(to_text(value));
    return {{"type", set.type == SetType::prefix ? "prefix" : "port"},
            {"entries", entries},
            {"removed", removed}};
}

/// Where a saved moment of the boot clock is on the boot clock of today.
class Mover {
  public:
    Mover(const Json& saved, const ClockReading& now) : now_(now) {
        same_boot_ = saved.at("boot_id").get<std::string>() == now.boot_id;
        saved_boot_ = saved.at("boot").get<std::uint64_t>();
        const auto wall = saved.at("wall").get<std::int64_t>();
        passed_ = static_cast<std::uint64_t>(std::max<std::int64_t>(now.wall - wall, 0)) * kSecond;
    }

    /// Never 0, which means "never".
    [[nodiscard]] std::uint64_t move(std::uint64_t expires) const {
        if (expires == 0 || same_boot_) return expires;
        const auto left = expires > saved_boot_ ? expires - saved_boot_ : 0;
        return left > passed_ ? now_.boot + (left - passed_) : 1;
    }

  private:
    ClockReading now_;
    bool same_boot_ = false;
    std::uint64_t saved_boot_ = 0;
    std::uint64_t passed_ = 0;
};

Slots read_slots(const Json& json) {
    Slots slots;
    json.at("counters").get_to(slots.counters);
    json.at("interfaces").get_to(slots.interfaces);
    json.at("prefix_sets").get_to(slots.prefix_sets);
    json.at("port_sets").get_to(slots.port_sets);
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

EntryValue read_value(SetType type, const Json& json) {
    auto value = parse_entry(type, json.get<std::string>());
    if (!value) throw std::runtime_error(value.error().message);
    return *value;
}

SavedSet read_set(const Json& json, const Mover& mover) {
    SavedSet set;
    set.type = json.at("type").get<std::string>() == "port" ? SetType::port : SetType::prefix;
    for (const auto& item : json.at("entries")) {
        Entry entry;
        entry.at_run_time = true;
        entry.added = item.at(1).get<std::int64_t>();
        entry.expires = mover.move(item.at(2).get<std::uint64_t>());
        set.entries.emplace_back(read_value(set.type, item.at(0)), entry);
    }
    for (const auto& item : json.at("removed"))
        set.removed.push_back(read_value(set.type, item));
    return set;
}

}  // namespace

std::string to_text(const SavedState& state, const ClockReading& now) {
    auto sets = Json::object();
    for (const auto& [name, set] : state.sets)
        sets[name] = set_json(set);
    Json json = {{"format", kFormat},
                 {"boot_id", now.boot_id},
                 {"boot", now.boot},
                 {"wall", now.wall},
                 {"generation", state.generation},
                 {"implicit", state.implicit},
                 {"since", state.since},
                 {"slots", slots_json(state.slots)},
                 {"sets", sets},
                 {"attached", hooks_json(state.attached)},
                 {"detached", hooks_json(state.detached)}};
    if (state.pending != 0) {
        json["pending"] = {{"generation", state.pending},
                           {"slots", slots_json(state.pending_slots)}};
    }
    return to_text(json) + "\n";
}

Result<SavedState> parse_state(const std::string& text, const ClockReading& now) {
    try {
        const auto json = Json::parse(text);
        if (json.at("format").get<int>() != kFormat) {
            return Error{ErrorKind::invalid, "it was written by another version of yett", ""};
        }
        const Mover mover(json, now);
        SavedState state;
        state.generation = json.at("generation").get<std::uint64_t>();
        state.implicit = json.at("implicit").get<bool>();
        state.since = json.at("since").get<std::int64_t>();
        state.slots = read_slots(json.at("slots"));
        for (const auto& [name, set] : json.at("sets").items()) {
            state.sets.emplace(name, read_set(set, mover));
        }
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
