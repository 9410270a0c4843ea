// SPDX-License-Identifier: GPL-2.0-or-later
// The JSON Schema of rule files, as rules/ruleset.schema.json has it.
#pragma once

#include <string_view>

namespace yett {

/// The whole text, with a line end at the end.
std::string_view schema_text();

}  // namespace yett
