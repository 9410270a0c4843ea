// SPDX-License-Identifier: GPL-2.0-or-later
// The programs load, stay small, and judge by an empty ruleset before any other is written.
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "abi/stages.h"
#include "base/fd.hpp"
#include "bpf/data_plane.hpp"

namespace yett {
namespace {

class EmptyDataPlane : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        auto opened = DataPlane::open({.pin_directory = ""});
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        plane_ = std::make_unique<DataPlane>(*std::move(opened));
    }
    static void TearDownTestSuite() { plane_.reset(); }
    static std::unique_ptr<DataPlane> plane_;
};
std::unique_ptr<DataPlane> EmptyDataPlane::plane_;

std::vector<std::uint8_t> frame_of_type(std::uint8_t high, std::uint8_t low, std::size_t size) {
    std::vector<std::uint8_t> frame(size, 0);
    frame[12] = high;
    frame[13] = low;
    return frame;
}

TEST_F(EmptyDataPlane, passes_an_unknown_ethertype_by_policy_on_both_hooks) {
    for (const std::uint32_t direction : {YETT_INGRESS, YETT_EGRESS}) {
        auto result = plane_->trace(frame_of_type(0x88, 0xcc, 60), {.direction = direction});
        ASSERT_TRUE(result.ok()) << result.error().message;
        EXPECT_EQ(result->verdict, YETT_PASS);
        EXPECT_EQ(result->reason, YETT_REASON_POLICY);
        EXPECT_EQ(result->ethertype, 0x88cc);
        EXPECT_EQ(result->direction, direction);
    }
}

/// Linux 6.18 runs no skb of ethertype IPv4 that is shorter than an IPv4 header, so this one is XDP
/// only.
TEST_F(EmptyDataPlane, drops_an_ipv4_ethertype_without_a_header) {
    auto result = plane_->trace(frame_of_type(0x08, 0x00, 20), {.direction = YETT_INGRESS});
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->verdict, YETT_DROP);
    EXPECT_EQ(result->reason, YETT_REASON_TRUNCATED);
}

/// The bound that the design sets for each program, on every kernel; the kernel's own is a million.
TEST_F(EmptyDataPlane, keeps_every_program_below_100000_verified_instructions) {
    std::uint32_t programs = 0;
    for (std::uint32_t id = 0; bpf_prog_get_next_id(id, &id) == 0;) {
        const Fd fd(bpf_prog_get_fd_by_id(id));
        bpf_prog_info info{};
        std::uint32_t size = sizeof(info);
        if (bpf_obj_get_info_by_fd(fd.get(), &info, &size) != 0) continue;
        const std::string name = info.name;
        if (name.rfind("yett_xdp_", 0) != 0 && name.rfind("yett_tc_", 0) != 0) continue;
        programs++;
        EXPECT_LT(info.verified_insns, 100000u) << name;
        if (std::getenv("YETT_PRINT_PROGRAMS"))
            fmt::print("{:16} {:6} verified, {:5} instructions\n", name, info.verified_insns,
                       info.xlated_prog_len / 8);
    }
    EXPECT_GE(programs, 2u * YETT_STAGE_COUNT + 5);
}

TEST_F(EmptyDataPlane, waits_for_packets_in_flight) {
    EXPECT_TRUE(plane_->wait_for_packets().ok());
}

}  // namespace
}  // namespace yett
