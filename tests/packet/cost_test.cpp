// SPDX-License-Identifier: GPL-2.0-or-later
// What a packet costs, and what each program costs the verifier. Printed as notes: numbers of this
// machine at this moment. What fails is far from any of them.
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "bpf/memory.hpp"
#include "bpf/segment.hpp"
#include "packet/shared_plane.hpp"
#include "yett_tc.skel.h"
#include "yett_xdp.skel.h"

namespace yett::corpus {
namespace {

constexpr std::uint32_t kRepeat = 20'000;
constexpr int kRounds = 21;
/// A stage that loops, or a map that is searched, costs more than this on any machine.
constexpr std::uint32_t kFarTooMuch = 5'000;

/// Ten rules, of which the last two decide about ports 443 and 22.
std::string ten_rules() {
    std::string rules;
    for (int port = 8001; port <= 8008; ++port)
        rules += fmt::format(
            R"({{"name": "p{0}", "match": {{"proto": "tcp", "dport": {0}}}, "action": "pass"}},)",
            port);
    return R"({"version": 1, "name": "cost", "interfaces": ["eth0"],
 "policy": {"ingress": "drop", "egress": "drop"}, "rules": [)" +
           rules + R"({"name": "web", "match": {"proto": "tcp", "dport": 443}, "action": "pass"},
 {"name": "no-ssh", "match": {"proto": "tcp", "dport": 22}, "action": "drop"}]})";
}

class Cost : public SharedPlane {
  protected:
    /// Nanoseconds a packet: the least and the middle of the rounds.
    std::pair<std::uint32_t, std::uint32_t> measure(const Octets& frame, DataPlane::Entry entry) {
        std::vector<std::uint32_t> rounds;
        for (int i = 0; i < kRounds; ++i) {
            const auto run = plane().data_plane().run(entry, frame, 0, kRepeat);
            EXPECT_TRUE(run.ok()) << run.error().message;
            rounds.push_back(run.ok() ? run->nanoseconds : 0);
        }
        std::sort(rounds.begin(), rounds.end());
        return {rounds.front(), rounds[rounds.size() / 2]};
    }
};

TEST_F(Cost, of_plain_tcp_through_ten_rules) {
    const auto loaded = plane().load(ten_rules());
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    for (const auto& [hook, entry] : {std::pair{"XDP ingress", DataPlane::Entry::xdp_ingress},
                                      std::pair{"TC egress", DataPlane::Entry::tc_egress}})
        for (const Family family : kFamilies)
            for (const std::uint16_t port : {443, 22}) {
                const Octets frame = ip_frame(family, 6, tcp({.dport = port, .flags = 0x10}));
                const auto [least, middle] = measure(frame, entry);
                std::printf("[   NOTE   ] %s, %s, %s: %u ns a packet, median %u\n", hook,
                            name_of(family), port == 443 ? "pass" : "drop", least, middle);
                EXPECT_GT(least, 0u);
                EXPECT_LT(least, kFarTooMuch);
            }
}

TEST_F(Cost, of_a_segment_of_an_open_connection) {
    const auto loaded = plane().load(R"({"version": 1, "name": "state", "interfaces": ["eth0"],
 "policy": {"ingress": "drop", "egress": "pass"}, "rules": [
  {"name": "answers", "match": {"state": ["established", "related"]}, "action": "pass"}]})");
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    const auto frame = [](bool out, unsigned flags, std::uint32_t seq, std::uint32_t ack) {
        return frame4({.src = out ? kHost4 : kSource4, .dst = out ? kSource4 : kHost4},
                      tcp({.sport = std::uint16_t(out ? 40000 : 443),
                           .dport = std::uint16_t(out ? 443 : 40000),
                           .flags = flags,
                           .seq = seq,
                           .ack = ack}));
    };
    ASSERT_TRUE(plane().forget_connections().ok());
    ASSERT_TRUE(plane().run(frame(true, 0x02, 100, 0), Hook::tc_egress, "eth0").ok());
    ASSERT_TRUE(plane().run(frame(false, 0x12, 500, 101), Hook::xdp_ingress, "eth0").ok());
    ASSERT_TRUE(plane().run(frame(true, 0x10, 101, 501), Hook::tc_egress, "eth0").ok());
    for (const auto& [hook, entry, out] :
         {std::tuple{"XDP ingress", DataPlane::Entry::xdp_ingress, false},
          std::tuple{"TC egress", DataPlane::Entry::tc_egress, true}}) {
        const Octets segment = out ? frame(out, 0x10, 101, 501) : frame(out, 0x10, 501, 101);
        const auto [least, middle] = measure(segment, entry);
        std::printf("[   NOTE   ] %s, an open connection: %u ns a packet, median %u\n", hook, least,
                    middle);
        EXPECT_GT(least, 0u);
        EXPECT_LT(least, kFarTooMuch);
    }
}

/// The words of the verifier (BPF_LOG_STATS): "stack depth 96+0" and "processed 812 insns".
void print_program(const char* name, const std::string& log) {
    const auto number_behind = [&log](const char* words) {
        const std::size_t at = log.find(words);
        return at == log.npos
                   ? std::string("?")
                   : log.substr(at + std::string(words).size(),
                                log.find_first_of(" \n", at + std::string(words).size()) - at -
                                    std::string(words).size());
    };
    std::printf("[   NOTE   ] %-16s %6s instructions verified, stack %s\n", name,
                number_behind("processed ").c_str(), number_behind("stack depth ").c_str());
    EXPECT_NE(number_behind("processed "), "?") << name;
}

void print_programs(bpf_object* object) {
    std::vector<std::pair<std::string, std::vector<char>>> logs;
    bpf_program* program;
    bpf_object__for_each_program(program, object) {
        constexpr std::size_t kLog = 65536;
        logs.emplace_back(bpf_program__name(program), std::vector<char>(kLog));
    }
    std::size_t i = 0;
    bpf_object__for_each_program(program, object) {
        std::vector<char>& log = logs[i++].second;
        bpf_program__set_log_buf(program, log.data(), log.size());
        bpf_program__set_log_level(program, 4);
    }
    // libbpf asks what the maps inside look like; the data plane makes the outer map itself.
    auto segment = create_segment();
    ASSERT_TRUE(segment.ok()) << segment.error().message;
    bpf_map* segments = bpf_object__find_map_by_name(object, "yett_set_segments");
    ASSERT_EQ(bpf_map__set_inner_map_fd(segments, segment->get()), 0);
    ASSERT_EQ(bpf_object__load(object), 0);
    for (const auto& [name, log] : logs)
        print_program(name.c_str(), log.data());
}

TEST(Programs, say_what_they_cost_the_verifier) {
    give_programs_the_engines_memory();
    yett_xdp* xdp = yett_xdp__open();
    yett_tc* tc = yett_tc__open();
    ASSERT_TRUE(xdp && tc);
    print_programs(xdp->obj);
    print_programs(tc->obj);
    yett_xdp__destroy(xdp);
    yett_tc__destroy(tc);
}

}  // namespace
}  // namespace yett::corpus
