// SPDX-License-Identifier: GPL-2.0-or-later
// Model -> diagnostics: what a ruleset gets wrong as a whole.
#pragma once

#include <cstddef>
#include <vector>

#include "base/diagnostic.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// Errors make a ruleset unfit to be applied; warnings are rules that do less or more than they
/// seem to. At most 20 of each. Every diagnostic has a JSON pointer and no location: Source::locate
/// adds it. Needs no text: a ruleset from anywhere is judged, also one that no reader would make.
std::vector<Diagnostic> check(const Ruleset& ruleset);

/// Warns when a ruleset that is to be applied filters nowhere.
std::vector<Diagnostic> check_coverage(const Ruleset& ruleset);

/// Judges the packets in `tests` by the reference (check/judge.hpp) and reports each that is judged
/// otherwise than expected, at most 20. For a ruleset without errors of check(). Looks at rules
/// `most_visits` times (some seconds) and says which tests it did not come to.
std::vector<Diagnostic> run_tests(const Ruleset& ruleset, std::size_t most_visits = 50'000'000);

}  // namespace yett
