// SPDX-License-Identifier: GPL-2.0-or-later
// yett_bench_generate: rulesets and traces as text, for people and for other tools.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "shapes.hpp"
#include "tuple_text.hpp"

namespace yett::bench {
namespace {

struct Arguments {
    std::string shape = "acl";
    std::string form = "json";
    std::string traffic = "uniform";
    std::size_t rules = 1000;
    std::size_t headers = 65536;
    std::uint64_t seed = 1;
    bool ipv6 = false;
};

void describe(const Figures& f) {
    fmt::print(
        "{{\"rules\": {}, \"sources\": {}, \"destinations\": {}, \"source_ports\": {}, "
        "\"destination_ports\": {}, \"wide_sources\": {:.3f}, \"wide_destinations\": {:.3f}, "
        "\"long_sources\": {:.3f}, \"long_destinations\": {:.3f}, \"tcp\": {:.3f}, "
        "\"nesting\": {}}}\n",
        f.rules, f.sources, f.destinations, f.source_ports, f.destination_ports, f.wide_sources,
        f.wide_destinations, f.long_sources, f.long_destinations, f.tcp, f.nesting);
}

template <typename T, std::size_t N>
T place_of(const std::string_view (&names)[N], const std::string& name) {
    return static_cast<T>(std::find(std::begin(names), std::end(names), name) - std::begin(names));
}

void run(const Arguments& arguments) {
    auto rules =
        make_rules(place_of<Shape>(kShapeNames, arguments.shape), arguments.rules, arguments.seed);
    if (arguments.ipv6) rules = to_ipv6(rules);
    if (arguments.form == "figures") return describe(figures_of(rules));
    if (arguments.form == "json") return fmt::print("{}", to_json(rules));
    if (arguments.form == "classbench") return fmt::print("{}", to_classbench(rules));
    const auto traffic = place_of<Traffic>(kTrafficNames, arguments.traffic);
    const auto headers = make_headers(rules, traffic, arguments.headers, arguments.seed);
    fmt::print("{}", to_classbench(headers));
}

}  // namespace
}  // namespace yett::bench

int main(int argc, char** argv) {
    yett::bench::Arguments arguments;
    CLI::App app("seeded rulesets and traces", "yett_bench_generate");
    app.add_option("--shape", arguments.shape)->check(CLI::IsMember({"acl", "fw", "ipc"}));
    app.add_option("--rules", arguments.rules, "how many");
    app.add_option("--seed", arguments.seed);
    app.add_option("--form", arguments.form, "what is printed")
        ->check(CLI::IsMember({"json", "classbench", "trace", "figures"}));
    app.add_option("--traffic", arguments.traffic, "for --form trace")
        ->check(CLI::IsMember({"uniform", "local", "random", "hot"}));
    app.add_option("--headers", arguments.headers, "for --form trace");
    app.add_flag("--ipv6", arguments.ipv6);
    CLI11_PARSE(app, argc, argv);
    yett::bench::run(arguments);
    return 0;
}
