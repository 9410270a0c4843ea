// SPDX-License-Identifier: GPL-2.0-or-later
// /v1/sets/{name}/imports: a list comes in pieces, and becomes entries in one transaction.
#include <chrono>
#include <ctime>
#include <memory>

#include "daemon/list_file.hpp"
#include "daemon/routes.hpp"
#include "daemon/set_requests.hpp"
#include "daemon/views.hpp"
#include "lists/list_reader.hpp"
#include "observe/snapshot.hpp"

namespace yett {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kAtOnce = 4;
constexpr std::chrono::seconds kPatience{120};

struct Import {
    std::string set;
    std::uint64_t identity;  ///< of the set when it began
    std::unique_ptr<ListReader> reader;
    SetEdit edit;             ///< what all entries share
    std::uint64_t begun = 0;  ///< CLOCK_BOOTTIME nanoseconds: ends count from here
    bool replace = false;
    bool force = false;
    Clock::time_point used = Clock::now();
};

struct Imports {
    std::map<std::string, Import> open;
    std::uint64_t next = 1;
};

Result<bool> take_flag(const Json& body, const char* key) {
    if (!body.contains(key)) return false;
    if (body[key].is_boolean()) return body[key].get<bool>();
    return Error{ErrorKind::usage, std::string(key) + " is true or false", ""};
}

Result<std::string> take_text(const Json& body, const char* key) {
    if (!body.contains(key)) return std::string();
    if (body[key].is_string() && !body[key].get_ref<const std::string&>().empty())
        return body[key].get<std::string>();
    return Error{ErrorKind::usage, std::string(key) + " is a text that is not empty", ""};
}

/// "column": 2, or "columns": "1-2".
Result<ListColumns> take_columns(const Json& body) {
    const Error wrong{ErrorKind::usage, "column is a number from 1 to 1000",
                      "columns is a text as in \"2\", \"1-2\""};
    if (body.contains("columns")) {
        const auto& text = body["columns"];
        const auto columns =
            text.is_string() ? parse_list_columns(text.get<std::string>()) : std::nullopt;
        return columns ? Result<ListColumns>(*columns) : wrong;
    }
    if (!body.contains("column")) return ListColumns{};
    const auto& column = body["column"];
    if (!column.is_number_unsigned() || column.get<std::uint64_t>() - 1 >= kMostListColumns)
        return wrong;
    return ListColumns{column.get<unsigned>(), column.get<unsigned>(), true, false};
}

Result<ListOptions> read_options(const Json& body, SetType type) {
    ListOptions options;
    options.type = type;
    options.now = ::time(nullptr);
    const auto skip = take_flag(body, "skip_invalid");
    if (!skip) return skip.error();
    options.skip_invalid = *skip;
    for (const auto& [key, into] : {std::pair{"from", &options.set}, std::pair{"key", &options.key},
                                    std::pair{"pointer", &options.pointer}}) {
        auto text = take_text(body, key);
        if (!text) return text.error();
        *into = *std::move(text);
    }
    if (body.contains("format")) {
        const auto format = body["format"].is_string()
                                ? parse_list_format(body["format"].get<std::string>())
                                : std::nullopt;
        if (!format) return Error{ErrorKind::usage, std::string("format is ") + kListFormats, ""};
        options.format = *format;
    }
    auto columns = take_columns(body);
    if (!columns) return columns.error();
    options.columns = *columns;
    if (columns->chosen && options.format != ListFormat::csv)
        return Error{ErrorKind::usage, "a column is of CSV alone", "say so: --format csv"};
    return options;
}

Result<Import> read_import(const Json& body, const std::string& name, const Set& set,
                           std::uint64_t identity) {
    auto options = read_options(body, set.type);
    if (!options) return options.error();
    Import import{name, identity, std::make_unique<ListReader>(*options)};
    import.begun = boot_time();
    const auto replace = take_flag(body, "replace");
    if (!replace) return replace.error();
    const auto force = take_flag(body, "force");
    if (!force) return force.error();
    import.replace = *replace;
    import.force = *force;
    auto expires = read_expiry(body, set);
    if (!expires) return expires.error();
    import.edit.expires = *expires;
    if (body.contains("reason")) {
        if (auto why = read_reason(body["reason"], import.edit); !why) return why.error();
    }
    return import;
}

ApiResponse begin(Gate& gate, Imports& imports, const ApiRequest& request) {
    const auto& name = request.arguments[0];
    const auto* set = find_set(gate.active().ruleset, name);
    if (set == nullptr) return problem(no_such_set(name));
    const auto body =
        parse_object(request.body, {"replace", "force", "format", "column", "columns", "from",
                                    "key", "pointer", "skip_invalid", "timeout", "reason"});
    if (!body) return problem(body.error());
    std::erase_if(imports.open,
                  [](const auto& item) { return Clock::now() - item.second.used > kPatience; });
    if (imports.open.size() >= kAtOnce)
        return problem(
            {ErrorKind::conflict, "other imports are going on", "try again in a minute"});
    auto import = read_import(*body, name, *set, gate.active().sets.at(name).identity());
    if (!import) return problem(import.error());
    const auto id = std::to_string(imports.next++);
    imports.open.emplace(id, std::move(*import));
    auto response = json_response({{"set", name}, {"import", id}});
    response.status = 201;
    return response;
}

Result<std::map<std::string, Import>::iterator> find_import(Imports& imports,
                                                            const ApiRequest& request) {
    const auto found = imports.open.find(request.arguments[1]);
    if (found != imports.open.end() && found->second.set == request.arguments[0]) return found;
    return Error{ErrorKind::no, "there is no such import: it is done, or took too long",
                 "begin again"};
}

/// Half a list is none: without memory for the rest the import is over.
Result<void> feed_or_words(ListReader& reader, const std::string& piece) {
    try {
        return reader.feed(piece);
    } catch (const std::bad_alloc&) {
        return Error{ErrorKind::kernel, "there is no memory for so long a list",
                     "nothing of it was taken; bring it in parts"};
    }
}

/// A set of that name may be another one by now, of another type even.
Result<void> check_set(const Gate& gate, const Import& import) {
    const auto content = gate.active().sets.find(import.set);
    if (content == gate.active().sets.end()) return no_such_set(import.set);
    if (content->second.identity() == import.identity) return {};
    return Error{ErrorKind::conflict,
                 "a ruleset has made the set " + import.set +
                     " anew while its list was coming; nothing of the list was taken",
                 "look at its type with yett show sets, and begin again"};
}

ApiResponse feed(const Gate& gate, Imports& imports, const ApiRequest& request) {
    const auto import = find_import(imports, request);
    if (!import) return problem(import.error());
    if (auto same = check_set(gate, (*import)->second); !same) {
        imports.open.erase(*import);
        return problem(same.error());
    }
    auto& reader = *(*import)->second.reader;
    (*import)->second.used = Clock::now();
    auto fed = feed_or_words(reader, request.body);
    if (fed && reader.values() > YETT_MAX_SET_ENTRIES)
        fed = Error{ErrorKind::kernel, "the list has more entries than all sets together may hold",
                    ""};
    if (!fed) {
        imports.open.erase(*import);
        return fed.error().kind == ErrorKind::kernel ? problem(507, fed.error())
                                                     : problem(fed.error());
    }
    return json_response({{"lines", reader.lines()}, {"entries", reader.values()}});
}

/// The entries of the list, each with its own end and reason where it has one.
void take_entries(List& list, Import& import) {
    constexpr std::uint64_t second = 1'000'000'000;
    auto& edit = import.edit;
    for (const auto seconds : list.seconds)
        edit.ends.push_back(seconds == kNoEnd ? edit.expires
                            : seconds == 0
                                ? 0
                                : import.begun + static_cast<std::uint64_t>(seconds) * second);
    edit.add = std::move(list.values);
    edit.why = std::move(list.why);
    edit.reasons = std::move(list.reasons);
}

/// What stands in the way of the list; nothing does when it is forced.
Result<void> check_import(const Gate& gate, const Import& import, const Set& set,
                          const List& list) {
    if (import.force) return {};
    if (auto good = check_list(list, import.replace); !good || !import.replace) return good;
    return check_guards(import.set, set, gate.active().sets.at(import.set).size(),
                        list.values.size());
}

ApiResponse commit(Gate& gate, Imports& imports, const ApiRequest& request) {
    const auto found = find_import(imports, request);
    if (!found) return problem(found.error());
    auto import = std::move((*found)->second);
    imports.open.erase(*found);
    if (auto same = check_set(gate, import); !same) return problem(same.error());
    const auto* set = find_set(gate.active().ruleset, import.set);
    if (set == nullptr) return problem(no_such_set(import.set));
    auto list = import.reader->finish();
    if (!list) return problem(list.error());
    if (auto good = check_import(gate, import, *set, *list); !good) return problem(good.error());
    const auto lifted = list->lifted.size();
    import.edit.remove =
        import.replace ? gate.active().sets.at(import.set).in_order() : std::move(list->lifted);
    take_entries(*list, import);
    import.edit.now = ::time(nullptr);
    const auto result = gate.edit(import.set, std::move(import.edit));
    if (!result) return edit_problem(result.error());
    auto answer = edit_answer(gate, import.set, *result);
    answer["missing"] = 0;  // what a feed lifts may never have come here
    answer["lines"] = list->lines;
    answer["read"] = list->read;
    answer["duplicate"] = list->duplicate;
    answer["contained"] = list->contained;
    answer["over"] = list->over;
    answer["lifted"] = lifted;
    answer["skipped"] = list->skipped;
    answer["problems"] = list->problems;
    return json_response(answer);
}

ApiResponse give_up(Imports& imports, const ApiRequest& request) {
    const auto found = find_import(imports, request);
    if (!found) return problem(found.error());
    imports.open.erase(*found);
    return json_response({{"deleted", 1}});
}

ApiResponse reload(Gate& gate, const ApiRequest& request) {
    const auto force = query_flag(request, "force", false);
    if (!force) return problem(force.error());
    const auto& name = request.arguments[0];
    const auto result = gate.reload_set(name, *force);
    if (!result) return edit_problem(result.error());
    return json_response(edit_answer(gate, name, *result));
}

}  // namespace

void add_import_routes(std::vector<Route>& routes, Gate& gate) {
    const auto imports = std::make_shared<Imports>();
    routes.push_back({"POST",
                      "/v1/sets/{name}/imports",
                      Role::writer,
                      {},
                      [&gate, imports](const ApiRequest& r) { return begin(gate, *imports, r); }});
    const char* one = "/v1/sets/{name}/imports/{id}";
    routes.push_back({"POST", one, Role::writer, {}, [&gate, imports](const ApiRequest& r) {
                          return feed(gate, *imports, r);
                      }});
    routes.push_back({"PUT", one, Role::writer, {}, [&gate, imports](const ApiRequest& r) {
                          return commit(gate, *imports, r);
                      }});
    routes.push_back({"DELETE", one, Role::writer, {}, [imports](const ApiRequest& r) {
                          return give_up(*imports, r);
                      }});
    routes.push_back(
        {"POST", "/v1/sets/{name}/reload", Role::writer, {"force"}, [&gate](const ApiRequest& r) {
             return reload(gate, r);
         }});
}

}  // namespace yett
