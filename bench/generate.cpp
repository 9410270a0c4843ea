// SPDX-License-Identifier: GPL-2.0-or-later
// yett_bench_generate: rulesets, traces and frames, for people and for other tools.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>

#include "model/protocol.hpp"
#include "path.h"
#include "peers_text.hpp"
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
    std::string rules_file, trace_file;  ///< instead of what is generated
};

std::string to_text(const Figures& f) {
    return fmt::format(
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

template <typename T>
T or_end(Result<T> result) {
    if (result) return *std::move(result);
    fmt::print(stderr, "yett_bench_generate: {}; {}\n", result.error().message,
               result.error().hint);
    std::exit(3);
}

std::vector<Tuple> rules_of(const Arguments& arguments) {
    if (!arguments.rules_file.empty()) return or_end(load_classbench_rules(arguments.rules_file));
    const auto rules =
        make_rules(place_of<Shape>(kShapeNames, arguments.shape), arguments.rules, arguments.seed);
    return arguments.ipv6 ? to_ipv6(rules) : rules;
}

std::vector<Header> headers_of(const Arguments& arguments) {
    if (!arguments.trace_file.empty()) return or_end(load_classbench_headers(arguments.trace_file));
    const auto traffic = place_of<Traffic>(kTrafficNames, arguments.traffic);
    return make_headers(rules_of(arguments), traffic, arguments.headers, arguments.seed);
}

/// Frames of the one length that bench/path.cpp sends.
std::string to_frames(const std::vector<Header>& headers) {
    std::string octets;
    for (const Header& header : headers) {
        auto frame = to_frame(header);
        frame.resize(BENCH_FRAME);
        octets.append(frame.begin(), frame.end());
    }
    return octets;
}

/// Packets from those hosts, in random order, to one port of one address.
std::vector<Header> headers_from(const std::vector<Address>& hosts, const Arguments& arguments) {
    Tuple rule;
    rule.dst = *parse_prefix("192.0.2.1");
    rule.proto = kProtocolTcp;
    auto headers = make_headers({rule}, Traffic::uniform, arguments.headers, arguments.seed);
    for (std::size_t i = 0; i < headers.size(); ++i)
        headers[i].src = hosts[i * 7919 % hosts.size()];
    return headers;
}

/// How many of the headers belong to each rule, one line a rule; the last line: to none.
std::string to_hits(const std::vector<Tuple>& rules, const std::vector<Header>& headers) {
    std::vector<std::size_t> hits(rules.size() + 1);
    for (const Header& header : headers) {
        const int rule = first_match(rules, header);
        ++hits[rule < 0 ? rules.size() : static_cast<std::size_t>(rule)];
    }
    std::string text;
    for (const std::size_t count : hits)
        text += fmt::format("{}\n", count);
    return text;
}

std::string to_lines(const std::vector<Address>& hosts) {
    std::string text;
    for (const Address& host : hosts)
        text += yett::to_text(host) + '\n';
    return text;
}

using Form = std::string (*)(const Arguments&);

std::vector<Address> hosts_of(const Arguments& arguments) {
    return make_hosts(arguments.rules, arguments.seed);
}

const std::map<std::string, Form>& forms() {
    static const std::map<std::string, Form> kForms = {
        {"json", [](const Arguments& a) { return to_json(rules_of(a)); }},
        {"classbench", [](const Arguments& a) { return to_classbench(rules_of(a)); }},
        {"figures", [](const Arguments& a) { return to_text(figures_of(rules_of(a))); }},
        {"nft-linear", [](const Arguments& a) { return to_nft_linear(rules_of(a)); }},
        {"nft-map", [](const Arguments& a) { return to_nft_map(rules_of(a)); }},
        {"nft-counters", [](const Arguments& a) { return to_nft_counters(rules_of(a)); }},
        {"iptables", [](const Arguments& a) { return to_iptables(rules_of(a)); }},
        {"trace", [](const Arguments& a) { return to_classbench(headers_of(a)); }},
        {"frames", [](const Arguments& a) { return to_frames(headers_of(a)); }},
        {"hits", [](const Arguments& a) { return to_hits(rules_of(a), headers_of(a)); }},
        {"hosts", [](const Arguments& a) { return to_lines(hosts_of(a)); }},
        {"set-json", [](const Arguments& a) { return to_set_json(hosts_of(a)); }},
        {"nft-set", [](const Arguments& a) { return to_nft_set(hosts_of(a)); }},
        {"ipset", [](const Arguments& a) { return to_ipset(hosts_of(a)); }},
        {"host-frames", [](const Arguments& a) { return to_frames(headers_from(hosts_of(a), a)); }},
    };
    return kForms;
}

std::vector<std::string> form_names() {
    std::vector<std::string> names;
    for (const auto& [name, form] : forms())
        names.push_back(name);
    return names;
}

}  // namespace
}  // namespace yett::bench

int main(int argc, char** argv) {
    using namespace yett::bench;
    Arguments arguments;
    CLI::App app("seeded rulesets, traces and frames", "yett_bench_generate");
    app.add_option("--shape", arguments.shape)->check(CLI::IsMember({"acl", "fw", "ipc"}));
    app.add_option("--rules", arguments.rules, "how many (or how many hosts)");
    app.add_option("--seed", arguments.seed);
    app.add_option("--form", arguments.form, "what is printed")->check(CLI::IsMember(form_names()));
    app.add_option("--traffic", arguments.traffic, "of traces and frames")
        ->check(CLI::IsMember({"uniform", "local", "random", "hot"}));
    app.add_option("--headers", arguments.headers, "how many");
    app.add_option("--rules-file", arguments.rules_file, "ClassBench rules in place of a shape");
    app.add_option("--trace-file", arguments.trace_file, "ClassBench headers");
    app.add_flag("--ipv6", arguments.ipv6);
    CLI11_PARSE(app, argc, argv);
    const std::string text = forms().at(arguments.form)(arguments);
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
}
