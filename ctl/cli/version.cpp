// SPDX-License-Identifier: GPL-2.0-or-later
// yett version: of this command, of its data plane's layout, and of the daemon when one listens.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "abi/types.h"
#include "cli/output.hpp"
#include "cli/remote.hpp"

namespace yett::cli {
namespace {

int run_version(const Context& context) {
    const auto answer = ask(context, "GET", "/v1/version");
    const bool heard = answer && answer->ok();
    if (context.json) {
        Json value = {{"version", YETT_VERSION}, {"abi", YETT_ABI_VERSION}};
        value["daemon"] = heard ? answer->value : Json();
        print(value.dump(context.pretty ? 2 : -1));
        return 0;
    }
    print(fmt::format("yett {} (abi {})", YETT_VERSION, YETT_ABI_VERSION));
    if (heard) {
        print(fmt::format("yettd {} (abi {})", text_at(answer->value, "version"),
                          number_at(answer->value, "abi")));
    }
    return 0;
}

}  // namespace

Run add_version(CLI::App&) {
    return run_version;
}

}  // namespace yett::cli
