// SPDX-License-Identifier: GPL-2.0-or-later
// What requests about sets have in common.
#include "daemon/set_requests.hpp"

#include "base/visible.hpp"
#include "daemon/views.hpp"
#include "json/values.hpp"
#include "lists/items.hpp"
#include "observe/snapshot.hpp"

namespace yett {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

}  // namespace

Error no_such_set(const std::string& name) {
    return {ErrorKind::no, "there is no set " + name, "see them with: yett show sets"};
}

Result<std::uint64_t> read_expiry(const Json& body, const Set& set) {
    const auto from_now = [](std::uint64_t seconds) {
        return seconds == 0 ? 0 : boot_time() + seconds * kSecond;
    };
    const auto found = body.find("timeout");
    if (found == body.end()) return from_now(set.timeout_seconds.value_or(0));
    const bool number = found->is_number_unsigned();
    const auto text = number               ? std::to_string(found->get<std::uint64_t>())
                      : found->is_string() ? found->get<std::string>()
                                           : std::string();
    if (text.empty())
        return Error{ErrorKind::usage, "timeout is a number of seconds, or a text as in \"1h\"",
                     "0 is for ever"};
    const auto seconds = parse_timeout(text);
    if (!seconds) return Error{ErrorKind::usage, seconds.error().message, seconds.error().hint};
    if (!may_expire(set.type) && *seconds != 0)
        return Error{ErrorKind::usage,
                     "entries of a set of " + std::string(plural_of(set.type)) + " do not expire",
                     "leave the timeout out"};
    return from_now(*seconds);
}

Result<void> read_reason(const Json& json, SetEdit& edit) {
    if (!json.is_string()) return Error{ErrorKind::usage, "reason is a string", ""};
    edit.reason = visible(json.get<std::string>(), kLongestReason);
    return {};
}

Result<std::vector<EntryValue>> read_values(SetType type, const std::string& text) {
    if (const auto one = parse_entry(type, text)) return std::vector{*one};
    std::vector<EntryValue> values;
    if (auto read = parse_entries(type, text, values); !read) return read.error();
    return values;
}

ApiResponse edit_problem(const Error& error) {
    return error.kind == ErrorKind::kernel ? problem(507, error) : problem(error);
}

Json edit_answer(const Gate& gate, const std::string& name, const Edited& result) {
    return {{"set", name},
            {"added", result.added},
            {"refreshed", result.refreshed},
            {"deleted", result.deleted},
            {"missing", result.missing},
            {"entries", gate.active().sets.at(name).size()},
            {"saved", result.unsaved.empty()},
            {"unsaved", result.unsaved.empty() ? Json(nullptr) : Json(result.unsaved)}};
}

}  // namespace yett
