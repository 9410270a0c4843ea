// SPDX-License-Identifier: GPL-2.0-or-later
// Loading and running the spraying program.
#include "packet/spray.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "spray.skel.h"

namespace yett::test {
namespace {

struct Closer {
    void operator()(spray_program* skeleton) const { spray_program__destroy(skeleton); }
};

Error kernel_error(const char* what) {
    return {ErrorKind::kernel, fmt::format("{}: {}", what, std::strerror(errno)), ""};
}

}  // namespace

struct Spray::State {
    std::unique_ptr<spray_program, Closer> skeleton;
};

Spray::Spray(std::unique_ptr<State> state) : state_(std::move(state)) {}
Spray::Spray(Spray&&) noexcept = default;
Spray& Spray::operator=(Spray&&) noexcept = default;
Spray::~Spray() = default;

Result<Spray> Spray::open(const DataPlane& plane) {
    auto state = std::make_unique<State>();
    state->skeleton.reset(spray_program__open_and_load());
    if (!state->skeleton) return kernel_error("cannot load the spraying program");
    const std::uint32_t zero = 0;
    const int target = plane.entry_program(DataPlane::Entry::xdp_ingress);
    if (bpf_map_update_elem(bpf_map__fd(state->skeleton->maps.spray_target), &zero, &target, 0) !=
        0)
        return kernel_error("cannot set the target of the spray");
    return Spray(std::move(state));
}

Result<std::uint32_t> Spray::run(std::span<const std::uint8_t> frame, const ::spray& plan,
                                 std::uint32_t packets) {
    const std::uint32_t zero = 0;
    if (bpf_map_update_elem(bpf_map__fd(state_->skeleton->maps.spray_plan), &zero, &plan, 0) != 0)
        return kernel_error("cannot write the plan");
    bpf_test_run_opts options{};
    options.sz = sizeof(options);
    options.data_in = frame.data();
    options.data_size_in = static_cast<std::uint32_t>(frame.size());
    options.repeat = static_cast<int>(packets);
    if (bpf_prog_test_run_opts(bpf_program__fd(state_->skeleton->progs.spray), &options) != 0)
        return kernel_error("cannot run the spray");
    return options.duration;
}

}  // namespace yett::test
