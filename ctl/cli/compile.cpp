// SPDX-License-Identifier: GPL-2.0-or-later
// yett compile: the tables of a rule file, and what packets pay for them; no root, no daemon.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/stopwatch.hpp"
#include "cli/document.hpp"
#include "cli/engine_report.hpp"
#include "cli/files.hpp"
#include "cli/output.hpp"
#include "cli/report.hpp"

namespace yett::cli {
namespace {

struct CompileOptions {
    std::string file;
    bool stats = false;
};

int show(const Context& context, const CompileOptions& options, const Ruleset& ruleset,
         const Tables& tables, std::uint64_t microseconds) {
    if (context.json) {
        nlohmann::ordered_json value = {{"file", options.file},
                                        {"ruleset", ruleset.name},
                                        {"rules", tables.rule_names.size()},
                                        {"microseconds", microseconds},
                                        {"engine", engine_json(tables)}};
        constexpr auto replace = nlohmann::ordered_json::error_handler_t::replace;
        print(value.dump(context.pretty ? 2 : -1, ' ', false, replace));
        return 0;
    }
    print(fmt::format("{} rules with built-ins, compiled in {:.1f} ms", tables.rule_names.size(),
                      static_cast<double>(microseconds) / 1000));
    print(engine_line(tables));
    if (options.stats) print(engine_table(context, tables.report));
    return 0;
}

int run_compile(const Context& context, const CompileOptions& options) {
    const JsonLimits limits;
    auto text = read_file(options.file, limits.octets);
    if (!text) return fail(context, text.error());
    const Document document = judged(*std::move(text), limits);
    const std::string name = options.file == "-" ? "(standard input)" : options.file;
    if (!context.json || !document.ok())
        complain(report(name, document.source, document.diagnostics, context.color));
    if (!document.ok()) return static_cast<int>(ErrorKind::invalid);
    Stopwatch watch;
    const auto tables = compiled(document.ruleset);
    const std::uint64_t microseconds = watch.lap();
    if (!tables) return fail(context, tables.error());
    return show(context, options, document.ruleset, *tables, microseconds);
}

}  // namespace

Run add_compile(CLI::App& command) {
    auto options = std::make_shared<CompileOptions>();
    command.add_option("file", options->file, "a rule file, or - for standard input")->required();
    command.add_flag("--stats", options->stats, "a row for each class of packets");
    return [options](const Context& context) { return run_compile(context, *options); };
}

}  // namespace yett::cli
