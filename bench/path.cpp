// SPDX-License-Identifier: GPL-2.0-or-later
// yett_bench_path: a network namespace with a veth pair, v0 (the sender) and v1 (the contender),
// and a sender that obeys lines on stdin:
//   frames FILE   what is sent from now on, BENCH_FRAME octets each
//   send N        sends so many to v1              {"ns": for each frame}
//   nowhere N     the same without v1: the sender alone
//   bare on|off   XDP_DROP on v1
//   dropped       how many the bare program has seen so far
// Answers are JSON, one line each. Everything goes away with the process.
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

#include "path.h"
#include "path.skel.h"
#include "timing.hpp"

namespace yett::bench {
namespace {

constexpr const char* kNetwork =
    "set -e; ip link set lo up; sysctl -qw net.ipv6.conf.default.disable_ipv6=1; "
    "ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02; "
    "ip link set v0 up; ip link set v1 up; ethtool -K v1 gro on; ethtool -K v0 gro on";

/// Frames on their way at a time; the ring of a veth holds 256.
constexpr std::uint32_t kBatch = 64;

class Sender {
  public:
    explicit Sender(path_program* program) : program_(program) {
        const std::size_t size = sizeof(bench_frame) * BENCH_FRAMES;
        void* at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED,
                        bpf_map__fd(program->maps.frames), 0);
        frames_ = at == MAP_FAILED ? nullptr : static_cast<bench_frame*>(at);
        program->bss->target = if_nametoindex("v0");
    }

    int obey(const std::string& line) {
        std::istringstream words(line);
        std::string verb, argument;
        words >> verb >> argument;
        const auto count = static_cast<std::uint32_t>(std::atol(argument.c_str()));
        if (verb == "frames") return frames(argument);
        if (verb == "send") return send(program_->progs.send, count);
        if (verb == "nowhere") return send(program_->progs.nowhere, count);
        if (verb == "bare") return bare(argument == "on");
        if (verb == "dropped") return dropped();
        return fail("there is no such verb");
    }

  private:
    int frames(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        std::size_t count = 0;
        while (count < BENCH_FRAMES &&
               file.read(reinterpret_cast<char*>(&frames_[count]), sizeof(bench_frame)))
            ++count;
        if (count == 0) return fail("no frames in " + path);
        for (std::size_t i = count; i < BENCH_FRAMES; ++i)
            frames_[i] = frames_[i % count];
        fmt::print("{{\"frames\": {}}}\n", count);
        return 0;
    }

    int send(const bpf_program* program, std::uint32_t count) {
        bpf_test_run_opts options{};
        options.sz = sizeof(options);
        options.data_in = frames_;
        options.data_size_in = sizeof(bench_frame);
        options.repeat = static_cast<int>(count);
        options.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
        options.batch_size = kBatch;
        const Turn turn;
        if (bpf_prog_test_run_opts(bpf_program__fd(program), &options) != 0)
            return fail(std::string("the kernel does not send: ") + std::strerror(errno));
        // By the kernel's clock: making and freeing the pages does not count.
        fmt::print("{{\"ns\": {}}}\n", options.duration);
        return 0;
    }

    int bare(bool on) {
        const int program = on ? bpf_program__fd(program_->progs.bare_drop) : -1;
        const auto index = static_cast<int>(if_nametoindex("v1"));
        if (bpf_xdp_attach(index, program, XDP_FLAGS_DRV_MODE, nullptr) != 0)
            return fail("v1 takes no XDP program");
        fmt::print("{{\"bare\": {}}}\n", on);
        return 0;
    }

    int dropped() {
        fmt::print("{{\"dropped\": {}}}\n", program_->bss->dropped);
        return 0;
    }

    path_program* program_;
    bench_frame* frames_ = nullptr;
};

int serve() {
    if (unshare(CLONE_NEWNET) != 0) return fail("no namespace: are you root?");
    if (std::system(kNetwork) != 0) return fail("the veth pair cannot be made");
    path_program* program = path_program__open_and_load();
    if (!program) return fail("the kernel does not load the sender");
    Sender sender(program);
    fmt::print("{{\"ready\": {}}}\n", getpid());
    std::fflush(stdout);
    std::string line;
    while (std::getline(std::cin, line)) {
        sender.obey(line);
        std::fflush(stdout);
    }
    path_program__destroy(program);
    return 0;
}

}  // namespace
}  // namespace yett::bench

int main() {
    return yett::bench::serve();
}
