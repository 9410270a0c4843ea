// SPDX-License-Identifier: GPL-2.0-or-later
// yett apply: makes a rule file the active ruleset, and says what that changed.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/document.hpp"
#include "cli/files.hpp"
#include "cli/output.hpp"
#include "cli/remote.hpp"
#include "cli/report.hpp"
#include "json/changes.hpp"
#include "json/reader.hpp"

namespace yett::cli {
namespace {

struct ApplyArguments {
    std::string file;
    bool dry_run = false;
    bool force = false;
};

std::string label(const std::string& file) {
    return file == "-" ? "(standard input)" : file;
}

/// The file is refused, here or by the daemon: nothing has changed.
int refuse(const Context& context, const ApplyArguments& arguments, const Document& document) {
    constexpr int code = static_cast<int>(ErrorKind::invalid);
    if (context.json) {
        const Json value = {{"code", code},
                            {"detail", "the ruleset is invalid; nothing has changed"},
                            {"diagnostics", to_json(document.diagnostics)}};
        print(value.dump(context.pretty ? 2 : -1, ' ', false, Json::error_handler_t::replace));
        return code;
    }
    complain(fmt::format(
        "{}yett: {} is invalid; nothing has changed\n",
        report(label(arguments.file), document.source, document.diagnostics, context.color),
        printable(label(arguments.file))));
    return code;
}

/// The daemon's findings, in the form in which our own are printed.
std::vector<Diagnostic> diagnostics_of(const Json& answer) {
    std::vector<Diagnostic> diagnostics;
    const auto text = [](const Json& item, const char* key) {
        const Json& member = at(item, key);
        return member.is_string() ? member.get<std::string>() : std::string();
    };
    for (const Json& item : at(answer, "diagnostics")) {
        Diagnostic made;
        made.severity = text(item, "severity") == "warning" ? Severity::warning : Severity::error;
        made.code = text(item, "code");
        made.message = text(item, "message");
        made.hint = text(item, "hint");
        made.pointer = text(item, "pointer");
        made.location.line = static_cast<std::uint32_t>(number_at(item, "line"));
        made.location.column = static_cast<std::uint32_t>(number_at(item, "column"));
        made.location.length = static_cast<std::uint32_t>(number_at(item, "length"));
        diagnostics.push_back(std::move(made));
    }
    return diagnostics;
}

/// What is active now; nothing when that is no ruleset, or cannot be read.
Result<Ruleset> active_ruleset(const Context& context) {
    const auto answer = ask(context, "GET", "/v1/ruleset");
    if (!answer) return answer.error();
    if (!answer->ok()) return Ruleset();
    return read_ruleset(answer->text).ruleset;
}

void show_attachments(const Json& value) {
    for (const Json& item : at(value, "attached")) {
        print(fmt::format("  attached {} {}: {}", text_at(item, "interface"),
                          text_at(item, "direction"), text_at(item, "mode")));
        if (const std::string note = text_at(item, "note"); note != "-" && !note.empty()) {
            print("    " + note);
        }
    }
    for (const Json& item : at(value, "detached")) {
        print(fmt::format("  detached {} {}", text_at(item, "interface"),
                          text_at(item, "direction")));
    }
    for (const Json& warning : at(value, "warnings")) {
        if (warning.is_string()) print("  warning: " + printable(warning.get<std::string>()));
    }
}

void show_times(const Json& times, bool patched) {
    std::string line;
    for (const char* stage : {"parse", "check", "compile", "stage", "tests", "save", "settle"}) {
        const double milliseconds = static_cast<double>(number_at(times, stage)) / 1000;
        line += fmt::format("{}{} {:.1f}", line.empty() ? "" : ", ", stage, milliseconds);
    }
    print("  " + line + (patched ? " ms, the tables patched" : " ms"));
}

void show_changes(const std::vector<std::string>& lines) {
    constexpr std::size_t kMost = 50;
    for (std::size_t i = 0; i < std::min(kMost, lines.size()); ++i)
        print("  " + printable(lines[i]));
    if (lines.size() > kMost) print(fmt::format("  and {} more changes", lines.size() - kMost));
}

void show(const Json& value, const Ruleset& before, const Ruleset& after) {
    const std::string name = text_at(value, "ruleset");
    if (!true_at(value, "changed")) {
        print(fmt::format("{}: nothing has changed, generation {} has the same content", name,
                          number_at(value, "generation")));
        return show_attachments(value);
    }
    const bool dry = true_at(value, "dry_run");
    print(fmt::format("{}: {}{} rules, {} sets, {} tests passed, {:.1f} ms", name,
                      dry ? "would be active, "
                          : fmt::format("generation {} -> {}, ", number_at(value, "previous"),
                                        number_at(value, "generation")),
                      number_at(value, "rules"), number_at(value, "sets"),
                      number_at(value, "tests"),
                      static_cast<double>(number_at(value, "microseconds")) / 1000));
    show_times(at(value, "times"), true_at(value, "patched"));
    show_changes(changes(before, after));
    show_attachments(value);
}

int put(const Context& context, const ApplyArguments& arguments, Document& document) {
    const auto before = active_ruleset(context);
    if (!before) return fail(context, before.error());
    std::string target = "/v1/ruleset";
    if (arguments.dry_run) target += "?dry_run=true";
    if (arguments.force) target += arguments.dry_run ? "&force=true" : "?force=true";
    const auto answer = ask(context, "PUT", target, std::string(document.source.text()));
    if (!answer) return fail(context, answer.error());
    if (answer->status == 422) {
        document.diagnostics = diagnostics_of(answer->value);
        if (!document.diagnostics.empty()) return refuse(context, arguments, document);
    }
    if (!answer->ok()) return fail(context, error_of(*answer));
    if (context.json) {
        print_json(context, *answer);
    } else {
        show(answer->value, *before, document.ruleset);
    }
    return exit_code_of_saving(answer->value);
}

int run_apply(const Context& context, const ApplyArguments& arguments) {
    const JsonLimits limits;
    auto text = read_file(arguments.file, limits.octets);
    if (!text) return fail(context, text.error());
    Document document = judged(*std::move(text), limits);
    if (!document.ok()) return refuse(context, arguments, document);
    if (!context.json) {
        complain(
            report(label(arguments.file), document.source, document.diagnostics, context.color));
    }
    return put(context, arguments, document);
}

}  // namespace

Run add_apply(CLI::App& command) {
    auto arguments = std::make_shared<ApplyArguments>();
    command.add_option("file", arguments->file, "a rule file, or - for standard input")->required();
    command.add_flag("--dry-run", arguments->dry_run, "stage and test it, then let it go");
    command.add_flag("--force", arguments->force,
                     "also when it opens an interface that is filtered");
    return [arguments](const Context& context) { return run_apply(context, *arguments); };
}

}  // namespace yett::cli
