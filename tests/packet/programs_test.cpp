// SPDX-License-Identifier: GPL-2.0-or-later
// The programs stay small for the verifier.
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "abi/stages.h"
#include "base/fd.hpp"
#include "bpf/data_plane.hpp"

namespace yett {
namespace {

/// 100,000 is the bound that the design sets, on every kernel; the kernel's own is a million.
TEST(Programs, stay_below_100000_verified_instructions) {
    const auto plane = DataPlane::open({.pin_directory = ""});
    ASSERT_TRUE(plane.ok()) << plane.error().message;
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

}  // namespace
}  // namespace yett
