// SPDX-License-Identifier: GPL-2.0-or-later
// What requests about sets have in common.
#include "daemon/set_requests.hpp"

#include <algorithm>

#include "daemon/views.hpp"
#include "observe/snapshot.hpp"

namespace yett {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kLongestTimeout = 10ull * 365 * 86400;

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
    if (!found->is_number_unsigned() || found->get<std::uint64_t>() > kLongestTimeout)
        return Error{ErrorKind::usage, "timeout is a number of seconds, at most ten years", ""};
    if (!may_expire(set.type) && found->get<std::uint64_t>() != 0)
        return Error{ErrorKind::usage,
                     "entries of a set of " + std::string(plural_of(set.type)) + " do not expire",
                     ""};
    return from_now(found->get<std::uint64_t>());
}

Result<void> read_reason(const Json& json, SetEdit& edit) {
    constexpr std::size_t kLongest = 120;
    if (!json.is_string()) return Error{ErrorKind::usage, "reason is a string", ""};
    edit.reason = json.get<std::string>();
    const bool plain = std::all_of(edit.reason.begin(), edit.reason.end(),
                                   [](char c) { return c >= ' ' && c <= '~'; });
    if (plain && edit.reason.size() <= kLongest) return {};
    return Error{ErrorKind::usage, "a reason has at most 120 printable ASCII characters", ""};
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
