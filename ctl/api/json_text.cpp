// SPDX-License-Identifier: GPL-2.0-or-later
// JSON of requests and answers.
#include "api/json_text.hpp"

#include <set>

namespace yett {
namespace {

constexpr int kMaxDepth = 16;
/// No object of a request has as many. Each member that comes is held against all before it: a
/// million would take hours.
constexpr std::size_t kMostMembers = 256;

/// Whether the text nests deeper than we take. It looks at brackets outside strings only, so that
/// it needs no memory.
bool too_deep(std::string_view text) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kMaxDepth) return true;
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return false;
}

Error malformed(std::string message) {
    return {ErrorKind::usage, std::move(message), ""};
}

}  // namespace

std::string to_text(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Json> parse_json(std::string_view text) {
    if (too_deep(text)) return malformed("the request body nests too deep");
    std::vector<std::set<std::string>> keys;
    std::string duplicate;
    bool crowded = false;
    const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
        if (event == Json::parse_event_t::object_start) keys.emplace_back();
        if (event == Json::parse_event_t::object_end) keys.pop_back();
        if (event == Json::parse_event_t::key) {
            crowded = crowded || keys.back().size() >= kMostMembers;
            if (crowded) return false;
            auto name = parsed.get<std::string>();
            if (!keys.back().insert(name).second) duplicate = std::move(name);
        }
        return true;
    };
    try {
        auto value = Json::parse(text, watch);
        if (crowded) return malformed("an object of the request body has more than 256 members");
        if (!duplicate.empty()) return malformed("the key \"" + duplicate + "\" stands twice");
        return value;
    } catch (const Json::exception&) {
        return malformed("the request body is not JSON");
    }
}

Json to_json(const Diagnostic& diagnostic) {
    return {{"severity", diagnostic.severity == Severity::error ? "error" : "warning"},
            {"code", diagnostic.code},
            {"message", diagnostic.message},
            {"hint", diagnostic.hint},
            {"pointer", diagnostic.pointer},
            {"line", diagnostic.location.line},
            {"column", diagnostic.location.column},
            {"length", diagnostic.location.length}};
}

Json to_json(const std::vector<Diagnostic>& diagnostics) {
    auto list = Json::array();
    for (const auto& diagnostic : diagnostics)
        list.push_back(to_json(diagnostic));
    return list;
}

}  // namespace yett
