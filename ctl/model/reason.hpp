// SPDX-License-Identifier: GPL-2.0-or-later
// The reasons of abi/reasons.h by name, and what a ruleset's "exceptions" make of them.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "abi/reasons.h"
#include "model/ruleset.hpp"

namespace yett {

struct ReasonInfo {
    const char* name;
    yett_reason_kind kind;
    const char* words;  ///< what it says to a person
};

/// By enum yett_reason.
extern const std::array<ReasonInfo, YETT_REASON_COUNT> kReasons;

std::optional<yett_reason> find_reason(std::string_view name);

/// "exceptions" may name it: its kind is EXCEPT or SWITCH.
[[nodiscard]] bool can_be_excepted(yett_reason reason);
/// What the ruleset does with a packet for which this reason holds: the value in "exceptions", else
/// drop for FIXED and EXCEPT, pass for SWITCH (the rules judge it).
Verdict reason_verdict(const Ruleset& ruleset, yett_reason reason);

}  // namespace yett
