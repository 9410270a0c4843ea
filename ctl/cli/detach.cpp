// SPDX-License-Identifier: GPL-2.0-or-later
// yett detach: the off switch. It works through the daemon, and without one that answers.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include "abi/fields.h"
#include "base/lock.hpp"
#include "bpf/hooks.hpp"
#include "bpf/marks.hpp"
#include "cli/output.hpp"
#include "cli/remote.hpp"

namespace yett::cli {
namespace {

/// A daemon that has not answered by then is left alone: with what follows, 3 seconds in all.
constexpr auto kPatience = std::chrono::milliseconds(1500);

struct DetachArguments {
    std::string interface;  ///< empty: all
    bool all = false;
    std::string direction;  ///< empty: both

    [[nodiscard]] bool means(const Attachment& one) const {
        return (interface.empty() || interface == one.interface) &&
               (direction.empty() || direction == direction_of(one));
    }
    static const char* direction_of(const Attachment& one) {
        return one.direction == YETT_EGRESS ? "egress" : "ingress";
    }
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

Error need_root(const Error& why) {
    return {ErrorKind::permission, why.message + ", and without it only root can detach",
            "use sudo"};
}

std::set<Mark> marks_of(const DetachArguments& arguments) {
    std::set<Mark> marks;
    const std::string name = arguments.interface.empty() ? "*" : arguments.interface;
    for (const auto& [word, number] :
         {std::pair{"ingress", YETT_INGRESS}, {"egress", YETT_EGRESS}}) {
        if (arguments.direction.empty() || arguments.direction == word) marks.emplace(name, number);
    }
    return marks;
}

/// For the daemon, before anything is taken off: it must not attach it again. Beside the pins,
/// which never fails for want of room, and in the state directory, which lives over a reboot.
Result<void> leave_marks(const Context& context, const DetachArguments& arguments) {
    const std::string state = state_directory_of(context.pin_directory);
    for (const Mark& mark : marks_of(arguments)) {
        if (auto done = HandMarks(context.pin_directory).add(mark); !done) return done;
        if (state.empty()) continue;
        if (auto done = HandMarks(state).add(mark); !done)
            fmt::print(stderr, "yett: {}: detached until the next reboot only\n",
                       printable(done.error().message));
    }
    return {};
}

/// Hooks first, all of them, whatever becomes of one.
Result<Json> take_off(const PinnedHooks& hooks, const std::vector<Attachment>& attachments,
                      const DetachArguments& arguments) {
    Json detached = Json::array();
    std::optional<Error> failed;
    for (const Attachment& one : attachments) {
        if (!arguments.means(one)) continue;
        const auto done = hooks.detach({one.interface, one.ifindex}, one.direction);
        if (!done) {
            failed = done.error();
        } else if (*done) {
            detached.push_back(
                {{"interface", one.interface}, {"direction", DetachArguments::direction_of(one)}});
        }
    }
    if (failed) return *failed;
    return detached;
}

void tell_of_living_daemon() {
    fmt::print(stderr,
               "yett: detached without the daemon, which lives and does not answer; it attaches "
               "nothing of this again until a ruleset is applied\n");
}

/// Pins go when all is off and no daemon works with them: one that lives would be left with
/// programs that have no tables.
int detach_alone(const Context& context, const DetachArguments& arguments, const Error& why) {
    if (geteuid() != 0) return fail(context, need_root(why));
    const auto& pins = context.pin_directory;
    std::error_code ignored;
    const bool pinned = std::filesystem::exists(pins, ignored);
    const auto lock =
        pinned ? lock_directory(pins) : Result<std::optional<Fd>>(std::optional<Fd>(Fd()));
    if (!lock) return fail(context, lock.error());
    const PinnedHooks hooks(pins);
    const auto attachments = hooks.attachments();
    if (!attachments) return fail(context, attachments.error());
    const bool any = std::any_of(attachments->begin(), attachments->end(),
                                 [&](const Attachment& one) { return arguments.means(one); });
    if (!any && !arguments.interface.empty())
        return fail(context, {ErrorKind::no, arguments.interface + " was not attached", ""});
    if (pinned)
        if (auto marked = leave_marks(context, arguments); !marked)
            return fail(context, marked.error());
    const auto detached = take_off(hooks, *attachments, arguments);
    if (!detached) return fail(context, detached.error());
    if (!*lock) {
        tell_of_living_daemon();
    } else if (arguments.interface.empty()) {
        if (auto gone = hooks.remove_pins(); !gone) return fail(context, gone.error());
    }
    return report(context, *detached);
}

int run_detach(const Context& context, const DetachArguments& arguments) {
    std::string target = "/v1/interfaces";
    if (!arguments.interface.empty()) {
        target += "/" + percent_encode(arguments.interface) + "/attachment";
        if (!arguments.direction.empty()) target += "?direction=" + arguments.direction;
    }
    const auto answer = ask_for(kPatience, context, "DELETE", target);
    if (!answer) {
        const ErrorKind kind = answer.error().kind;
        const bool alone = kind == ErrorKind::unreachable || kind == ErrorKind::timeout;
        return alone ? detach_alone(context, arguments, answer.error())
                     : fail(context, answer.error());
    }
    if (answer->status == 503) return detach_alone(context, arguments, error_of(*answer));
    if (!answer->ok()) return fail(context, error_of(*answer));
    if (context.json) {
        print_json(context, *answer);
    } else {
        report(context, at(answer->value, "detached"));
    }
    return exit_code_of_saving(answer->value);
}

}  // namespace

Run add_detach(CLI::App& command) {
    auto arguments = std::make_shared<DetachArguments>();
    auto* interface =
        command.add_option("interface", arguments->interface, "such as eth0; all when absent");
    command.add_flag("--all", arguments->all, "every interface")->excludes(interface);
    command.add_option("--direction", arguments->direction, "ingress or egress; both when absent")
        ->check(CLI::IsMember({"ingress", "egress"}))
        ->needs(interface);
    return [arguments](const Context& context) { return run_detach(context, *arguments); };
}

}  // namespace yett::cli
