// SPDX-License-Identifier: GPL-2.0-or-later
// yett_bench_state: nanoseconds a packet of answers and of floods, as JSON.
#include "state.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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
    {"whole", R"("match": {"proto": "udp", "ttl": ">=1"}, "action": "pass")", false},
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

/// The host speaks to each source in [first, last), so that what comes back is an answer.
Result<void> ask_all(DataPlane& plane, std::uint32_t first, std::uint32_t last) {
    auto question = parse_packet("udp 198.51.100.7:40000 > 10.0.0.0:53");
    for (std::uint32_t i = first; i < last; ++i) {
        for (int octet = 0; octet < 4; ++octet)
            question->dst.octets[octet] =
                static_cast<std::uint8_t>((kFirstSource + i) >> (24 - 8 * octet));
        const auto sent = plane.run(DataPlane::Entry::tc_egress, to_frame(*question), 0);
        if (!sent) return sent.error();
    }
    return {};
}

/// A data plane of its own, judged by one rule, and the program that feeds it.
class Lane {
  public:
    explicit Lane(const Contender& contender) : contender_(contender) {}
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;
    ~Lane() { state_program__destroy(skeleton_); }

    Result<void> open() {
        const bool alone = *contender_.rule == '\0';
        skeleton_ = state_program__open_and_load();
        if (!skeleton_) return Error{ErrorKind::kernel, "the kernel does not load the feeder", ""};
        if (alone) return {};
        auto plane = DataPlane::open({.pin_directory = ""});
        if (!plane) return plane.error();
        plane_.emplace(*std::move(plane));
        if (auto done = load_rules(*plane_, rule_of(contender_)); !done) return done.error();
        const std::uint32_t zero = 0;
        const int target = plane_->entry_program(DataPlane::Entry::xdp_ingress);
        if (bpf_map_update_elem(bpf_map__fd(skeleton_->maps.target), &zero, &target, 0) == 0)
            return {};
        return Error{ErrorKind::kernel, "the kernel does not take the feeder's target", ""};
    }

    /// From now on packets come from that many sources; the host has spoken to each where it
    /// should.
    Result<void> prepare(std::uint32_t sources) {
        sources_ = sources;
        if (contender_.asks)
            if (auto done = ask_all(*plane_, asked_, sources); !done) return done;
        asked_ = std::max(asked_, sources);
        return {};
    }

    /// Nanoseconds a frame. A packet from each source goes before: the others' tables are in the
    /// cache where this one's were.
    Result<double> turn(std::uint32_t frames) {
        const Turn mine;
        if (const auto warm = run(sources_); !warm) return warm;
        return run(frames);
    }

    [[nodiscard]] const char* name() const { return contender_.name; }

  private:
    Result<double> run(std::uint32_t frames) {
        const std::uint32_t zero = 0;
        const bench_sources plan{0, kFirstSource, sources_};
        bpf_map_update_elem(bpf_map__fd(skeleton_->maps.sources), &zero, &plan, 0);
        const auto frame = to_frame(*parse_packet(kAnswer));
        bpf_test_run_opts options{};
        options.sz = sizeof(options);
        options.data_in = frame.data();
        options.data_size_in = static_cast<std::uint32_t>(frame.size());
        options.repeat = static_cast<int>(frames);
        if (bpf_prog_test_run_opts(bpf_program__fd(skeleton_->progs.feed), &options) != 0)
            return Error{ErrorKind::kernel, "the kernel does not run the feeder", ""};
        return static_cast<double>(options.duration);
    }

    const Contender& contender_;
    state_program* skeleton_ = nullptr;
    std::optional<DataPlane> plane_;
    std::uint32_t sources_ = 1;
    std::uint32_t asked_ = 0;
};

struct Arguments {
    std::uint32_t frames = 500'000;  ///< in a turn
    unsigned rounds = 5;
    std::vector<std::uint32_t> sources;
};

using Lanes = std::vector<std::unique_ptr<Lane>>;
using Samples = std::vector<std::vector<double>>;  ///< by lane

Result<Samples> measure(const Lanes& lanes, const Arguments& arguments, std::uint32_t sources) {
    for (const auto& lane : lanes)
        if (auto done = lane->prepare(sources); !done) return done.error();
    Samples samples(lanes.size());
    for (unsigned round = 0; round <= arguments.rounds; ++round) {
        for (std::size_t i = 0; i < lanes.size(); ++i) {
            const auto ns = lanes[i]->turn(arguments.frames);
            if (!ns) return ns.error();
            if (round > 0) samples[i].push_back(*ns);
        }
    }
    return samples;
}

int measure_all(const Arguments& arguments) {
    Lanes lanes;
    for (const Contender& contender : kContenders) {
        lanes.push_back(std::make_unique<Lane>(contender));
        if (auto opened = lanes.back()->open(); !opened) return fail(opened.error().message);
    }
    std::string text;
    for (const std::uint32_t sources : arguments.sources) {
        const auto samples = measure(lanes, arguments, sources);
        if (!samples) return fail(samples.error().message);
        text += fmt::format("{}\"{}\": {{", text.empty() ? "" : ", ", sources);
        for (std::size_t i = 0; i < lanes.size(); ++i)
            text += fmt::format("{}\"{}\": [{:.2f}]", i == 0 ? "" : ", ", lanes[i]->name(),
                                fmt::join((*samples)[i], ", "));
        text += "}";
    }
    fmt::print("{{{}}}\n", text);
    return 0;
}

}  // namespace
}  // namespace yett::bench

int main(int argc, char** argv) {
    yett::bench::Arguments arguments;
    CLI::App app("nanoseconds a packet of answers and of floods", "yett_bench_state");
    app.add_option("--frames", arguments.frames, "in a turn");
    app.add_option("--rounds", arguments.rounds);
    app.add_option("sources", arguments.sources, "how many, smallest first")->required();
    CLI11_PARSE(app, argc, argv);
    return yett::bench::measure_all(arguments);
}
