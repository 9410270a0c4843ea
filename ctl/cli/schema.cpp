// SPDX-License-Identifier: GPL-2.0-or-later
// yett schema: the JSON Schema of rule files, for editors.
#include "json/schema.hpp"

#include <CLI/CLI.hpp>

#include "cli/output.hpp"

namespace yett::cli {

Run add_schema(CLI::App&) {
    return [](const Context&) {
        print(schema_text());
        return 0;
    };
}

}  // namespace yett::cli
