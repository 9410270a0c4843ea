// SPDX-License-Identifier: GPL-2.0-or-later
// yett_bench_state: nanoseconds a packet of answers and of floods, as JSON.
#include "state.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <string>

#include "model/packet.hpp"
#include "one_bank.hpp"
#include "state.skel.h"
#include "timing.hpp"

namespace yett::bench {
namespace {

constexpr std::uint32_t kFirstSource = 0x0a000000;
constexpr const char* kAnswer = "udp 10.0.0.0:53 > 198.51.100.7:40000";

/// What is measured: the rule, and what its packets are judged by.
struct Contender {
    const char* name;
    const char* rule;
    bool asks;  ///< this host has asked each source before
};

constexpr Contender kContenders[] = {
    {"feeder", "", false},
    {"plain", R"("match": {"proto": "udp"}, "action": "pass")", false},
    {"established", R"("match": {"state": "established"}, "action": "pass")", true},
    {"new", R"("match": {"not": {"state": "invalid"}}, "action": "pass")", false},
    {"limit",
     R"("match": {"proto": "udp"}, "action": "pass", "limit": {"per": "src", "rate": "1000/s"})",
     false},
    {"limit-global",
     R"("match": {"proto": "udp"}, "action": "pass", "limit": {"per": "global", "rate": "1000/s"})",
     false},
};

std::string rule_of(const Contender& contender) {
    return R"("rules": [{"name": "r", )" + std::string(contender.rule) + "}]";
}

/// The host speaks to each source, so that what comes back is an answer.
Result<void> ask_all(DataPlane& plane, std::uint32_t count) {
    auto question = parse_packet("udp 198.51.100.7:40000 > 10.0.0.0:53");
    for (std::uint32_t i = 0; i < count; ++i) {
        for (int octet = 0; octet < 4; ++octet)
            question->dst.octets[octet] =
                static_cast<std::uint8_t>((kFirstSource + i) >> (24 - 8 * octet));
        const auto sent = plane.run(DataPlane::Entry::tc_egress, to_frame(*question), 0);
        if (!sent) return sent.error();
    }
    return {};
}

class Feeder {
  public:
    ~Feeder() { state_program__destroy(skeleton_); }
    bool open(const DataPlane& plane, bool alone) {
        const std::uint32_t zero = 0;
        const int target = plane.entry_program(DataPlane::Entry::xdp_ingress);
        skeleton_ = state_program__open_and_load();
        return skeleton_ && (alone || bpf_map_update_elem(bpf_map__fd(skeleton_->maps.target),
                                                          &zero, &target, 0) == 0);
    }

    /// Nanoseconds a frame; below 0: the kernel refused.
    double run(std::uint32_t sources, std::uint32_t frames) {
        const std::uint32_t zero = 0;
        const bench_sources plan{0, kFirstSource, sources};
        bpf_map_update_elem(bpf_map__fd(skeleton_->maps.sources), &zero, &plan, 0);
        const auto frame = to_frame(*parse_packet(kAnswer));
        bpf_test_run_opts options{};
        options.sz = sizeof(options);
        options.data_in = frame.data();
        options.data_size_in = static_cast<std::uint32_t>(frame.size());
        options.repeat = static_cast<int>(frames);
        const auto begin = nanoseconds_now();
        if (bpf_prog_test_run_opts(bpf_program__fd(skeleton_->progs.feed), &options) != 0)
            return -1;
        return static_cast<double>(nanoseconds_now() - begin) / frames;
    }

  private:
    state_program* skeleton_ = nullptr;
};

int measure(const Contender& contender, std::uint32_t sources, std::uint32_t frames) {
    auto plane = DataPlane::open({.pin_directory = ""});
    if (!plane) return fail(plane.error().message);
    const bool alone = *contender.rule == '\0';
    if (!alone)
        if (auto done = load_rules(*plane, rule_of(contender)); !done)
            return fail(done.error().message);
    if (contender.asks)
        if (auto done = ask_all(*plane, sources); !done) return fail(done.error().message);
    Feeder feeder;
    if (!feeder.open(*plane, alone)) return fail("the kernel does not load the feeder");
    const Turn turn;
    feeder.run(sources, sources);
    const double ns = feeder.run(sources, frames);
    if (ns < 0) return fail("the kernel does not run the feeder");
    fmt::print("{{\"ns\": {:.2f}}}\n", ns);
    return 0;
}

int main_of(const std::string& name, std::uint32_t sources, std::uint32_t frames) {
    for (const Contender& contender : kContenders)
        if (contender.name == name) return measure(contender, sources, frames);
    return fail("no contender of that name");
}

}  // namespace
}  // namespace yett::bench

int main(int argc, char** argv) {
    if (argc != 4) return yett::bench::fail("give a contender, sources and frames");
    return yett::bench::main_of(argv[1], static_cast<std::uint32_t>(std::atol(argv[2])),
                                static_cast<std::uint32_t>(std::atol(argv[3])));
}
