// SPDX-License-Identifier: GPL-2.0-or-later
// From a request target to the function that answers it.
#include "api/router.hpp"

#include <algorithm>
#include <optional>

#include "api/problem.hpp"
#include "base/result.hpp"

namespace yett {
namespace {

std::optional<int> hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return std::nullopt;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

bool decode_segments(std::string_view path, std::vector<std::string>& out) {
    for (const auto part : split(path, '/')) {
        if (!percent_decode(part, out.emplace_back())) return false;
    }
    return true;
}

bool decode_query(std::string_view text, std::map<std::string, std::string>& out) {
    if (text.empty()) return true;
    for (const auto part : split(text, '&')) {
        const auto equals = part.find('=');
        std::string key, value;
        if (!percent_decode(part.substr(0, equals), key) || key.empty()) return false;
        if (equals != std::string_view::npos && !percent_decode(part.substr(equals + 1), value)) {
            return false;
        }
        if (!out.emplace(std::move(key), std::move(value)).second) return false;
    }
    return true;
}

bool is_placeholder(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

/// The placeholders' values, or nothing when the pattern does not fit.
std::optional<std::vector<std::string>> fit(std::string_view pattern,
                                            const std::vector<std::string>& segments) {
    const auto wanted = split(pattern, '/');
    if (wanted.size() != segments.size()) return std::nullopt;
    std::vector<std::string> arguments;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (is_placeholder(wanted[i]) && !segments[i].empty()) {
            arguments.push_back(segments[i]);
        } else if (wanted[i] != segments[i]) {
            return std::nullopt;
        }
    }
    return arguments;
}

Resolution refuse(ApiResponse response) {
    Resolution out;
    out.refusal = std::move(response);
    return out;
}

Resolution refuse_path(const std::vector<std::string>& allowed, std::string_view path) {
    if (allowed.empty()) {
        return refuse(problem(404, {ErrorKind::no, "there is nothing at " + std::string(path),
                                    "the routes are listed in the documentation of the api"}));
    }
    std::string list;
    for (const auto& method : allowed)
        list += (list.empty() ? "" : ", ") + method;
    auto response =
        problem(405, {ErrorKind::usage, "this method does not work here", "what works is " + list});
    response.headers.emplace_back("Allow", list);
    return refuse(std::move(response));
}

Resolution refuse_role(const Peer& peer) {
    const std::string who = "uid " + std::to_string(peer.uid);
    if (peer.role == Role::none) {
        return refuse(problem(403, {ErrorKind::permission, who + " may not use this socket",
                                    "run it as root, or as a member of group yett or yett-ro"}));
    }
    return refuse(problem(403, {ErrorKind::permission, who + " may read, but not change anything",
                                "run it as root, or as a member of group yett"}));
}

Resolution malformed(std::string_view what) {
    return refuse(problem(400, {ErrorKind::usage, std::string(what), ""}));
}

}  // namespace

bool percent_decode(std::string_view text, std::string& out) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            if (i + 2 >= text.size()) return false;
            const auto high = hex_digit(text[i + 1]);
            const auto low = hex_digit(text[i + 2]);
            if (!high || !low) return false;
            c = static_cast<char>(*high * 16 + *low);
            i += 2;
        }
        if (static_cast<unsigned char>(c) < 0x20) return false;
        out += c;
    }
    return true;
}

Resolution Router::resolve(std::string_view method, std::string_view target,
                           const Peer& peer) const {
    if (peer.role == Role::none) return refuse_role(peer);
    if (target.empty() || target.front() != '/' || target.find('#') != std::string_view::npos) {
        return malformed("the request target is not a path");
    }
    const auto mark = target.find('?');
    const auto path = target.substr(0, mark);
    Resolution out;
    std::vector<std::string> segments;
    if (!decode_segments(path, segments)) return malformed("a malformed escape in the path");
    if (mark != std::string_view::npos &&
        !decode_query(target.substr(mark + 1), out.request.query)) {
        return malformed("a malformed query: name=value&name=value, each name once");
    }

    std::vector<std::string> allowed;
    for (const auto& route : routes_) {
        auto arguments = fit(route.pattern, segments);
        if (!arguments) continue;
        allowed.push_back(route.method);
        if (route.method != method) continue;
        if (route.needs == Role::writer && peer.role != Role::writer) return refuse_role(peer);
        for (const auto& [key, value] : out.request.query) {
            if (std::find(route.query_keys.begin(), route.query_keys.end(), key) ==
                route.query_keys.end()) {
                return malformed("the query has an unknown key");
            }
        }
        out.route = &route;
        out.request.method = method;
        out.request.arguments = std::move(*arguments);
        out.request.peer = peer;
        return out;
    }
    return refuse_path(allowed, path);
}

}  // namespace yett
