// SPDX-License-Identifier: GPL-2.0-or-later
// From nodes to lines, columns and pointers, and back.
#include "json/source.hpp"

#include <algorithm>
#include <charconv>

#include "base/pointer.hpp"

namespace yett {
namespace {

std::string unescape(std::string_view token) {
    std::string text;
    for (std::size_t i = 0; i < token.size(); ++i) {
        const bool escape = token[i] == '~' && i + 1 < token.size();
        text += !escape ? token[i] : token[++i] == '1' ? '/' : '~';
    }
    return text;
}

/// Takes the next token off a pointer.
std::string next_token(std::string_view& pointer) {
    pointer.remove_prefix(1);
    const std::size_t slash = std::min(pointer.find('/'), pointer.size());
    std::string token = unescape(pointer.substr(0, slash));
    pointer.remove_prefix(slash);
    return token;
}

std::optional<NodeId> element(const Source& source, NodeId array, std::string_view token) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
    if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
    for (NodeId id = array + 1; id < source[array].next; id = source[id].next) {
        if (index-- == 0) return id;
    }
    return std::nullopt;
}

std::optional<NodeId> member(const Source& source, NodeId object, std::string_view name) {
    for (NodeId id = object + 1; id < source[object].next; id = source[id].next) {
        if (source.string(id) == name) return id;
    }
    return std::nullopt;
}

}  // namespace

std::string_view Source::raw(NodeId id) const {
    const JsonNode& node = nodes_[id];
    return std::string_view(text_).substr(node.begin, node.end - node.begin);
}

std::string_view Source::string(NodeId id) const {
    const JsonNode& node = nodes_[id];
    if (node.escaped) return decoded_.at(id);
    return std::string_view(text_).substr(node.begin + 1, node.end - node.begin - 2);
}

std::string_view Source::line(std::uint32_t number) const {
    std::string_view rest = text_;
    for (std::uint32_t i = 1; i < number; ++i) {
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos) return {};
        rest.remove_prefix(end + 1);
    }
    std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

Location Source::location(std::size_t begin, std::size_t end) const {
    begin = std::min(begin, text_.size());
    const std::string_view before = std::string_view(text_).substr(0, begin);
    const std::size_t newline = before.rfind('\n');
    const std::size_t start = newline == std::string_view::npos ? 0 : newline + 1;
    std::size_t line_end = std::min(text_.find_first_of("\r\n", begin), text_.size());
    line_end = std::max(std::min(line_end, end), begin + 1);
    Location location;
    location.line = 1 + static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
    location.column = static_cast<std::uint32_t>(begin - start + 1);
    location.length = static_cast<std::uint32_t>(line_end - begin);
    return location;
}

Location Source::location(NodeId id) const {
    const JsonNode& node = nodes_[id];
    const bool container = node.kind == NodeKind::object || node.kind == NodeKind::array;
    return location(node.begin, container ? node.begin + 1 : node.end);
}

std::string Source::pointer(NodeId id) const {
    std::string pointer;
    NodeId parent = 0;
    while (parent < id) {
        const bool object = nodes_[parent].kind == NodeKind::object;
        NodeId child = parent + 1;
        std::size_t index = 0;
        for (; nodes_[child].next <= id; child = nodes_[child].next)
            ++index;
        pointer += '/';
        pointer += object ? pointer_token(string(child)) : std::to_string(index);
        if (object && child == id) break;
        parent = object ? child + 1 : child;
    }
    return pointer;
}

std::optional<NodeId> Source::find(std::string_view pointer, bool key) const {
    if (nodes_.empty()) return std::nullopt;
    NodeId at = 0;
    NodeId name = 0;
    while (!pointer.empty()) {
        const std::string token = next_token(pointer);
        std::optional<NodeId> below;
        if (nodes_[at].kind == NodeKind::object) {
            below = member(*this, at, token);
            if (below) name = (*below)++;
        } else if (nodes_[at].kind == NodeKind::array) {
            below = element(*this, at, token);
            if (below) name = *below;
        }
        if (below) {
            at = *below;
        } else if (token != "0") {
            break;
        }
    }
    return key ? name : at;
}

void Source::locate(std::vector<Diagnostic>& diagnostics) const {
    for (Diagnostic& diagnostic : diagnostics) {
        if (diagnostic.location.line != 0) continue;
        if (const auto id = find(diagnostic.pointer, diagnostic.at_key)) {
            diagnostic.location = location(*id);
        }
    }
}

}  // namespace yett
