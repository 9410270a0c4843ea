// SPDX-License-Identifier: GPL-2.0-or-later
// yett_bench_rule_path: how long each stage before the kernel takes, as one JSON object.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <fstream>
#include <sstream>

#include "apply/slots.hpp"
#include "check/check.hpp"
#include "compile/compile.hpp"
#include "json/reader.hpp"

namespace yett::bench {
namespace {

/// CPU time: what else runs on the machine does not count.
class Clock {
  public:
    /// Milliseconds since the last call.
    double lap() {
        const double now = read();
        return now - std::exchange(last_, now);
    }

  private:
    static double read() {
        timespec time{};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
    }

    double last_ = read();
};

long peak_kilobytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

int measure(std::string text) {
    const auto octets = text.size();
    Clock clock;
    const auto document = read_ruleset(std::move(text));
    const double parse = clock.lap();
    const auto found = check(document.ruleset);
    const double check = clock.lap();
    const auto slots = allocate_slots({}, document.ruleset, {});
    const double names = clock.lap();
    fmt::print(
        "{{\"octets\": {}, \"rules\": {}, \"parse_ms\": {:.2f}, \"check_ms\": {:.2f}, "
        "\"slots_ms\": {:.2f}",
        octets, document.ruleset.rules.size(), parse, check, names);
    if (!slots) {
        fmt::print(", \"error\": \"{}\"}}\n", slots.error().message);
        return 1;
    }
    clock.lap();
    const auto tables = compile(document.ruleset, *slots);
    const double compiled = clock.lap();
    if (!tables) {
        fmt::print(", \"error\": \"{}\"}}\n", tables.error().message);
        return 1;
    }
    fmt::print(", \"compile_ms\": {:.2f}, \"findings\": {}, \"peak_kb\": {}}}\n", compiled,
               found.size(), peak_kilobytes());
    return 0;
}

}  // namespace
}  // namespace yett::bench

int main(int argc, char** argv) {
    std::string file;
    CLI::App app("CPU times of the stages before the kernel", "yett_bench_rule_path");
    app.add_option("file", file, "a rule file")->required();
    CLI11_PARSE(app, argc, argv);
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    return yett::bench::measure(text.str());
}
