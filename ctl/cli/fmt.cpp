// SPDX-License-Identifier: GPL-2.0-or-later
// yett fmt: a rule file in its one canonical form.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/files.hpp"
#include "cli/output.hpp"
#include "cli/report.hpp"
#include "json/printer.hpp"
#include "json/reader.hpp"

namespace yett::cli {
namespace {

struct FmtOptions {
    std::string file;
    bool write = false;
    bool compare = false;
};

int report_invalid(const Context& context, const FmtOptions& options, const Document& document) {
    const int code = static_cast<int>(ErrorKind::invalid);
    if (context.json) {
        nlohmann::ordered_json problem = {{"code", code},
                                          {"detail", "the ruleset is invalid"},
                                          {"hint", ""},
                                          {"diagnostics", to_json(document.diagnostics)}};
        constexpr auto replace = nlohmann::ordered_json::error_handler_t::replace;
        print(problem.dump(context.pretty ? 2 : -1, ' ', false, replace));
    } else {
        complain(report(options.file, document.source, document.diagnostics, context.color));
    }
    return code;
}

int say(const Context& context, const FmtOptions& options, bool same, const std::string& text) {
    if (context.json) {
        nlohmann::ordered_json value = {{"file", options.file}, {"canonical", same}};
        if (!options.write && !options.compare) value["text"] = text;
        print(value.dump(context.pretty ? 2 : -1));
    } else if (options.compare && !same) {
        print(printable(options.file));
    } else if (!options.write && !options.compare) {
        print(text);
    }
    return options.compare && !same ? static_cast<int>(ErrorKind::no) : 0;
}

int run_fmt(const Context& context, const FmtOptions& options) {
    if (options.write && options.file == "-") {
        return fail(context,
                    {ErrorKind::usage, "standard input cannot be written", "leave -w out"});
    }
    auto text = read_file(options.file, JsonLimits{}.octets);
    if (!text) return fail(context, text.error());
    const Document document = read_ruleset(*std::move(text));
    if (!document.ok()) return report_invalid(context, options, document);
    const std::string canonical = format(document);
    const bool same = canonical == document.source.text();
    if (options.write && !same) {
        const auto written = replace_file(options.file, canonical);
        if (!written) return fail(context, written.error());
    }
    return say(context, options, same, canonical);
}

}  // namespace

Run add_fmt(CLI::App& command) {
    auto options = std::make_shared<FmtOptions>();
    command.add_option("file", options->file, "a rule file, or - for standard input")->required();
    auto* write = command.add_flag("-w,--write", options->write, "write the file in place");
    command
        .add_flag("--check", options->compare,
                  "only say whether the file is canonical: exit 1 if not")
        ->excludes(write);
    return [options](const Context& context) { return run_fmt(context, *options); };
}

}  // namespace yett::cli
