// SPDX-License-Identifier: GPL-2.0-or-later
// What requests about sets have in common: their times and reasons, their answers and errors.
#pragma once

#include "apply/set_content.hpp"
#include "daemon/routes.hpp"

namespace yett {

Error no_such_set(const std::string& name);
/// Of an object's "timeout" (seconds, or words as in "1h"; 0 = never) or the set's own: a moment of
/// CLOCK_BOOTTIME.
Result<std::uint64_t> read_expiry(const Json& body, const Set& set);
/// Why: any text, made safe to print and to save, and cut at kLongestReason.
Result<void> read_reason(const Json& json, SetEdit& edit);

/// What a text names of what is in a set: also what would not be added today.
Result<std::vector<EntryValue>> read_values(SetType type, const std::string& text);

/// 507 when there is no room.
ApiResponse edit_problem(const Error& error);
Json edit_answer(const Gate& gate, const std::string& name, const Edited& result);

}  // namespace yett
