// SPDX-License-Identifier: GPL-2.0-or-later
// yett_bench_sets: nanoseconds a packet of a rule that drops members of a set, as JSON: for each
// contender one figure a turn, the turns alternating.
#include "sets.h"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apply/set_tables.hpp"
#include "model/packet.hpp"
#include "one_bank.hpp"
#include "sets.skel.h"
#include "timing.hpp"

namespace yett::bench {
namespace {

/// Numbers from here on are members of nothing.
constexpr std::uint32_t kOutside = 0x80000000;
constexpr const char* kPlainRule =
    R"("rules": [{"name": "r", "match": {"proto": "udp"}, "action": "drop"}])";
constexpr const char* kSetRule =
    R"("sets": {"s": {"type": "prefix"}},
 "rules": [{"name": "r", "match": {"src": "@s"}, "action": "drop"}])";

/// A data plane of its own, and what its set holds.
struct Plane {
    const char* name;
    const char* rules;
    bench_entries entries;
    std::optional<DataPlane> plane;
    std::optional<SetTables> tables;
};

struct Contender {
    const char* name;
    std::size_t plane;  ///< 0: the feeder alone
    bool inside;        ///< sources are members
};

// Each in both families.
constexpr Contender kContenders[] = {
    {"feeder", 0, false}, {"plain", 1, false},          {"no-member", 2, false},
    {"member", 2, true},  {"feeder-prefixes", 0, true}, {"no-prefix", 3, false},
    {"prefix", 3, true},
};

EntryValue host4(std::uint32_t n) {
    return EntryValue::from_words(EntryKind::prefix4, 0, bench_mix32(n), 32);
}

EntryValue host6(std::uint32_t n) {
    return EntryValue::from_words(EntryKind::prefix6, bench_upper6(n), bench_mix64(n), 128);
}

EntryValue entry4(bench_entries entries, std::uint32_t n) {
    return entries == BENCH_HOSTS
               ? host4(n)
               : host4(n).parent(static_cast<std::uint8_t>(32 - bench_host_bits4(n)));
}

EntryValue entry6(bench_entries entries, std::uint32_t n) {
    return entries == BENCH_HOSTS
               ? host6(n)
               : host6(n).parent(static_cast<std::uint8_t>(128 - bench_host_bits6(n)));
}

Result<void> fill(Plane& one, std::uint16_t slot, std::uint32_t count) {
    auto tables = SetTables::open(*one.plane);
    if (!tables) return tables.error();
    if (auto room = tables->reserve(count, count); !room) return room;
    for (std::uint32_t n = 0; n < count; ++n) {
        if (auto done = tables->put(entry4(one.entries, n), slot, 0); !done) return done;
        if (auto done = tables->put(entry6(one.entries, n), slot, 0); !done) return done;
    }
    one.tables.emplace(std::move(*tables));
    return {};
}

Result<void> open(Plane& one, std::uint32_t count) {
    auto plane = DataPlane::open({.pin_directory = ""});
    if (!plane) return plane.error();
    one.plane.emplace(std::move(*plane));
    const auto slots = load_rules(*one.plane, one.rules);
    if (!slots) return slots.error();
    return slots->address_sets.empty() ? Result<void>()
                                       : fill(one, slots->address_sets.at("s"), count);
}

class Feeder {
  public:
    ~Feeder() { sets_program__destroy(skeleton_); }
    bool open() { return (skeleton_ = sets_program__open_and_load()) != nullptr; }

    /// Nanoseconds a frame; below 0: the kernel refused. `packets`: nullptr is nobody.
    double run(const DataPlane* packets, const bench_members& plan, std::uint32_t frames) {
        const std::uint32_t zero = 0;
        const int target_map = bpf_map__fd(skeleton_->maps.target);
        bpf_map_delete_elem(target_map, &zero);
        if (packets) {
            const int program = packets->entry_program(DataPlane::Entry::xdp_ingress);
            if (bpf_map_update_elem(target_map, &zero, &program, 0) != 0) return -1;
        }
        bpf_map_update_elem(bpf_map__fd(skeleton_->maps.members), &zero, &plan, 0);
        const auto frame =
            to_frame(*parse_packet(plan.ipv6 ? "udp [2001:db8::1]:9 > [2001:db8::2]:9"
                                             : "udp 192.0.2.1:9 > 192.0.2.2:9 len 60"));
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
    sets_program* skeleton_ = nullptr;
};

struct Setting {
    std::uint32_t entries, frames, rounds;
};

double measure(Feeder& feeder, const Contender& contender, bool ipv6, std::vector<Plane>& planes,
               const Setting& setting, std::uint32_t round) {
    bench_members plan{};
    plan.sent = std::uint64_t{round} * setting.frames;
    plan.first = contender.inside ? 0 : kOutside;
    plan.count = setting.entries;
    plan.ipv6 = ipv6;
    const bool prefixes = contender.plane == 3 || (contender.plane == 0 && contender.inside);
    plan.entries = prefixes && contender.inside ? BENCH_PREFIXES : BENCH_HOSTS;
    const DataPlane* packets = contender.plane == 0 ? nullptr : &*planes[contender.plane - 1].plane;
    const Turn turn;
    return feeder.run(packets, plan, setting.frames);
}

int run(const Setting& setting) {
    std::vector<Plane> planes;
    planes.push_back({"plain", kPlainRule, BENCH_HOSTS, {}, {}});
    planes.push_back({"hosts", kSetRule, BENCH_HOSTS, {}, {}});
    planes.push_back({"prefixes", kSetRule, BENCH_PREFIXES, {}, {}});
    for (Plane& one : planes)
        if (auto done = open(one, setting.entries); !done) return fail(done.error().message);
    Feeder feeder;
    if (!feeder.open()) return fail("the kernel does not load the feeder");
    std::map<std::string, std::vector<double>> samples;
    for (std::uint32_t round = 0; round <= setting.rounds; ++round)
        for (const Contender& contender : kContenders)
            for (const bool ipv6 : {false, true}) {
                const double ns = measure(feeder, contender, ipv6, planes, setting, round);
                if (ns < 0) return fail("the kernel does not run the feeder");
                // The first turn warms up.
                if (round > 0)
                    samples[std::string(contender.name) + (ipv6 ? "6" : "4")].push_back(ns);
            }
    const auto& hosts = *planes[1].tables;
    const auto& prefixes = *planes[2].tables;
    fmt::print("{{\"octets_hosts\": {}, \"octets_prefixes\": {}, \"ns\": {{", hosts.usage().bytes,
               prefixes.usage().bytes);
    const char* separator = "";
    for (const auto& [name, ns] : samples) {
        fmt::print("{}\"{}\": [{:.2f}]", separator, name, fmt::join(ns, ", "));
        separator = ", ";
    }
    fmt::print("}}}}\n");
    return 0;
}

}  // namespace
}  // namespace yett::bench

int main(int argc, char** argv) {
    if (argc != 4) return yett::bench::fail("give entries, frames and rounds");
    const auto number = [&](int i) { return static_cast<std::uint32_t>(std::atol(argv[i])); };
    return yett::bench::run({number(1), number(2), number(3)});
}
