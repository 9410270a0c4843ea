// SPDX-License-Identifier: GPL-2.0-or-later
// /v1/sets and their entries.
#include <algorithm>
#include <charconv>
#include <ctime>

#include "daemon/routes.hpp"
#include "daemon/set_requests.hpp"
#include "daemon/views.hpp"
#include "lists/items.hpp"
#include "observe/snapshot.hpp"

namespace yett {
namespace {

constexpr std::size_t kPage = 100'000;

/// A set as the ruleset has it, and what it holds.
struct Live {
    std::string name;
    const Set* set = nullptr;
    const SetContent* content = nullptr;
};

Result<Live> find_live(const Gate& gate, const std::string& name) {
    const auto* set = find_set(gate.active().ruleset, name);
    const auto content = gate.active().sets.find(name);
    if (set == nullptr || content == gate.active().sets.end()) {
        return no_such_set(name);
    }
    return Live{name, set, &content->second};
}

Json set_row(const Live& live) {
    const auto& set = *live.set;
    const auto& content = *live.content;
    return {{"name", live.name},
            {"type", type_name(set.type)},
            {"entries", content.size()},
            {"from_ruleset", content.listed()},
            {"added", content.size() - content.listed()},
            {"removed", content.removed()},
            {"max_entries", set.max_entries ? Json(*set.max_entries) : Json(nullptr)},
            {"timeout", set.timeout_seconds ? Json(*set.timeout_seconds) : Json(nullptr)},
            {"file", set.file.empty() ? Json(nullptr) : Json(set.file)},
            {"comment", set.comment}};
}

Json memory_row(const SetUsage& usage) {
    return {{"bytes", usage.bytes},
            {"limit", usage.budget},
            {"entries_ipv4", usage.entries[0]},
            {"entries_ipv6", usage.entries[1]}};
}

ApiResponse list_sets(Gate& gate) {
    gate.sweep();
    auto rows = Json::array();
    for (const auto& [name, set] : gate.active().ruleset.sets) {
        if (const auto live = find_live(gate, name)) rows.push_back(set_row(*live));
    }
    return json_response({{"generation", gate.active().generation},
                          {"sets", rows},
                          {"memory", memory_row(gate.set_usage())}});
}

ApiResponse get_set(Gate& gate, const ApiRequest& request) {
    gate.sweep();
    const auto live = find_live(gate, request.arguments[0]);
    return live ? json_response(set_row(*live)) : problem(live.error());
}

Result<std::size_t> page_size(const ApiRequest& request) {
    const auto found = request.query.find("limit");
    if (found == request.query.end()) return kPage;
    std::size_t value = 0;
    const auto& text = found->second;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || value == 0 ||
        value > kPage) {
        return Error{ErrorKind::usage, "limit is a number from 1 to 100000", ""};
    }
    return value;
}

ApiResponse list_entries(Gate& gate, const ApiRequest& request) {
    gate.sweep();
    const auto live = find_live(gate, request.arguments[0]);
    if (!live) return problem(live.error());
    const auto limit = page_size(request);
    if (!limit) return problem(limit.error());
    const auto& order = live->content->in_order();
    auto at = order.begin();
    if (const auto after = request.query.find("after"); after != request.query.end()) {
        const auto value = parse_entry(live->content->type(), after->second);
        if (!value) return problem(value.error());
        at = std::upper_bound(order.begin(), order.end(), *value);
    }
    auto rows = Json::array();
    const auto end =
        at + std::min<std::ptrdiff_t>(order.end() - at, static_cast<std::ptrdiff_t>(*limit));
    for (; at != end; ++at)
        rows.push_back(to_json(*live->content, *at, live->content->find(*at)));
    const Json next = end == order.end() ? Json(nullptr) : Json(to_text(*(end - 1)));
    return json_response({{"set", live->name},
                          {"type", type_name(live->set->type)},
                          {"timeout", live->set->timeout_seconds ? Json(*live->set->timeout_seconds)
                                                                 : Json(nullptr)},
                          {"total", order.size()},
                          {"entries", rows},
                          {"next", next}});
}

ApiResponse test_entry(const Gate& gate, const ApiRequest& request) {
    const auto live = find_live(gate, request.arguments[0]);
    if (!live) return problem(live.error());
    const auto values = read_values(live->content->type(), request.arguments[1]);
    if (!values) return problem(values.error());
    auto rows = Json::array();
    const auto now = boot_time();
    bool member = true;  // of a range: all of it
    for (const auto& value : *values) {
        bool covered = false;
        for (const auto& [key, entry] : live->content->covering(value)) {
            if (entry.is_over(now)) continue;
            covered = true;
            auto row = to_json(*live->content, key, entry);
            if (std::find(rows.begin(), rows.end(), row) == rows.end())
                rows.push_back(std::move(row));
        }
        member = member && covered;
    }
    return json_response(
        {{"set", live->name},
         {"value", values->size() == 1 ? to_text(values->front()) : request.arguments[1]},
         {"member", member},
         {"entries", rows}});
}

/// "192.0.2.1" or {"value": "192.0.2.1", "timeout": 60}; a range gives all its prefixes.
Result<void> read_addition(const Json& json, const Set& set, SetEdit& edit) {
    Json text = json;
    if (json.is_object()) {
        for (const auto& [key, value] : json.items()) {
            if (key != "value" && key != "timeout")
                return Error{ErrorKind::usage, "an entry has an unknown key \"" + key + "\"", ""};
        }
        text = json.value("value", Json(nullptr));
    }
    const auto expires = read_expiry(json.is_object() ? json : Json::object(), set);
    if (!expires) return expires.error();
    if (!text.is_string()) {
        return Error{ErrorKind::usage, "an entry is a string, or an object with a \"value\"", ""};
    }
    auto read = parse_entries(set.type, text.get<std::string>(), edit.add);
    edit.ends.resize(edit.add.size(), *expires);
    return read;
}

Result<void> read_additions(const Json& list, const Set& set, SetEdit& edit) {
    if (!list.is_array()) return Error{ErrorKind::usage, "entries stand in an array", ""};
    for (const auto& item : list) {
        if (auto read = read_addition(item, set, edit); !read) return read;
    }
    return {};
}

Result<void> read_removals(const Json& list, const Set& set, SetEdit& edit) {
    if (!list.is_array()) return Error{ErrorKind::usage, "entries stand in an array", ""};
    for (const auto& item : list) {
        if (!item.is_string()) return Error{ErrorKind::usage, "an entry is a string", ""};
        auto values = read_values(set.type, item.get<std::string>());
        if (!values) return values.error();
        edit.remove.insert(edit.remove.end(), values->begin(), values->end());
    }
    return {};
}

ApiResponse run_edit(Gate& gate, const std::string& name, SetEdit edit, bool must_exist) {
    edit.now = ::time(nullptr);
    const auto first_gone = edit.remove.empty() ? std::string() : to_text(edit.remove[0]);
    const auto result = gate.edit(name, std::move(edit));
    if (!result) return edit_problem(result.error());
    if (must_exist && result->missing > 0) {
        return problem({ErrorKind::no, first_gone + " is not an entry of " + name,
                        "see what covers it with: yett set test"});
    }
    return json_response(edit_answer(gate, name, *result));
}

Result<void> take_reason(Json& body, SetEdit& edit) {
    if (!body.contains("reason")) return {};
    auto read = read_reason(body["reason"], edit);
    body.erase("reason");
    return read;
}

ApiResponse put_entry(Gate& gate, const ApiRequest& request) {
    const auto live = find_live(gate, request.arguments[0]);
    if (!live) return problem(live.error());
    auto body = parse_object(request.body, {"timeout", "reason"});
    if (!body) return problem(body.error());
    SetEdit edit;
    if (auto why = take_reason(*body, edit); !why) return problem(why.error());
    (*body)["value"] = request.arguments[1];
    auto read = read_additions(Json::array({*body}), *live->set, edit);
    if (!read) return problem(read.error());
    return run_edit(gate, live->name, std::move(edit), false);
}

ApiResponse delete_entry(Gate& gate, const ApiRequest& request) {
    const auto live = find_live(gate, request.arguments[0]);
    if (!live) return problem(live.error());
    auto values = read_values(live->content->type(), request.arguments[1]);
    if (!values) return problem(values.error());
    SetEdit edit;
    edit.remove = *std::move(values);
    return run_edit(gate, live->name, std::move(edit), true);
}

ApiResponse batch(Gate& gate, const ApiRequest& request) {
    const auto live = find_live(gate, request.arguments[0]);
    if (!live) return problem(live.error());
    auto body = parse_object(request.body, {"add", "delete", "reason"});
    if (!body) return problem(body.error());
    SetEdit edit;
    if (auto why = take_reason(*body, edit); !why) return problem(why.error());
    if (body->contains("delete")) {
        auto read = read_removals((*body)["delete"], *live->set, edit);
        if (!read) return problem(read.error());
    }
    if (body->contains("add")) {
        auto read = read_additions((*body)["add"], *live->set, edit);
        if (!read) return problem(read.error());
    }
    return run_edit(gate, live->name, std::move(edit), false);
}

/// Everything goes that is not in `edit.add`, which beats it.
void remove_others(const SetContent& content, SetEdit& edit) {
    edit.remove = content.in_order();
}

ApiResponse replace(Gate& gate, const ApiRequest& request) {
    const auto live = find_live(gate, request.arguments[0]);
    if (!live) return problem(live.error());
    auto body = parse_object(request.body, {"entries", "reason"});
    if (!body) return problem(body.error());
    if (!body->contains("entries")) {
        return problem({ErrorKind::usage, "the request body has no \"entries\"", ""});
    }
    SetEdit edit;
    if (auto why = take_reason(*body, edit); !why) return problem(why.error());
    auto read = read_additions((*body)["entries"], *live->set, edit);
    if (!read) return problem(read.error());
    remove_others(*live->content, edit);
    return run_edit(gate, live->name, std::move(edit), false);
}

ApiResponse flush(Gate& gate, const ApiRequest& request) {
    const auto live = find_live(gate, request.arguments[0]);
    if (!live) return problem(live.error());
    SetEdit edit;
    remove_others(*live->content, edit);
    return run_edit(gate, live->name, std::move(edit), false);
}

}  // namespace

