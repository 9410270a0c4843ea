// SPDX-License-Identifier: GPL-2.0-or-later
// yett, the command line: one table of verbs, the options that all of them share, and the exit
// codes.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <new>
#include <string_view>

#include "base/result.hpp"
#include "base/standard_fds.hpp"
#include "cli/output.hpp"
#include "cli/usage.hpp"
#include "cli/verb.hpp"

namespace yett::cli {
namespace {

constexpr Verb kVerbs[] = {
    {"check", "read, judge and test a rule file; needs neither root nor a daemon", add_check},
    {"compile", "the size of a rule file's tables, and what the dearest packet costs", add_compile},
    {"fmt", "print a rule file in its canonical form", add_fmt},
    {"schema", "print the JSON Schema of rule files, for editors", add_schema},
    {"apply", "make a rule file the active ruleset, all or nothing", add_apply},
    {"status", "what is active, since when, and where it is attached", add_status},
    {"show", "rules, sets, interfaces, reasons or connections", add_show},
    {"counters", "packets and bytes of every rule, reason and interface", add_counters},
    {"set", "change or ask the sets that rules refer to", add_set},
    {"attach", "filter on an interface", add_attach},
    {"detach", "the off switch: stop filtering, on one interface or on all", add_detach},
    {"trace", "what the loaded programs do with a packet, and why", add_trace},
    {"version", "versions of the command and of the daemon", add_version},
};

constexpr const char* kFooter =
    "exit codes: 0 ok or yes, 1 no or differs, 2 usage, 3 invalid ruleset, 4 daemon unreachable, 5 "
    "permission, "
    "6 kernel or driver refused, 7 conflict or guard, 8 rolled back or timed out, 9 internal";

struct SharedOptions {
    Context context;
    std::string color = "auto";
};

void add_shared_options(CLI::App& app, SharedOptions& options) {
    Context& context = options.context;
    app.add_option("--socket", context.socket_path, "the daemon's socket")
        ->envname("YETT_SOCKET")
        ->default_val("/run/yett/yett.sock");
    app.add_option("--pin-dir", context.pin_directory, "where the data plane is pinned")
        ->envname("YETT_PIN_DIR")
        ->default_val("/sys/fs/bpf/yett");
    app.add_flag("-j,--json", context.json, "print JSON, errors too");
    app.add_flag("-p,--pretty", context.pretty, "print JSON, indented");
    app.add_flag("-t,--terse", context.terse, "no headings and no units; tabs between fields");
    app.add_option("--color", options.color, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}));
}

bool want_color(const std::string& choice) {
    if (choice != "auto") return choice == "always";
    const char* refused = std::getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) == 1 && (refused == nullptr || *refused == '\0');
}

/// An unset shell variable must not become "all", "none" or "the default": no verb takes an empty
/// argument, nor an option or a variable of ours that says nothing.
void refuse_empty(int argc, char** argv) {
    const auto refuse = [](const std::string& what) {
        throw CLI::ValidationError(what, "is empty: is a shell variable unset?");
    };
    for (int i = 1; i < argc; ++i) {
        const std::string_view word(argv[i]);
        if (word.find_first_not_of(" \t\n") == std::string_view::npos)
            refuse(i == 1 ? "the first argument"
                          : fmt::format("the argument after {}", argv[i - 1]));
        if (word.starts_with("--") && word.ends_with('=')) refuse(argv[i]);
    }
    for (const char* name : {"YETT_SOCKET", "YETT_PIN_DIR"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value == '\0') refuse(name);
    }
}

/// CLI11 exits with 100 and more on usage errors; ours is 2, and its words are ours. -1: help was
/// asked for, and given.
int parse(CLI::App& app, int argc, char** argv, Context context) {
    try {
        refuse_empty(argc, argv);
        app.parse(argc, argv);
        return 0;
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            app.exit(error);
            return -1;
        }
        const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
        context.json = wants_json(arguments, context.pretty);
        return fail(context, usage_error(app, arguments, error.what()));
    }
}

int run(int argc, char** argv) {
    SharedOptions options;
    CLI::App app("a packet filter at the gate: rules in JSON, judged by XDP and TC", "yett");
    app.require_subcommand(1);
    app.fallthrough();
    app.footer(kFooter);
    add_shared_options(app, options);
    std::vector<std::pair<CLI::App*, Run>> verbs;
    for (const Verb& verb : kVerbs) {
        CLI::App* command = app.add_subcommand(verb.name, verb.summary);
        command->fallthrough();
        verbs.emplace_back(command, verb.add(*command));
    }
    if (const int code = parse(app, argc, argv, options.context); code != 0)
        return code < 0 ? 0 : code;
    options.context.json |= options.context.pretty;
    options.context.color = want_color(options.color);
    for (const auto& [command, verb] : verbs) {
        if (command->parsed()) return verb(options.context);
    }
    return static_cast<int>(ErrorKind::internal);
}

}  // namespace
}  // namespace yett::cli

int main(int argc, char** argv) {
    using namespace yett;
    prepare_standard_fds();
    try {
        return cli::finish_output(cli::run(argc, argv));
    } catch (const std::bad_alloc&) {
        cli::complain("yett: there is not enough memory\n");
    } catch (const std::exception& failure) {
        cli::complain(fmt::format("yett: unexpected: {}\n", failure.what()));
    }
    return static_cast<int>(ErrorKind::internal);
}
