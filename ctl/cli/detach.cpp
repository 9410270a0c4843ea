// SPDX-License-Identifier: GPL-2.0-or-later
// yett detach: the off switch. It works through the daemon, and without one.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "abi/fields.h"
#include "bpf/data_plane.hpp"
#include "cli/output.hpp"
#include "cli/remote.hpp"

namespace yett::cli {
namespace {

struct Arguments {
    std::string interface;  ///< empty: all
    bool all = false;
    std::string direction;
};

int report(const Context& context, const Json& detached) {
    if (context.json) {
        print(Json{{"detached", detached}}.dump(context.pretty ? 2 : -1));
        return 0;
    }
    for (const Json& item : detached) {
        print(
            fmt::format("{} {}: detached", text_at(item, "interface"), text_at(item, "direction")));
    }
    if (detached.empty()) print("was not attached anywhere");
    return 0;
}

/// Nothing is pinned there: nothing can be attached.
bool nothing_pinned(const Context& context) {
    std::error_code ignored;
    return !std::filesystem::exists(context.pin_directory, ignored);
}

Error need_root() {
    return {ErrorKind::permission,
            "the daemon does not answer, and without it only root can detach", "use sudo"};
}

int detach_all_alone(const Context& context) {
    Json detached = Json::array();
    const DataPlane::Options options{context.pin_directory};
    // What was attached is told, when the pins can still be read; what cannot be read is removed
    // all the same.
    if (const auto plane = DataPlane::open(options)) {
        if (const auto attachments = plane->attachments()) {
            for (const auto& item : *attachments) {
                const char* direction = item.direction == YETT_EGRESS ? "egress" : "ingress";
                detached.push_back({{"interface", item.interface}, {"direction", direction}});
            }
        }
    }
    if (const auto removed = DataPlane::remove(options); !removed) {
        return fail(context, removed.error());
    }
    return report(context, detached);
}

int detach_one_alone(const Context& context, const Arguments& arguments) {
    auto plane = DataPlane::open({context.pin_directory});
    if (!plane) return fail(context, plane.error());
    Json detached = Json::array();
    for (const auto& [name, number] :
         {std::pair{"ingress", YETT_INGRESS}, {"egress", YETT_EGRESS}}) {
        if (!arguments.direction.empty() && arguments.direction != name) continue;
        const auto was = plane->detach(arguments.interface, number);
        if (!was) return fail(context, was.error());
        if (*was) detached.push_back({{"interface", arguments.interface}, {"direction", name}});
    }
    if (!detached.empty()) return report(context, detached);
    return fail(context, {ErrorKind::no, arguments.interface + " was not attached", ""});
}

int detach_alone(const Context& context, const Arguments& arguments) {
    if (geteuid() != 0) return fail(context, need_root());
    if (nothing_pinned(context)) return report(context, Json::array());
    if (arguments.interface.empty()) return detach_all_alone(context);
    return detach_one_alone(context, arguments);
}

int run_detach(const Context& context, const Arguments& arguments) {
    std::string target = "/v1/interfaces";
    if (!arguments.interface.empty()) {
        target += "/" + percent_encode(arguments.interface) + "/attachment";
        if (!arguments.direction.empty()) target += "?direction=" + arguments.direction;
    }
    const auto answer = ask(context, "DELETE", target);
    if (!answer) {
        const bool dead = answer.error().kind == ErrorKind::unreachable;
        return dead ? detach_alone(context, arguments) : fail(context, answer.error());
    }
    if (!answer->ok()) return fail(context, error_of(*answer));
    return report(context, at(answer->value, "detached"));
}

}  // namespace

Run add_detach(CLI::App& command) {
    auto arguments = std::make_shared<Arguments>();
    auto* interface =
        command.add_option("interface", arguments->interface, "such as eth0; all when absent");
    command.add_flag("--all", arguments->all, "every interface")->excludes(interface);
    command.add_option("--direction", arguments->direction, "ingress or egress; both when absent")
        ->check(CLI::IsMember({"ingress", "egress"}))
        ->needs(interface);
    return [arguments](const Context& context) { return run_detach(context, *arguments); };
}

}  // namespace yett::cli
