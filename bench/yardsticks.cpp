// SPDX-License-Identifier: GPL-2.0-or-later
// yett_bench_yardsticks: nanoseconds a step of each yardstick, in turn, as JSON.
#include "yardsticks.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "timing.hpp"
#include "yardsticks.skel.h"

namespace yett::bench {
namespace {

/// One cycle through all numbers below `count` (Sattolo).
std::vector<__u32> cycle(__u32 count) {
    std::mt19937_64 random(1);
    std::vector<__u32> order(count), next(count);
    std::iota(order.begin(), order.end(), 0u);
    for (__u32 i = count - 1; i > 0; --i)
        std::swap(order[i], order[random() % i]);
    for (__u32 i = 0; i < count; ++i)
        next[order[i]] = order[(i + 1) % count];
    return next;
}

void fill(yardsticks_program* skeleton) {
    const auto next = cycle(BENCH_ENTRIES);
    for (__u32 i = 0; i < BENCH_ENTRIES; ++i) {
        const bench_line line{next[i], {}};
        bpf_map_update_elem(bpf_map__fd(skeleton->maps.lines), &i, &line, 0);
        bpf_map_update_elem(bpf_map__fd(skeleton->maps.hash), &i, &next[i], 0);
    }
}

int measure(std::uint32_t steps, unsigned rounds) {
    yardsticks_program* skeleton = yardsticks_program__open_and_load();
    if (!skeleton) return fail("the kernel does not load the yardsticks");
    fill(skeleton);
    const std::pair<const char*, const bpf_program*> programs[] = {
        {"load", skeleton->progs.load},
        {"hash", skeleton->progs.hit},
        {"lru", skeleton->progs.spoof},
    };
    std::map<std::string, std::vector<double>> samples;
    for (unsigned round = 0; round <= rounds; ++round) {
        for (const auto& [name, program] : programs) {
            const auto ns = nanoseconds_a_run(bpf_program__fd(program), steps / BENCH_STEPS + 1);
            if (!ns) return fail("the kernel does not run the yardsticks");
            if (round > 0) samples[name].push_back(*ns / BENCH_STEPS);
        }
    }
    yardsticks_program__destroy(skeleton);
    const char* comma = "{";
    for (const auto& [name, list] : samples)
        fmt::print("{}\"{}\": [{:.2f}]", std::exchange(comma, ", "), name, fmt::join(list, ", "));
    fmt::print("}}\n");
    return 0;
}

}  // namespace
}  // namespace yett::bench

int main(int argc, char** argv) {
    const yett::bench::Turn turn;
    return yett::bench::measure(argc > 1 ? static_cast<std::uint32_t>(std::atol(argv[1])) : 100000,
                                argc > 2 ? static_cast<unsigned>(std::atol(argv[2])) : 5);
}
