// SPDX-License-Identifier: GPL-2.0-or-later
// Frames handed to the loaded programs through BPF_PROG_TEST_RUN.
#include <bpf/bpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "bpf/state.hpp"

#include "base/posix.hpp"

namespace yett {
namespace {

/// Linux refuses shorter frames in BPF_PROG_TEST_RUN.
constexpr std::size_t kShortestFrame = 14;

Result<DataPlane::RunResult> test_run(int program, std::span<const std::uint8_t> frame,
                                      void* context, std::uint32_t context_size,
                                      std::uint32_t repeat) {
    if (frame.size() < kShortestFrame)
        return Error{ErrorKind::usage,
                     fmt::format("a frame of {} octets is too short to be run", frame.size()),
                     "the kernel wants at least the 14 octets of an Ethernet header"};
    bpf_test_run_opts options{};
    options.sz = sizeof(options);
    options.data_in = frame.data();
    options.data_size_in = static_cast<std::uint32_t>(frame.size());
    options.ctx_in = context_size ? context : nullptr;  // a pointer without a size is EINVAL
    options.ctx_size_in = context_size;
    options.repeat = static_cast<int>(repeat);
    if (bpf_prog_test_run_opts(program, &options) != 0)
        return system_error("the kernel did not run the frame", errno, ErrorKind::kernel);
    return DataPlane::RunResult{options.retval, options.duration};
}

Result<DataPlane::RunResult> run_xdp(int program, std::span<const std::uint8_t> frame,
                                     std::uint32_t ifindex, std::uint32_t repeat) {
    if (ifindex == 0) return test_run(program, frame, nullptr, 0, repeat);
    xdp_md context{};
    context.data_end = static_cast<std::uint32_t>(frame.size());
    context.ingress_ifindex = ifindex;
    return test_run(program, frame, &context, sizeof(context), repeat);
}

Result<DataPlane::RunResult> run_tc(int program, std::span<const std::uint8_t> frame,
                                    std::uint32_t ifindex, std::uint32_t repeat) {
    __sk_buff context{};
    context.ifindex = ifindex;
    return test_run(program, frame, &context, ifindex ? sizeof(context) : 0, repeat);
}

}  // namespace

Result<DataPlane::RunResult> DataPlane::run(Entry entry, std::span<const std::uint8_t> frame,
                                            std::uint32_t ifindex, std::uint32_t repeat) {
    switch (entry) {
        case Entry::xdp_ingress:
            return run_xdp(state_->programs.entries[kXdpIngress].get(), frame, ifindex, repeat);
        case Entry::tc_ingress:
            return run_tc(state_->programs.entries[kTcIngress].get(), frame, ifindex, repeat);
        case Entry::tc_egress:
            return run_tc(state_->programs.entries[kTcEgress].get(), frame, ifindex, repeat);
    }
    return Error{ErrorKind::internal, "no such entry program", ""};
}

int DataPlane::entry_program(Entry entry) const {
    constexpr EntryId kIds[] = {kXdpIngress, kTcIngress, kTcEgress};
    return state_->programs.entries[kIds[static_cast<int>(entry)]].get();
}

Result<yett_trace_result> DataPlane::trace(std::span<const std::uint8_t> frame,
                                           yett_trace_request request) {
    // Before Linux 6.9 a softirq may judge a live packet on this CPU while a traced one is under
    // way; the id in the result shows it, and the trace is run again. The live packet is not
    // disturbed.
    constexpr int kAttempts = 5;
    const bool tc = request.direction == YETT_EGRESS || request.flags & YETT_INTERFACE_BARE;
    const EntryId entry = tc ? kTcTrace : kXdpTrace;
    const int program = state_->programs.entries[entry].get();
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        request.id = (request.id & YETT_TRACE_BY_RULESET) | state_->next_trace_id++;
        std::memcpy(state_->trace_request->data(), &request, sizeof(request));
        auto run = entry == kTcTrace ? run_tc(program, frame, 0, 1) : run_xdp(program, frame, 0, 1);
        if (!run) return run.error();
        yett_trace_result result;
        std::memcpy(&result, state_->trace_result->data(), sizeof(result));
        if (result.id == request.id) return result;
    }
    return Error{ErrorKind::internal, "the data plane gave no answer for the traced packet",
                 "a stage is missing: see the reason tail_call in `yett show reasons`"};
}

}  // namespace yett
