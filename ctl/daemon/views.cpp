// SPDX-License-Identifier: GPL-2.0-or-later
// Values of the data plane as JSON.
#include "daemon/views.hpp"

#include <ctime>

#include "observe/snapshot.hpp"

namespace yett {

Json time_json(std::int64_t seconds) {
    if (seconds == 0) return nullptr;
    const std::time_t time = seconds;
    std::tm utc{};
    ::gmtime_r(&time, &utc);
    char text[32];
    if (std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) return nullptr;
    return text;
}

Json boot_time_json(std::uint64_t nanoseconds) {
    if (nanoseconds == 0) return nullptr;
    constexpr std::int64_t second = 1'000'000'000;
    const auto away =
        static_cast<std::int64_t>(nanoseconds) - static_cast<std::int64_t>(boot_time());
    return time_json(::time(nullptr) + away / second);
}

const char* direction_name(std::uint32_t direction) {
    return direction == YETT_EGRESS ? "egress" : "ingress";
}

std::optional<Direction> parse_direction(const std::string& text) {
    if (text == "ingress") return Direction::ingress;
    if (text == "egress") return Direction::egress;
    return std::nullopt;
}

const char* verdict_name(Verdict verdict) {
    return verdict == Verdict::drop ? "drop" : "pass";
}

const char* action_name(ActionKind action) {
    switch (action) {
        case ActionKind::pass:
            return "pass";
        case ActionKind::drop:
            return "drop";
        case ActionKind::count:
            return "count";
        case ActionKind::ban:
            return "ban";
        case ActionKind::reject:
            break;
    }
    return "reject";
}

const char* mode_name(AttachMode mode) {
    switch (mode) {
        case AttachMode::xdp_native:
            return "xdp-native";
        case AttachMode::xdp_generic:
            return "xdp-generic";
        case AttachMode::tc:
            break;
    }
    return "tc";
}

Json to_json(const yett_counter& counter) {
    return {{"packets", std::uint64_t{counter.packets}}, {"bytes", std::uint64_t{counter.bytes}}};
}

Json to_json(const Attachment& attachment) {
    return {{"interface", attachment.interface},
            {"ifindex", attachment.ifindex},
            {"direction", direction_name(attachment.direction)},
            {"mode", mode_name(attachment.mode)},
            {"note", attachment.note}};
}

Json to_json(const std::vector<Attachment>& attachments) {
    auto list = Json::array();
    for (const auto& attachment : attachments)
        list.push_back(to_json(attachment));
    return list;
}

Json to_json(const std::vector<Hook>& hooks) {
    auto list = Json::array();
    for (const auto& [name, direction] : hooks) {
        list.push_back({{"interface", name},
                        {"direction", direction_name(static_cast<std::uint32_t>(direction))}});
    }
    return list;
}

Json to_json(const SetContent& content, const EntryValue& value, const Entry& entry) {
    const char* origin = "runtime";
    if (entry.is_listed()) origin = entry.from_file ? "file" : "ruleset";
    const auto until = entry.until();
    const auto now = boot_time();
    const auto& reason = content.reason(entry.reason);
    return {{"value", to_text(value)},
            {"origin", origin},
            {"added", time_json(entry.added)},
            {"expires", boot_time_json(until)},
            {"seconds_left",
             until == 0 ? Json(nullptr) : Json(until > now ? (until - now) / 1'000'000'000 : 0)},
            {"reason", reason.empty() ? Json(nullptr) : Json(reason)}};
}

}  // namespace yett
