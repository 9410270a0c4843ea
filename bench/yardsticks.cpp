// SPDX-License-Identifier: GPL-2.0-or-later
// yett_bench_yardsticks: nanoseconds a step of one yardstick, as JSON.
#include "yardsticks.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <cstdlib>
#include <numeric>
#include <random>
#include <string>
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

int measure(const std::string& what, std::uint32_t steps) {
    yardsticks_program* skeleton = yardsticks_program__open_and_load();
    if (!skeleton) return fail("the kernel does not load the yardsticks");
    fill(skeleton);
    const bpf_program* program = what == "hash"  ? skeleton->progs.hit
                                 : what == "lru" ? skeleton->progs.spoof
                                                 : skeleton->progs.load;
    const auto ns = nanoseconds_a_run(bpf_program__fd(program), steps / BENCH_STEPS + 1);
    yardsticks_program__destroy(skeleton);
    if (!ns) return fail("the kernel does not run the yardsticks");
    fmt::print("{{\"ns\": {:.2f}}}\n", *ns / BENCH_STEPS);
    return 0;
}

}  // namespace
}  // namespace yett::bench

int main(int argc, char** argv) {
    const yett::bench::Turn turn;
    return yett::bench::measure(argc > 1 ? argv[1] : "load",
                                argc > 2 ? static_cast<std::uint32_t>(std::atol(argv[2])) : 100000);
}
