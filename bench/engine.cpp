// SPDX-License-Identifier: GPL-2.0-or-later
// yett_bench_engine: nanoseconds a lookup above the feeder, for each ruleset and kind of traffic,
// as one JSON object. The tables are made, staged and switched to by the code that the daemon runs.
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <random>

#include "apply/applier.hpp"
#include "engine.h"
#include "engine.skel.h"
#include "model/protocol.hpp"
#include "shapes.hpp"
#include "timing.hpp"
#include "tuple_text.hpp"

namespace yett::bench {
namespace {

struct Arguments {
    std::vector<std::string> shapes{"acl"};
    std::vector<std::size_t> sizes{1000};
    std::uint64_t seed = 1;
    unsigned rounds = 9;
    std::uint32_t lookups = 1'000'000;  ///< in a turn
    double checks = 4e8;                ///< comparisons that the reference may make for each kind
    bool ipv6 = false;
    std::string rules_file, trace_file;
};

std::uint64_t to_half(const std::uint8_t* octets) {
    std::uint64_t half = 0;
    for (int i = 0; i < 8; ++i)
        half = half << 8 | octets[i];
    return half;
}

yett_address to_host(const Address& address) {
    const std::uint64_t high = to_half(address.octets.data());
    if (address.family == Family::ipv4) return {0, high >> 32};
    return {high, to_half(address.octets.data() + 8)};
}

bench_header to_bench(const Header& header) {
    bench_header out{};
    out.src = to_host(header.src);
    out.dst = to_host(header.dst);
    out.sport = header.sport;
    out.dport = header.dport;
    out.proto = header.proto;
    out.family = header.src.family == Family::ipv4 ? YETT_FAMILY_IPV4 : YETT_FAMILY_IPV6;
    out.known = YETT_FIELD_BIT(IFACE) | YETT_FIELD_BIT(DIRECTION) | YETT_FIELD_BIT(FAMILY) |
                YETT_FIELD_BIT(SRC) | YETT_FIELD_BIT(DST) | YETT_FIELD_BIT(PROTO);
    if (has_ports(header.proto)) out.known |= YETT_FIELD_BIT(SPORT) | YETT_FIELD_BIT(DPORT);
    return out;
}

void put(Address& address, std::size_t from, std::uint64_t half, std::size_t octets) {
    for (std::size_t i = 0; i < octets; ++i)
        address.octets[from + i] = static_cast<std::uint8_t>(half >> 8 * (octets - 1 - i));
}

/// A header that goes the way of `path`; the bits that the way leaves open are random.
Header on_path(const EnginePath& path, Family family, std::mt19937_64& random) {
    const auto field = [&](yett_cut_field which) {
        return path.value[which] | (random() & ~path.mask[which]);
    };
    Header header;
    header.src.family = header.dst.family = family;
    if (family == Family::ipv4) {
        put(header.src, 0, field(YETT_CUT_SRC), 4);
        put(header.dst, 0, field(YETT_CUT_DST), 4);
    } else {
        put(header.src, 0, field(YETT_CUT_SRC), 8);
        put(header.src, 8, field(YETT_CUT_SRC_LOW), 8);
        put(header.dst, 0, field(YETT_CUT_DST), 8);
        put(header.dst, 8, field(YETT_CUT_DST_LOW), 8);
    }
    header.sport = static_cast<std::uint16_t>(field(YETT_CUT_SPORT));
    header.dport = static_cast<std::uint16_t>(field(YETT_CUT_DPORT));
    const auto proto = static_cast<std::uint8_t>(field(YETT_CUT_PROTO));
    header.proto = has_ports(proto) ? proto
                   : random() % 2   ? std::uint8_t{kProtocolTcp}
                                    : std::uint8_t{kProtocolUdp};
    return header;
}

/// Packets with ports that go where the compiler says that it is dearest.
std::vector<Header> worst_headers(const EngineReport& report, Family family, std::size_t count) {
    std::mt19937_64 random(1);
    const int number = family == Family::ipv4 ? YETT_FAMILY_IPV4 : YETT_FAMILY_IPV6;
    std::vector<const EnginePath*> paths;
    for (const EngineClass& one : report.classes) {
        const bool asked = one.direction == YETT_INGRESS && one.family == number &&
                           one.packets == YETT_CLASS_PORTS;
        if (!asked) continue;
        for (const auto& tree : one.trees)
            for (const EnginePath& path : tree)
                paths.push_back(&path);
    }
    std::vector<Header> headers;
    for (std::size_t i = 0; i < count && !paths.empty(); ++i)
        headers.push_back(on_path(*paths[i % paths.size()], family, random));
    return headers;
}

template <typename T>
T* mapped(const bpf_map* map, std::size_t count) {
    void* at =
        mmap(nullptr, sizeof(T) * count, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
    return at == MAP_FAILED ? nullptr : static_cast<T*>(at);
}

/// The programs, with the maps of a data plane in place of their own.
class Engine {
  public:
    bool load(const DataPlane& plane) {
        program_ = engine_program__open();
        if (!program_) return false;
#define YETT_BENCH_REUSE(name, type, key, value, entries, flags) \
    bpf_map__reuse_fd(program_->maps.name, plane.map(MapId::name).fd());
        YETT_MAPS(YETT_BENCH_REUSE)
#undef YETT_BENCH_REUSE
        bpf_map* flows = program_->maps.yett_flows;
        bpf_map__set_max_entries(
            flows, bpf_map__max_entries(flows) * static_cast<std::uint32_t>(possible_cpus()));
        if (engine_program__load(program_) != 0) return false;
        headers_ = mapped<bench_header>(program_->maps.headers, BENCH_HEADERS);
        found_ = mapped<__u64>(program_->maps.found, BENCH_HEADERS);
        return headers_ && found_;
    }
    ~Engine() {
        engine_program__destroy(program_);
    }

    /// Of the generation that judges.
    void judge_by(__u64 word) {
        program_->bss->word = word;
    }

    void give(const std::vector<Header>& headers) {
        for (std::size_t i = 0; i < BENCH_HEADERS; ++i)
            headers_[i] = to_bench(headers[i % headers.size()]);
    }

    /// How many of the first `count` headers come to another rule than the first that matches.
    std::size_t wrong(const std::vector<Tuple>& rules, const std::vector<Header>& headers,
                      std::size_t count, std::size_t implied) {
        give(headers);
        program_->bss->next = 0;
        program_->bss->remember = 1;
        nanoseconds_a_run(bpf_program__fd(program_->progs.record), BENCH_HEADERS);
        std::size_t differ = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const int rule = first_match(rules, headers[i % headers.size()]);
            const __u32 expected = rule < 0 ? YETT_NO_RULE : static_cast<__u32>(implied + rule);
            differ += found_[i] != expected;
        }
        return differ;
    }

    double turn(bool search, std::uint32_t lookups, bool remember) {
        program_->bss->remember = remember;
        const Turn mine;
        const auto* program = search ? program_->progs.look_up : program_->progs.feed;
        return nanoseconds_a_run(bpf_program__fd(program), lookups).value_or(-1);
    }

  private:
    engine_program* program_ = nullptr;
    bench_header* headers_ = nullptr;
    __u64* found_ = nullptr;
};

struct Kind {
    std::string name;
    std::vector<Header> headers;
    std::size_t checked = 0, wrong = 0;
    std::vector<double> samples;  ///< above the feeder
};

/// A ruleset to be measured.
struct Cell {
    std::string shape;
    std::vector<Tuple> rules;
};

Result<std::vector<Cell>> cells_of(const Arguments& arguments) {
    if (!arguments.rules_file.empty()) {
        auto rules = load_classbench_rules(arguments.rules_file);
        if (!rules) return rules.error();
        return std::vector<Cell>{{"file", *std::move(rules)}};
    }
    std::vector<Cell> cells;
    for (const std::size_t size : arguments.sizes) {
        for (const std::string& name : arguments.shapes) {
            const auto shape =
                static_cast<Shape>(std::find(std::begin(kShapeNames), std::end(kShapeNames), name) -
                                   std::begin(kShapeNames));
            const auto rules = make_rules(shape, size, arguments.seed);
            cells.push_back({name, arguments.ipv6 ? to_ipv6(rules) : rules});
        }
    }
    return cells;
}

Result<std::vector<Kind>> kinds_of(const Arguments& arguments, const std::vector<Tuple>& rules,
                                   const EngineReport& report) {
    std::vector<Kind> kinds;
    if (!arguments.trace_file.empty()) {
        auto headers = load_classbench_headers(arguments.trace_file);
        if (!headers) return headers.error();
        kinds.push_back({"trace", *std::move(headers)});
    }
    for (int i = 0; i < 4; ++i)
        kinds.push_back({std::string(kTrafficNames[i]),
                         make_headers(rules, static_cast<Traffic>(i), BENCH_HEADERS, 2)});
    const Family family = rules.empty() ? Family::ipv4 : rules[0].src.address.family;
    kinds.push_back({"worst", worst_headers(report, family, BENCH_HEADERS)});
    std::erase_if(kinds, [](const Kind& kind) { return kind.headers.empty(); });
    return kinds;
}

/// The feeder does the same for all kinds, and each run of a program waits some 45 ms for the
/// kernel to take it in: one turn of it a round is enough.
void measure_kinds(Engine& engine, std::vector<Kind>& kinds, const Arguments& arguments) {
    for (unsigned round = 0; round <= arguments.rounds; ++round) {
        const double feed = engine.turn(false, arguments.lookups, true);
        for (Kind& kind : kinds) {
            engine.give(kind.headers);
            // The worst path has few headers at times: they are searched for each time.
            const bool remember = kind.name != "worst";
            const double whole = engine.turn(true, arguments.lookups, remember);
            if (round > 0) kind.samples.push_back(whole - feed);
        }
    }
}

std::string to_json(const Cell& cell, const std::vector<Kind>& kinds, const Tables& tables) {
    const EnginePath worst = tables.report.worst();
    std::string text = fmt::format(
        "{{\"shape\": \"{}\", \"rules\": {}, \"octets\": {}, \"fallback\": \"{}\", "
        "\"steps\": {}, \"records\": {}, \"estimate\": {:.0f}, \"kinds\": {{",
        cell.shape, cell.rules.size(), tables.report.octets, tables.report.fallback, worst.steps,
        worst.records, worst.nanoseconds());
    const char* comma = "";
    for (const Kind& kind : kinds) {
        text += fmt::format("{}\"{}\": {{\"checked\": {}, \"wrong\": {}, \"ns\": [{:.2f}]}}", comma,
                            kind.name, kind.checked, kind.wrong, fmt::join(kind.samples, ", "));
        comma = ", ";
    }
    return text + "}}";
}

/// What `applier` judges by from now on is the ruleset of that cell.
Result<std::string> measure(const Cell& cell, const Arguments& arguments, const DataPlane& plane,
                            Applier& applier, Engine& engine) {
    const Ruleset ruleset = to_ruleset(cell.rules);
    const auto applied = applier.apply(ruleset, {.generation = applier.active().generation + 1});
    if (!applied) return applied.error();
    const auto tables = compile(ruleset, applier.active().slots);
    if (!tables) return tables.error();
    engine.judge_by(plane.word());
    auto kinds = kinds_of(arguments, cell.rules, tables->report);
    if (!kinds) return kinds.error();
    for (Kind& kind : *kinds) {
        const double most = arguments.checks / static_cast<double>(cell.rules.size() + 1);
        kind.checked = static_cast<std::size_t>(std::min<double>(BENCH_HEADERS, most));
        kind.wrong = engine.wrong(cell.rules, kind.headers, kind.checked, own_rules_begin(ruleset));
    }
    measure_kinds(engine, *kinds, arguments);
    return to_json(cell, *kinds, *tables);
}

int measure_all(const Arguments& arguments) {
    const auto cells = cells_of(arguments);
    if (!cells) return fail(cells.error().message);
    auto plane = DataPlane::open({.pin_directory = ""});
    if (!plane) return fail(plane.error().message);
    auto applier = Applier::open(*plane);
    if (!applier) return fail(applier.error().message);
    Engine engine;
    if (!engine.load(*plane)) return fail("the kernel does not load the engine");
    std::vector<std::string> texts;
    for (const Cell& cell : *cells) {
        auto text = measure(cell, arguments, *plane, *applier, engine);
        if (!text) return fail(text.error().message);
        texts.push_back(*std::move(text));
    }
    fmt::print("{{\"cells\": [{}]}}\n", fmt::join(texts, ",\n"));
    return 0;
}

}  // namespace
}  // namespace yett::bench

int main(int argc, char** argv) {
    yett::bench::Arguments arguments;
    CLI::App app("nanoseconds a lookup", "yett_bench_engine");
    app.add_option("--shape", arguments.shapes)->check(CLI::IsMember({"acl", "fw", "ipc"}));
    app.add_option("--rules", arguments.sizes, "how many; each shape with each of them");
    app.add_option("--seed", arguments.seed);
    app.add_option("--rounds", arguments.rounds);
    app.add_option("--lookups", arguments.lookups, "in a turn");
    app.add_option("--checks", arguments.checks, "comparisons that the reference may make");
    app.add_option("--rules-file", arguments.rules_file);
    app.add_option("--trace-file", arguments.trace_file);
    app.add_flag("--ipv6", arguments.ipv6);
    CLI11_PARSE(app, argc, argv);
    return yett::bench::measure_all(arguments);
}