void add_set_routes(std::vector<Route>& routes, Gate& gate) {
    const auto add = [&](const char* method, const char* path, Role role,
                         std::vector<std::string> query,
                         ApiResponse (*run)(Gate&, const ApiRequest&)) {
        routes.push_back({method, path, role, std::move(query),
                          [&gate, run](const ApiRequest& request) { return run(gate, request); }});
    };
    add("GET", "/v1/sets", Role::reader, {},
        [](Gate& g, const ApiRequest&) { return list_sets(g); });
    add("GET", "/v1/sets/{name}", Role::reader, {},
        [](Gate& g, const ApiRequest& r) { return get_set(g, r); });
    add("GET", "/v1/sets/{name}/entries", Role::reader, {"limit", "after"},
        [](Gate& g, const ApiRequest& r) { return list_entries(g, r); });
    add("PUT", "/v1/sets/{name}/entries", Role::writer, {}, replace);
    add("DELETE", "/v1/sets/{name}/entries", Role::writer, {}, flush);
    add("POST", "/v1/sets/{name}/entries/batch", Role::writer, {}, batch);
    add("GET", "/v1/sets/{name}/entries/{value}", Role::reader, {},
        [](Gate& g, const ApiRequest& r) { return test_entry(g, r); });
    add("PUT", "/v1/sets/{name}/entries/{value}", Role::writer, {}, put_entry);
    add("DELETE", "/v1/sets/{name}/entries/{value}", Role::writer, {}, delete_entry);
}

}  // namespace yett
