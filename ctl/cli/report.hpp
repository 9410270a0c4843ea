// SPDX-License-Identifier: GPL-2.0-or-later
// Diagnostics as an operator reads them: place, sentence, the line with a caret, the mend.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "cli/verb.hpp"
#include "json/source.hpp"

namespace yett::cli {

/// `file` is what the operator called it. Foreign text is made harmless for terminals.
std::string report(const std::string& file, const Source& source,
                   const std::vector<Diagnostic>& diagnostics, bool color);

/// The same as the daemon's answers have it.
nlohmann::ordered_json to_json(const std::vector<Diagnostic>& diagnostics);

}  // namespace yett::cli
