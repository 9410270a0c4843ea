// SPDX-License-Identifier: GPL-2.0-or-later
// The text of a rule file -> the model. Grammar: json/README.md and rules/ruleset.schema.json.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "json/source.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// A rule file that has been read. `ruleset` means something only when `ok()`.
struct Document {
    Source source;
    Ruleset ruleset;
    std::vector<Diagnostic>
        diagnostics;  ///< in the order of the text, each with pointer and location

    [[nodiscard]] bool ok() const;
};

/// Reads what the words say, each by itself: shapes, types, spelling, bounds of numbers. What needs
/// more than one value (unknown sets, duplicate names, contradictions) is for check(). Never throws
/// for what a text says, and reports at most limits.diagnostics errors.
Document read_ruleset(std::string text, const JsonLimits& limits = {});

/// True when no diagnostic is an error.
[[nodiscard]] bool acceptable(const std::vector<Diagnostic>& diagnostics);

}  // namespace yett
