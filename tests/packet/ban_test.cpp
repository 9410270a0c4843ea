// SPDX-License-Identifier: GPL-2.0-or-later
// Who is banned: by real handshakes, by forged frames, and by a million of them.
#include <gtest/gtest.h>

#include "observe/snapshot.hpp"
#include "packet/shared_plane.hpp"
#include "packet/spray.hpp"

namespace yett::corpus {
namespace {

constexpr std::uint8_t kSyn = YETT_TCP_SYN, kAck = YETT_TCP_ACK, kSynAck = kSyn | kAck;

/// A long segment to the web port is what the rule bans for.
std::string ruleset(const std::string& more) {
    return R"({"version": 1, "name": "bans", "interfaces": ["eth0"],
 "policy": {"ingress": "pass", "egress": "pass"},
 "sets": {"blocked": {"type": "prefix", "entries": ["198.51.100.66"]}},
 "rules": [
  {"name": "blocked", "match": {"src": "@blocked"}, "action": "drop"},
  {"name": "flood", "match": {"proto": "tcp", "dport": 80, "len": ">=1000"}, "action": "ban")" +
           more + "}]}";
}

class Bans : public SharedPlane {
  protected:
    void start(const std::string& more = "") {
        const auto loaded = plane().load(ruleset(more));
        ASSERT_TRUE(loaded.ok()) << loaded.error().message;
        ASSERT_TRUE(plane().forget_connections().ok());
        ASSERT_TRUE(remove_all_bans(plane().data_plane()).ok());
        before_ = counters();
    }

    static BanCounters counters() {
        const auto read = read_ban_counters(plane().data_plane());
        EXPECT_TRUE(read.ok());
        return *read;
    }
    static std::vector<Ban> banned() {
        const auto read = read_bans(plane().data_plane(), boot_time());
        EXPECT_TRUE(read.ok());
        return *read;
    }

    static Octets from_peer(unsigned flags, std::uint32_t seq, std::uint32_t ack,
                            std::size_t payload = 0) {
        return frame4(
            {},
            tcp({.dport = 80, .flags = flags, .payload = zeros(payload), .seq = seq, .ack = ack}));
    }

    /// Whether the frame passed.
    static bool in(const Octets& frame) {
        const auto action = plane().run(frame, Hook::xdp_ingress, "eth0");
        return action.ok() && *action == 2;  // XDP_PASS
    }

    static void handshake() {
        const Octets answer =
            frame4({.src = kHost4, .dst = kSource4},
                   tcp({.sport = 80, .dport = 4444, .flags = kSynAck, .seq = 500, .ack = 101}));
        ASSERT_TRUE(in(from_peer(kSyn, 100, 0)));
        ASSERT_TRUE(plane().run(answer, Hook::tc_egress, "eth0").ok());
        ASSERT_TRUE(in(from_peer(kAck, 101, 501)));
    }

    /// One frame from each of `count` sources, 10.0.0.0 on.
    static void flood(std::uint32_t count) {
        auto spray = test::Spray::open(plane().data_plane());
        ASSERT_TRUE(spray.ok()) << spray.error().message;
        const ::spray plan{0, 0x0a000000, count, 1, 26};
        ASSERT_TRUE(spray->run(from_peer(kAck, 101, 501, 1000), plan, count).ok());
    }

    BanCounters before_;
};

TEST_F(Bans, who_completed_a_handshake_is_banned) {
    start();
    handshake();
    EXPECT_FALSE(in(from_peer(kAck, 101, 501, 1000)));
    ASSERT_EQ(banned().size(), 1u);
    EXPECT_EQ(to_text(banned()[0].source), kSource4);
    EXPECT_FALSE(in(from_peer(kAck, 101, 501)));
    EXPECT_EQ(counters().made, before_.made + 1);
}

/// The bystander has a connection, and the forger knows its addresses and ports; or it has none.
TEST_F(Bans, forged_frames_ban_no_bystander) {
    start();
    EXPECT_FALSE(in(from_peer(kAck, 101, 501, 1000)));
    handshake();
    EXPECT_FALSE(in(from_peer(kAck, 0x40000000, 501, 1000)));
    EXPECT_FALSE(in(from_peer(kAck, 101, 0x40000000, 1000)));
    EXPECT_FALSE(in(from_peer(kSyn, 101, 0, 1000)));
    EXPECT_EQ(banned().size(), 0u);
    EXPECT_EQ(counters().unproven, before_.unproven + 4);
    EXPECT_TRUE(in(from_peer(kAck, 101, 501)));
}

TEST_F(Bans, a_million_forged_sources_ban_nobody) {
    start();
    flood(1'000'000);
    EXPECT_EQ(banned().size(), 0u);
    EXPECT_EQ(counters().unproven, before_.unproven + 1'000'000);
}

/// Where the operator lets forged sources be banned, they push each other out, and nothing of his.
TEST_F(Bans, a_million_banned_sources_displace_no_entry_of_the_operator) {
    start(R"(, "spoofable": true)");
    flood(1'000'000);
    const Octets blocked = frame4({.src = "198.51.100.66"}, tcp({}));
    EXPECT_FALSE(in(blocked));
    const auto set = plane().trace(blocked, Direction::ingress, "eth0");
    ASSERT_TRUE(set.ok());
    EXPECT_EQ(set->rule, "blocked");
    const std::size_t left = banned().size();
    EXPECT_LE(left, std::size_t{YETT_MAX_AUTO_BANS});
    EXPECT_GE(left, std::size_t{YETT_MAX_AUTO_BANS} / 2);
    const BanCounters now = counters();
    EXPECT_EQ(now.made, before_.made + 1'000'000);
    EXPECT_EQ(now.evicted, before_.evicted + 1'000'000 - left);
    ASSERT_TRUE(remove_all_bans(plane().data_plane()).ok());
    EXPECT_EQ(counters().evicted, now.evicted);
}

}  // namespace
}  // namespace yett::corpus
