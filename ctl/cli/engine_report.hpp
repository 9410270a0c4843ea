// SPDX-License-Identifier: GPL-2.0-or-later
// What the compiler says of a ruleset: which engine, how large, and what the dearest packet costs.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

#include "base/result.hpp"
#include "cli/verb.hpp"
#include "compile/compile.hpp"
#include "model/ruleset.hpp"

namespace yett::cli {

/// The tables of a ruleset that was found good, as a first generation would have them.
Result<Tables> compiled(const Ruleset& ruleset);

/// One line: trees, size, and the bound of the dearest packet. Its nanoseconds are an estimate,
/// from costs measured on one machine (ctl/compile/README.md).
std::string engine_line(const Tables& tables);
/// A row for each class of packets.
std::string engine_table(const Context& context, const EngineReport& report);
nlohmann::ordered_json engine_json(const Tables& tables);

}  // namespace yett::cli
