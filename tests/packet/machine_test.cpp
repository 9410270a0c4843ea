// SPDX-License-Identifier: GPL-2.0-or-later
// The state machine by itself: what no frame through BPF_PROG_TEST_RUN can say (forwarded packets),
// and what a blind attacker achieves in a million tries.
#include "state/machine.h"

#include <gtest/gtest.h>

#include <random>

namespace yett {
namespace {

constexpr __u8 kLow = 0, kHigh = 1;

connection_event segment(__u8 from, unsigned flags, __u32 seq, __u32 ack, __u32 payload = 0) {
    connection_event event{};
    event.seq = seq;
    event.ack = ack;
    event.tcp_flags = static_cast<__u8>(flags);
    event.end = seq + payload + (flags & YETT_TCP_SYN ? 1 : 0) + (flags & YETT_TCP_FIN ? 1 : 0);
    event.from = from;
    event.leaves = from == kLow;
    return event;
}

/// Lets the packet pass.
connection_step pass(connection& known, const connection_event& event) {
    const connection_step step = tcp_step(&known, &event);
    if (step.learn == CONNECTION_GOES_ON || step.learn == CONNECTION_BEGINS) known = step.after;
    return step;
}

/// Low, inside, has connected to high; each has acknowledged all that the other sent.
connection open_connection() {
    connection known{};
    pass(known, segment(kLow, YETT_TCP_SYN, 100, 0));
    pass(known, segment(kHigh, YETT_TCP_SYN | YETT_TCP_ACK, 500, 101));
    pass(known, segment(kLow, YETT_TCP_ACK, 101, 501));
    pass(known, segment(kHigh, YETT_TCP_ACK, 501, 101));
    return known;
}

TEST(Machine, a_forwarded_reset_ends_a_connection_only_where_it_is_exact) {
    connection known = open_connection();
    const auto blind = segment(kLow, YETT_TCP_RST, 77, 0);
    EXPECT_EQ(tcp_step(&known, &blind).state, YETT_STATE_INVALID);
    const auto near = segment(kLow, YETT_TCP_RST, 102, 0);
    EXPECT_EQ(tcp_step(&known, &near).learn, CONNECTION_STAYS);
    const auto exact = segment(kLow, YETT_TCP_RST, 101, 0);
    EXPECT_EQ(tcp_step(&known, &exact).after.phase, YETT_PHASE_TCP_CLOSED);
}

TEST(Machine, this_hosts_own_reset_ends_a_connection_wherever_it_is) {
    connection known = open_connection();
    auto own = segment(kLow, YETT_TCP_RST, 9000, 0);
    own.own = true;
    EXPECT_EQ(tcp_step(&known, &own).after.phase, YETT_PHASE_TCP_CLOSED);
}

TEST(Machine, both_ends_closing_shortens_the_time_and_a_guessed_fin_does_not) {
    connection known = open_connection();
    pass(known, segment(kLow, YETT_TCP_FIN | YETT_TCP_ACK, 101, 501));
    EXPECT_EQ(known.phase, YETT_PHASE_TCP_OPEN);
    pass(known, segment(kHigh, YETT_TCP_FIN | YETT_TCP_ACK, 900000000, 101));
    EXPECT_EQ(known.phase, YETT_PHASE_TCP_OPEN);
    pass(known, segment(kHigh, YETT_TCP_FIN | YETT_TCP_ACK, 501, 102));
    EXPECT_EQ(known.phase, YETT_PHASE_TCP_CLOSING);
}

TEST(Machine, proves_a_sender_by_what_only_that_sender_can_know) {
    connection known = open_connection();
    ASSERT_TRUE(known.flags & YETT_CONNECTION_PROVEN);
    const auto honest = segment(kHigh, YETT_TCP_ACK, 501, 101, 10);
    EXPECT_TRUE(tcp_step(&known, &honest).proven);
    const auto guess = segment(kHigh, YETT_TCP_ACK, 501, 101 + (1u << 20), 10);
    EXPECT_FALSE(tcp_step(&known, &guess).proven);
    const auto other = segment(kHigh, YETT_TCP_ACK, 501 + (1u << 20), 101, 10);
    EXPECT_FALSE(tcp_step(&known, &other).proven);
}

/// The attacker knows addresses and ports, hears nothing, and sends whatever he likes. Segments of
/// an open connection, or in answer to a SYN, without SYN or RST get through to the host, which
/// knows its window and its SYN; nothing else does, and nothing that he sends is taken for more
/// than it is.
TEST(Machine, a_blind_attacker_opens_nothing_ends_nothing_and_proves_nothing) {
    std::mt19937 random(7);
    connection waiting{};
    pass(waiting, segment(kLow, YETT_TCP_SYN, 100, 0));
    const connection open = open_connection();
    connection served{};
    pass(served, segment(kHigh, YETT_TCP_SYN, 100, 0));
    pass(served, segment(kLow, YETT_TCP_SYN | YETT_TCP_ACK, 500, 101));
    unsigned resets = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        const auto event = segment(kHigh, random() & 0x3f, random(), random(), random() % 1460);
        const auto to_waiting = tcp_step(&waiting, &event);
        const bool acknowledges = (event.tcp_flags & 0x16) == YETT_TCP_ACK;
        const bool begins = (event.tcp_flags & 0x17) == YETT_TCP_SYN;
        ASSERT_EQ(to_waiting.state, acknowledges ? YETT_STATE_ESTABLISHED
                                    : begins     ? YETT_STATE_NEW
                                                 : YETT_STATE_INVALID);
        ASSERT_FALSE(to_waiting.proven);
        if (to_waiting.learn != CONNECTION_STAYS) {
            ASSERT_EQ(to_waiting.after.phase, YETT_PHASE_TCP_SYN_SENT);
            ASSERT_EQ(to_waiting.after.seq[0], waiting.seq[0]);
            ASSERT_EQ(to_waiting.after.seq[1], waiting.seq[1]);
        }
        const auto to_served = tcp_step(&served, &event);
        ASSERT_NE(to_served.state, YETT_STATE_ESTABLISHED);
        ASSERT_FALSE(to_served.proven);
        if (to_served.learn != CONNECTION_STAYS) {
            ASSERT_EQ(to_served.after.phase, YETT_PHASE_TCP_SYN_RECEIVED);
            ASSERT_EQ(to_served.after.seq[0], served.seq[0]);
            ASSERT_EQ(to_served.after.seq[2], served.seq[2]);
        }
        const auto to_open = tcp_step(&open, &event);
        ASSERT_FALSE(to_open.proven);
        ASSERT_NE(to_open.learn, CONNECTION_BEGINS);
        if (to_open.learn != CONNECTION_STAYS) {
            ASSERT_EQ(to_open.after.phase, YETT_PHASE_TCP_OPEN);
        }
        resets += to_open.state == YETT_STATE_ESTABLISHED && event.tcp_flags & YETT_TCP_RST;
    }
    // One reset in 256 lies in the window, and the host itself then asks for the exact one.
    EXPECT_LT(resets, 1'000'000 / 8 / 256 * 2);
}

}  // namespace
}  // namespace yett
