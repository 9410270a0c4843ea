// SPDX-License-Identifier: GPL-2.0-or-later
// The table of own addresses in real maps.
#include "apply/locals.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "model/packet.hpp"

namespace yett {
namespace {

Address of(const char* text) {
    return *parse_address(text);
}

class Locals : public testing::Test {
  protected:
    void SetUp() override {
        auto opened = DataPlane::open({.pin_directory = ""});
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        plane_ = std::make_unique<DataPlane>(*std::move(opened));
    }

    /// The verdict's reason for TCP from the address to port 80.
    std::uint32_t reason_for_ipv4(std::uint8_t last) {
        std::vector<std::uint8_t> frame = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0};
        const std::uint8_t rest[] = {0x45, 0, 0,   40, 0,    1, 0,    0, 64, 6,  0, 0, 192, 0,
                                     2,    0, 192, 0,  2,    7, 0x11, 0, 0,  80, 0, 0, 0,   1,
                                     0,    0, 0,   0,  0x50, 2, 1,    0, 0,  0,  0, 0};
        frame.insert(frame.end(), std::begin(rest), std::end(rest));
        frame[14 + 15] = last;
        const auto result = plane_->trace(frame, {.direction = YETT_INGRESS});
        return result.ok() ? result->reason : __u32{YETT_REASON_COUNT};
    }

    std::unique_ptr<DataPlane> plane_;
};

TEST_F(Locals, hold_what_was_written_and_nothing_else) {
    const LocalAddresses first = {{of("192.0.2.1"), YETT_LOCAL_OWN},
                                  {of("192.0.2.2"), YETT_LOCAL_OWN},
                                  {of("192.0.2.3"), YETT_LOCAL_BROADCAST},
                                  {of("2001:db8::1"), YETT_LOCAL_OWN}};
    const LocalAddresses second = {{of("192.0.2.2"), YETT_LOCAL_OWN},
                                   {of("192.0.2.4"), YETT_LOCAL_OWN}};
    EXPECT_EQ(reason_for_ipv4(1), __u32{YETT_REASON_POLICY});
    auto written = write_locals(*plane_, first);
    ASSERT_TRUE(written.ok()) << written.error().message;
    EXPECT_EQ(*written, 0u);
    EXPECT_EQ(reason_for_ipv4(1), __u32{YETT_REASON_OWN_ADDRESS});
    EXPECT_EQ(reason_for_ipv4(3), __u32{YETT_REASON_POLICY});
    ASSERT_TRUE(write_locals(*plane_, second).ok());
    EXPECT_EQ(reason_for_ipv4(1), __u32{YETT_REASON_POLICY});
    EXPECT_EQ(reason_for_ipv4(2), __u32{YETT_REASON_OWN_ADDRESS});
    EXPECT_EQ(reason_for_ipv4(4), __u32{YETT_REASON_OWN_ADDRESS});
    ASSERT_TRUE(write_locals(*plane_, {}).ok());
    EXPECT_EQ(reason_for_ipv4(2), __u32{YETT_REASON_POLICY});
}

/// fe80::1 of one link says nothing of another's.
TEST_F(Locals, of_a_link_are_own_on_that_link_alone) {
    constexpr std::uint32_t kOurs = 7, kAnother = 8;
    const auto packet = parse_packet("udp [fe80::1]:1 > [fe80::2]:2");
    ASSERT_TRUE(packet.ok());
    ASSERT_TRUE(write_locals(*plane_, {{{of("fe80::1"), kOurs}, YETT_LOCAL_OWN}}).ok());
    for (const std::uint32_t link : {kOurs, kAnother}) {
        const auto result =
            plane_->trace(to_frame(*packet), {.direction = YETT_INGRESS, .ifindex = link});
        ASSERT_TRUE(result.ok()) << result.error().message;
        EXPECT_EQ(result->reason,
                  link == kOurs ? __u32{YETT_REASON_OWN_ADDRESS} : __u32{YETT_REASON_POLICY});
    }
}

TEST_F(Locals, say_how_many_found_no_room) {
    LocalAddresses many;
    Address address = of("2001:db8::");
    for (int i = 0; i < YETT_MAX_LOCALS + 3; ++i) {
        address.octets[14] = static_cast<std::uint8_t>(i >> 8);
        address.octets[15] = static_cast<std::uint8_t>(i);
        many[address] = YETT_LOCAL_OWN;
    }
    const auto written = write_locals(*plane_, many);
    ASSERT_TRUE(written.ok()) << written.error().message;
    EXPECT_EQ(*written, 3u);
}

}  // namespace
}  // namespace yett
