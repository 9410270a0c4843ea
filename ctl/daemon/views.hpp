// SPDX-License-Identifier: GPL-2.0-or-later
// Values of the data plane as the JSON of the REST socket (api/routes.md).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "abi/observe.h"
#include "api/json_text.hpp"
#include "apply/attach.hpp"
#include "apply/set_content.hpp"
#include "bpf/data_plane.hpp"

namespace yett {

/// "2026-05-01T09:30:00Z"; null for 0. `seconds` since 1970.
Json time_json(std::int64_t seconds);
/// A moment of CLOCK_BOOTTIME as a time of day; null for 0.
Json boot_time_json(std::uint64_t nanoseconds);

const char* direction_name(std::uint32_t direction);
std::optional<Direction> parse_direction(const std::string& text);
const char* verdict_name(Verdict verdict);
const char* action_name(ActionKind action);

Json to_json(const yett_counter& counter);
Json to_json(const Attachment& attachment);
Json to_json(const std::vector<Attachment>& attachments);
Json to_json(const std::vector<Hook>& hooks);
Json to_json(const SetContent& content, const EntryValue& value, const Entry& entry);
const char* mode_name(AttachMode mode);

}  // namespace yett
