// SPDX-License-Identifier: GPL-2.0-or-later
// Timing.
#include "timing.hpp"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <ctime>

namespace yett::bench {

Turn::Turn() {
    const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<int>(cpus - 1), &set);
    sched_setaffinity(0, sizeof(set), &set);
    const sched_param first{.sched_priority = 10};
    sched_setscheduler(0, SCHED_FIFO, &first);  // without it the figures swing more, no harm
}

Turn::~Turn() {
    const sched_param none{};
    sched_setscheduler(0, SCHED_OTHER, &none);
}

std::uint64_t nanoseconds_now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u +
           static_cast<std::uint64_t>(time.tv_nsec);
}

std::optional<double> nanoseconds_a_run(int program, std::uint32_t repeat) {
    std::array<std::uint8_t, 64> frame{};
    bpf_test_run_opts options{};
    options.sz = sizeof(options);
    options.data_in = frame.data();
    options.data_size_in = frame.size();
    options.repeat = static_cast<int>(repeat);
    if (bpf_prog_test_run_opts(program, &options) != 0) return std::nullopt;
    return options.duration;
}

int fail(const std::string& message) {
    std::string escaped;
    for (const char c : message) {
        if (c == '"' || c == '\\') escaped += '\\';
        escaped += c;
    }
    fmt::print("{{\"error\": \"{}\"}}\n", escaped);
    return 1;
}

}  // namespace yett::bench
