// SPDX-License-Identifier: GPL-2.0-or-later
// The pure stages of the path of a rule, one after another.
#include "cli/document.hpp"

#include "check/check.hpp"

namespace yett::cli {

Document judged(std::string text, const JsonLimits& limits) {
    Document document = read_ruleset(std::move(text), limits);
    if (!document.ok()) return document;
    document.diagnostics = check(document.ruleset);
    for (Diagnostic& open : check_coverage(document.ruleset))
        document.diagnostics.push_back(std::move(open));
    if (document.ok()) {
        for (Diagnostic& failed : run_tests(document.ruleset)) {
            document.diagnostics.push_back(std::move(failed));
        }
    }
    document.source.locate(document.diagnostics);
    return document;
}

}  // namespace yett::cli
