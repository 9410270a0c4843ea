// SPDX-License-Identifier: GPL-2.0-or-later
// Strings, booleans and integers out of nodes.
#include "json/decode.hpp"

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

}  // namespace

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

void Decoder::wrong_type(NodeId id, std::string_view expected, std::string hint) {
    error(id, "wrong-type",
          "expected " + std::string(expected) + ", found " + std::string(name_of_kind(kind(id))),
          std::move(hint));
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
