// SPDX-License-Identifier: GPL-2.0-or-later
// Strings, booleans and integers out of nodes.
#include "json/decode.hpp"

#include <algorithm>
#include <charconv>

namespace yett {
namespace {

std::string_view name_of_kind(NodeKind kind) {
    switch (kind) {
        case NodeKind::object:
            return "an object";
        case NodeKind::array:
            return "an array";
        case NodeKind::key:
        case NodeKind::string:
            return "a string";
        case NodeKind::number:
            return "a number";
        case NodeKind::boolean:
            return "a boolean";
        case NodeKind::null:
            return "null";
    }
    return "something else";
}

/// What other filters call it.
struct Habit {
    std::string_view elsewhere, here;
};
constexpr Habit kHabits[] = {
    {"allow", "pass"},      {"accept", "pass"},     {"permit", "pass"},       {"deny", "drop"},
    {"block", "drop"},      {"reject", "drop"},     {"log", "count"},         {"in", "ingress"},
    {"input", "ingress"},   {"inbound", "ingress"}, {"out", "egress"},        {"output", "egress"},
    {"outbound", "egress"}, {"v4", "ipv4"},         {"ip", "ipv4"},           {"inet", "ipv4"},
    {"v6", "ipv6"},         {"ip6", "ipv6"},        {"inet6", "ipv6"},        {"ip", "prefix"},
    {"address", "prefix"},  {"net", "prefix"},      {"inet_service", "port"},
};

}  // namespace

std::string hint_for_key(std::string_view name, std::span<const std::string_view> known) {
    std::string hint = did_you_mean(name, known);
    if (!hint.empty()) return hint;
    hint = "keys are";
    for (const std::string_view key : known)
        (hint += ' ') += key;
    return hint;
}

std::string hint_for_word(std::string_view word, std::span<const std::string_view> known) {
    for (const Habit& habit : kHabits) {
        const bool here = std::find(known.begin(), known.end(), habit.here) != known.end();
        if (here && habit.elsewhere == word) return "write " + quote(habit.here);
    }
    std::string hint = did_you_mean(word, known);
    if (!hint.empty()) return hint;
    hint = "write one of";
    for (const std::string_view one : known)
        (hint += ' ') += quote(one);
    return hint;
}

void Decoder::error(NodeId id, std::string_view code, std::string message, std::string hint) {
    if (full()) return;
    Diagnostic diagnostic;
    diagnostic.code = code;
    diagnostic.message = std::move(message);
    diagnostic.hint = std::move(hint);
    diagnostic.pointer = source_.pointer(id);
    diagnostic.location = source_.location(id);
    diagnostic.at_key = source_[id].kind == NodeKind::key;
    diagnostics_.push_back(std::move(diagnostic));
}

void Decoder::wrong_type(NodeId id, std::string_view expected) {
    error(id, "wrong-type",
          "expected " + std::string(expected) + ", found " + std::string(name_of_kind(kind(id))));
}

std::optional<std::string_view> Decoder::string(NodeId id) {
    if (kind(id) != NodeKind::string) {
        wrong_type(id, "a string");
        return std::nullopt;
    }
    const std::string_view text = source_.string(id);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!is_control_character(text, i)) continue;
        error(id, "control-character", "the string has a control character");
        return std::nullopt;
    }
    return text;
}

std::optional<bool> Decoder::boolean(NodeId id) {
    if (kind(id) != NodeKind::boolean) {
        wrong_type(id, "true or false");
        return std::nullopt;
    }
    return source_.raw(id) == "true";
}

std::optional<std::uint32_t> Decoder::integer(NodeId id) {
    if (kind(id) != NodeKind::number) {
        wrong_type(id, "a number");
        return std::nullopt;
    }
    const std::string_view text = source_.raw(id);
    std::uint32_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault == std::errc() && end == text.data() + text.size()) return value;
    if (text.find_first_of(".eE") != std::string_view::npos) {
        error(id, "not-integer", std::string(text) + " is not written as a whole number");
    } else {
        const bool negative = text.front() == '-';
        error(id, "out-of-range",
              std::string(text) + (negative ? " is negative" : " is too great a number"));
    }
    return std::nullopt;
}

}  // namespace yett
