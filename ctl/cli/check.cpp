// SPDX-License-Identifier: GPL-2.0-or-later
// yett check: reads, judges and tests a rule file, without root and without a daemon.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/document.hpp"
#include "cli/engine_report.hpp"
#include "cli/files.hpp"
#include "cli/output.hpp"
#include "cli/report.hpp"

namespace yett::cli {
namespace {

struct CheckOptions {
    std::string file;
    bool strict = false;
};

std::string counted(std::size_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string summary(const Document& document) {
    std::size_t errors = 0;
    for (const Diagnostic& d : document.diagnostics)
        errors += d.severity == Severity::error;
    const std::size_t warnings = document.diagnostics.size() - errors;
    if (errors > 0) return counted(errors, "error") + ", " + counted(warnings, "warning");
    const Ruleset& r = document.ruleset;
    std::string text = fmt::format("ok: {}, {}, {} passed", counted(r.rules.size(), "rule"),
                                   counted(r.sets.size(), "set"), counted(r.tests.size(), "test"));
    return warnings > 0 ? text + ", " + counted(warnings, "warning") : text;
}

void print_json(const Context& context, const CheckOptions& options, const Document& document,
                const Tables* tables, int code) {
    const Ruleset& r = document.ruleset;
    const bool read = document.ok();
    nlohmann::ordered_json value = {{"file", options.file},
                                    {"valid", code == 0},
                                    {"code", code},
                                    {"ruleset", read ? r.name : ""},
                                    {"rules", read ? r.rules.size() : 0},
                                    {"sets", read ? r.sets.size() : 0},
                                    {"tests", read ? r.tests.size() : 0},
                                    {"diagnostics", to_json(document.diagnostics)}};
    if (tables != nullptr) value["engine"] = engine_json(*tables);
    constexpr auto replace = nlohmann::ordered_json::error_handler_t::replace;
    print(value.dump(context.pretty ? 2 : -1, ' ', false, replace));
}

int run_check(const Context& context, const CheckOptions& options) {
    const JsonLimits limits;
    auto text = read_file(options.file, limits.octets);
    if (!text) return fail(context, text.error());
    const Document document = judged(*std::move(text), limits);
    const bool good = options.strict ? document.diagnostics.empty() : document.ok();
    const int code = good ? 0 : static_cast<int>(ErrorKind::invalid);
    Tables tables;
    if (document.ok()) {
        auto made = compiled(document.ruleset);
        if (!made) return fail(context, made.error());
        tables = *std::move(made);
    }
    if (context.json) {
        print_json(context, options, document, document.ok() ? &tables : nullptr, code);
        return code;
    }
    const std::string name = options.file == "-" ? "(standard input)" : options.file;
    complain(report(name, document.source, document.diagnostics, context.color));
    (good ? print_raw : complain)(fmt::format("{}: {}\n", printable(name), summary(document)));
    if (good) print(engine_line(tables));
    return code;
}

}  // namespace

Run add_check(CLI::App& command) {
    auto options = std::make_shared<CheckOptions>();
    command.add_option("file", options->file, "a rule file, or - for standard input")->required();
    command.add_flag("--strict", options->strict, "warnings are errors");
    return [options](const Context& context) { return run_check(context, *options); };
}

}  // namespace yett::cli
