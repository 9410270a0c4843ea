// SPDX-License-Identifier: GPL-2.0-or-later
// One CPU for ourselves while we measure, and the time that a BPF program takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace yett::bench {

/// While it lives this thread stays on the last CPU, ahead of everything that is not real-time; its
/// destructor gives that up again. Keep turns short: others wait.
class Turn {
  public:
    Turn();
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
};

/// Runs an XDP program that many times on a small frame; by the kernel's clock, in whole
/// nanoseconds. Nothing: the kernel refused.
std::optional<double> nanoseconds_a_run(int program, std::uint32_t repeat);

/// CLOCK_MONOTONIC.
std::uint64_t nanoseconds_now();

/// {"error": ...} on stdout; the exit code.
int fail(const std::string& message);

}  // namespace yett::bench
