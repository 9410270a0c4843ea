// SPDX-License-Identifier: GPL-2.0-or-later
// The records as text and back.
#include "daemon/record.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/json_text.hpp"
#include "daemon/files.hpp"

namespace yett {
namespace {

constexpr std::string_view kMagic = "yett-record 1 ";
constexpr std::size_t kHead = kMagic.size() + 16 + 1;  ///< magic, checksum, end of the line
constexpr int kFormat = 3;                             ///< of state.json

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

/// Json keeps the order of members, and looks at all of them for each that comes: a record has a
/// hundred thousand.
using Parsed = nlohmann::json;

Slots read_slots(const Parsed& json) {
    Slots slots;
    json.at("counters").get_to(slots.counters);
    json.at("interfaces").get_to(slots.interfaces);
    json.at("prefix_sets").get_to(slots.address_sets);
    json.at("port_sets").get_to(slots.port_sets);
    json.at("interface_sets").get_to(slots.interface_sets);
    return slots;
}

Json hooks_json(const std::set<Hook>& hooks) {
    auto list = Json::array();
    for (const auto& [name, direction] : hooks) {
        list.push_back({name, direction == Direction::ingress ? "ingress" : "egress"});
    }
    return list;
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

std::map<std::string, std::uint16_t> read_interfaces(const Json& json) {
    std::map<std::string, std::uint16_t> slots;
    for (const auto& [name, slot] : json.items()) {
        const auto number = slot.get<std::uint64_t>();
        if (number == 0 || number >= YETT_MAX_INTERFACES) throw std::out_of_range(name);
        slots[name] = static_cast<std::uint16_t>(number);
    }
    return slots;
}

Standing read_standing(const Json& json) {
    const auto word = json.get<std::string>();
    const auto found = std::find(std::begin(kStandingNames), std::end(kStandingNames), word);
    if (found == std::end(kStandingNames)) throw std::invalid_argument(word);
    return static_cast<Standing>(found - std::begin(kStandingNames));
}

std::string head_of(std::string_view body) {
    return fmt::format("{}{:016x}\n", kMagic, checksum(body));
}

GenerationRecord read_record(const Parsed& json) {
    GenerationRecord record;
    record.generation = json.at("generation").get<std::uint64_t>();
    record.plane = json.at("plane").get<std::uint64_t>();
    record.text = json.at("text").get<std::uint64_t>();
    record.skeleton = json.at("skeleton").get<std::string>();
    record.engine = {json.at("engine").at(0).get<std::uint64_t>(),
                     json.at("engine").at(1).get<std::uint64_t>()};
    record.slots = read_slots(json.at("slots"));
    return record;
}

}  // namespace

std::string to_text(const GenerationRecord& record, const Slots& slots) {
    const Json json = {{"generation", record.generation},
                       {"plane", record.plane},
                       {"text", record.text},
                       {"skeleton", record.skeleton},
                       {"engine", {record.engine.words, record.engine.hash}}};
    std::string body = to_text(json);
    body.pop_back();  // the closing brace
    body += ",\"slots\":" + slots_text(slots) + "}\n";
    return head_of(body) + body;
}

std::string to_text(const GenerationRecord& record) {
    return to_text(record, record.slots);
}

Result<GenerationRecord> parse_record(std::string_view text) {
    const Error damaged{ErrorKind::invalid, "it is cut or damaged", ""};
    if (text.size() < kHead || text.substr(0, kMagic.size()) != kMagic) return damaged;
    const auto body = text.substr(kHead);
    if (text.substr(0, kHead) != head_of(body)) return damaged;
    try {
        return read_record(Parsed::parse(body));
    } catch (const std::exception&) {
        // What it says is about the inside of the parser.
        return Error{ErrorKind::invalid, "it is not what this version of yettd writes", ""};
    }
}

std::string to_text(const SavedState& state) {
    const Json json = {{"format", kFormat},
                       {"generation", state.generation},
                       {"standing", standing_name(state.standing)},
                       {"wished", state.wished},
                       {"since", state.since},
                       {"interfaces", state.interfaces},
                       {"covered", state.covered},
                       {"held", state.held},
                       {"attached", hooks_json(state.attached)},
                       {"detached", hooks_json(state.detached)}};
    return to_text(json) + "\n";
}

SavedState parse_state(const std::string& text) {
    SavedState state;
    const auto json = Json::parse(text, nullptr, false);
    state.whole = json.is_object();
    const auto read = [&](const char* key, const auto& use) {
        try {
            use(json.at(key));
        } catch (const std::exception&) {
            state.whole = false;
        }
    };
    read("format", [&](const Json& at) { state.whole &= at.get<int>() == kFormat; });
    read("generation", [&](const Json& at) { at.get_to(state.generation); });
    read("standing", [&](const Json& at) { state.standing = read_standing(at); });
    read("wished", [&](const Json& at) { at.get_to(state.wished); });
    read("since", [&](const Json& at) { at.get_to(state.since); });
    read("interfaces", [&](const Json& at) { state.interfaces = read_interfaces(at); });
    // Older builds did not write these two.
    if (json.is_object() && json.contains("covered"))
        read("covered", [&](const Json& at) { at.get_to(state.covered); });
    if (json.is_object() && json.contains("held"))
        read("held", [&](const Json& at) { at.get_to(state.held); });
    read("attached", [&](const Json& at) { state.attached = read_hooks(at); });
    read("detached", [&](const Json& at) { state.detached = read_hooks(at); });
    return state;
}

Result<std::uint64_t> identity_of(const DataPlane& plane) {
    const std::uint32_t zero = 0;
    yett_seed seed{};
    if (auto read = plane.map(MapId::yett_seed).lookup(&zero, &seed); !read) return read.error();
    return checksum({reinterpret_cast<const char*>(&seed), sizeof(seed)});
}

}  // namespace yett
