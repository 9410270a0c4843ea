// SPDX-License-Identifier: GPL-2.0-or-later
// The frames of the packet tests under the laws of native/laws.h, without a fuzzer, and their copy
// as files for one.
#include <gtest/gtest.h>

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "laws.h"
#include "packet/row.hpp"
#include "packet/templates.hpp"
#include "parser.h"

namespace yett::corpus {
namespace {

constexpr unsigned kCutsAndSplits = 2;

/// Each frame once, under the name of the first that has it.
std::map<Octets, std::string> named_frames() {
    std::map<Octets, std::string> frames;
    for (const Template& one : templates())
        frames.emplace(one.frame, "template " + one.name);
    for (const Row& row : all_rows())
        frames.emplace(row.frame, row.subject + " " + row.name);
    return frames;
}

TEST(Replay, every_frame_of_the_corpus_obeys_every_law) {
    const auto frames = named_frames();
    ASSERT_GE(frames.size(), 3000u);
    for (const auto& [frame, name] : frames) {
        const char* broken =
            broken_law(frame.data(), static_cast<unsigned>(frame.size()), kCutsAndSplits);
        EXPECT_EQ(broken, nullptr) << name << ": " << (broken ? broken : "");
    }
    std::printf("[   NOTE   ] %zu different frames\n", frames.size());
}

/// What the native build says is what it read.
TEST(Replay, reads_a_whole_frame_and_refuses_a_cut_one) {
    const Octets frame = ip_frame(Family::ipv4, 6, tcp({.dport = 443}));
    native_setup setup{};
    setup.exceptions_pass = native_no_exceptions();
    setup.policy = YETT_DROP;
    setup.tag = -1;
    native_result whole{}, cut{};
    const auto size = static_cast<__u32>(frame.size());
    native_judge(frame.data(), size, size, &setup, &whole);
    native_judge(frame.data(), size - 1, size - 1, &setup, &cut);
    EXPECT_EQ(whole.trace.verdict, __u32{YETT_PASS});
    EXPECT_EQ(whole.trace.rule, __u32{NATIVE_WEB});
    EXPECT_EQ(whole.trace.dport, 443);
    EXPECT_STREQ(native_reason_name(cut.trace.reason), "bad_length");
}

/// Three segments of 100 octets: each leaves with all of its headers, those of a tunnel around it
/// included, and the inner ones are counted once.
TEST(Replay, counts_a_gso_frame_as_it_leaves_the_wire) {
    const Octets segment = tcp({.dport = 443, .flags = 0x10, .payload = zeros(300)});
    const Octets vxlan =
        Octets{8, 0, 0, 0, 0, 0, 1, 0} + ethernet({.type = 0x0800}, ipv4({}, segment));
    const Octets plain = ip_frame(Family::ipv6, 6, segment);
    const Octets tunnel = ip_frame(Family::ipv4, 17, udp({.dport = 4789, .payload = vxlan}));
    native_setup setup{};
    setup.exceptions_pass = native_no_exceptions();
    setup.direction = YETT_EGRESS;
    setup.policy = YETT_PASS;
    setup.tag = -1;
    setup.segments = 3;
    setup.segment_size = 100;
    for (const std::uint32_t inspect : {0u, ~0u})
        for (const Octets& frame : {plain, tunnel}) {
            native_result result{};
            setup.inspect = inspect;
            const auto size = static_cast<__u32>(frame.size());
            const std::size_t headers =
                inspect || frame == plain ? frame.size() - 300 : 14 + 20 + 8;
            native_judge(frame.data(), size, size, &setup, &result);
            EXPECT_EQ(result.trace.verdict, __u32{YETT_PASS});
            EXPECT_EQ(result.seen, 3u);
            EXPECT_EQ(result.octets_seen, frame.size() + 2 * headers);
            EXPECT_EQ(result.octets_answered, result.octets_seen);
        }
}

std::string file_name(const std::string& name) {
    std::string safe;
    for (const char letter : name)
        safe += std::isalnum(static_cast<unsigned char>(letter)) ? letter : '-';
    return safe.substr(0, 200);
}

/// Run by tests/fuzz/run, which names the folder.
TEST(Seeds, are_files_named_after_their_frames) {
    const char* folder = std::getenv("YETT_SEEDS");
    if (!folder) GTEST_SKIP() << "YETT_SEEDS names no folder";
    std::filesystem::create_directories(folder);
    for (const auto& [frame, name] : named_frames()) {
        std::ofstream file(std::filesystem::path(folder) / file_name(name), std::ios::binary);
        file.write(reinterpret_cast<const char*>(frame.data()),
                   static_cast<std::streamsize>(frame.size()));
        ASSERT_TRUE(file.good()) << name;
    }
}

}  // namespace
}  // namespace yett::corpus
