// SPDX-License-Identifier: GPL-2.0-or-later
// Floods from many sources through a loaded data plane, by BPF_PROG_TEST_RUN.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "bpf/data_plane.hpp"
#include "packet/spray.h"

namespace yett::test {

/// Owns the spraying program; its target is the XDP ingress entry of a data plane.
class Spray {
  public:
    static Result<Spray> open(const DataPlane& plane);
    Spray(Spray&&) noexcept;
    Spray& operator=(Spray&&) noexcept;
    ~Spray();

    /// Starts the plan anew and runs `packets` frames. Nanoseconds a packet.
    Result<std::uint32_t> run(std::span<const std::uint8_t> frame, const ::spray& plan,
                              std::uint32_t packets);

    struct State;

  private:
    explicit Spray(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace yett::test
