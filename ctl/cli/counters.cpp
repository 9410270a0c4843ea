// SPDX-License-Identifier: GPL-2.0-or-later
// yett counters: one snapshot of all that is counted.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/output.hpp"
#include "cli/remote.hpp"
#include "cli/tables.hpp"

namespace yett::cli {

Run add_counters(CLI::App& command) {
    auto all = std::make_shared<bool>(false);
    command.add_flag("--all", *all, "reasons that have not counted, too");
    return [all](const Context& context) {
        const char* target = *all ? "/v1/counters?all=true" : "/v1/counters";
        return ask_and_show(context, "GET", target, {}, [&](const Json& value) {
            const char* gap = context.terse ? "" : "\n";
            print(fmt::format("{}{}{}{}{}", rules_table(context, at(value, "rules")), gap,
                              reasons_table(context, at(value, "reasons")), gap,
                              interfaces_table(context, at(value, "interfaces"))));
            return 0;
        });
    };
}

}  // namespace yett::cli
