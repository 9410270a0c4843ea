// SPDX-License-Identifier: GPL-2.0-or-later
// yett attach IFACE: filter on an interface.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/output.hpp"
#include "cli/remote.hpp"

namespace yett::cli {
namespace {

struct AttachArguments {
    std::string interface;
    std::string direction;
};

int run_attach(const Context& context, const AttachArguments& arguments) {
    const std::string query =
        arguments.direction.empty() ? "" : "?direction=" + arguments.direction;
    const std::string target =
        "/v1/interfaces/" + percent_encode(arguments.interface) + "/attachment" + query;
    return ask_and_show(context, "PUT", target, {}, [](const Json& value) {
        for (const Json& item : at(value, "attached")) {
            const std::string note = text_at(item, "note");
            print(fmt::format("{} {}: {}{}", text_at(item, "interface"), text_at(item, "direction"),
                              text_at(item, "mode"),
                              note.empty() || note == "-" ? "" : " (" + note + ")"));
        }
        return 0;
    });
}

}  // namespace

Run add_attach(CLI::App& command) {
    auto arguments = std::make_shared<AttachArguments>();
    command.add_option("interface", arguments->interface, "such as eth0")->required();
    command.add_option("--direction", arguments->direction, "ingress or egress; both when absent")
        ->check(CLI::IsMember({"ingress", "egress"}));
    return [arguments](const Context& context) { return run_attach(context, *arguments); };
}

}  // namespace yett::cli
