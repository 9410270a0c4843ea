// SPDX-License-Identifier: GPL-2.0-or-later
// JSON of requests and answers. Rule files are not read here: they have a reader of their own.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/result.hpp"

namespace yett {

/// Objects keep the order in which they were filled.
using Json = nlohmann::ordered_json;

/// Octets that are not UTF-8 come out as U+FFFD; never throws for the content.
std::string to_text(const Json& value);

/// Fails with kind usage: not JSON, more than 16 levels deep, or a key twice in one object.
Result<Json> parse_json(std::string_view text);

Json to_json(const Diagnostic& diagnostic);
Json to_json(const std::vector<Diagnostic>& diagnostics);

}  // namespace yett
