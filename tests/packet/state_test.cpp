// SPDX-License-Identifier: GPL-2.0-or-later
// Conversations through the real programs: what each packet is to the connections known so far,
// and what is learned of it. "in" is ingress, "out" egress; a rule for each state shows it by name.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "observe/connections.hpp"
#include "packet/conversation.hpp"
#include "packet/shared_plane.hpp"

namespace yett::corpus {
namespace {

constexpr const char* kRuleset = R"({"version": 1, "name": "states", "interfaces": ["eth0"],
 "policy": {"ingress": "drop", "egress": "drop"},)";
constexpr const char* kRules = R"(
 "rules": [
  {"name": "closed", "match": {"direction": "ingress", "sport": 22}, "action": "drop"},
  {"name": "new", "match": {"state": "new"}, "action": "pass"},
  {"name": "established", "match": {"state": "established"}, "action": "pass"},
  {"name": "related", "match": {"state": "related"}, "action": "pass"},
  {"name": "invalid", "match": {"state": "invalid"}, "action": "drop"}]})";

/// One gate that a packet goes through.
struct View {
    Hook hook;
    const char* iface;
};

/// Where on its way a host shows a packet to the programs. What they say must not hang on it.
struct Way {
    const char* name;
    std::vector<View> in, out;
    bool is_host = true;  ///< what leaves was made here
};

const std::vector<Way> kWays = {
    {"once", {{Hook::xdp_ingress, "eth0"}}, {{Hook::tc_egress, "eth0"}}},
    {"two_devices_of_a_host",
     {{Hook::xdp_ingress, "eth0"}, {Hook::tc_ingress, "eth1"}},
     {{Hook::tc_egress, "eth1"}, {Hook::tc_egress, "eth0"}}},
    {"both_sides_of_a_router",
     {{Hook::xdp_ingress, "eth0"}, {Hook::tc_egress, "eth1"}},
     {{Hook::xdp_ingress, "eth1"}, {Hook::tc_egress, "eth0"}},
     false},
    {"container_and_its_host",
     {{Hook::tc_ingress, "eth0"}, {Hook::tc_egress, "eth1"}, {Hook::xdp_ingress, "eth1"}},
     {{Hook::tc_egress, "eth1"}, {Hook::tc_ingress, "eth1"}, {Hook::tc_egress, "eth0"}}}};

class States : public SharedPlane,
               public testing::WithParamInterface<std::tuple<Family, std::size_t>> {
  protected:
    void SetUp() override {
        load("");
        ASSERT_TRUE(plane().forget_connections().ok());
    }

    static void load(const std::string& more) {
        const auto loaded = plane().load(kRuleset + more + kRules);
        ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    }

    static const Way& way() { return kWays[std::get<1>(GetParam())]; }

    /// Shown at each gate of its way, until one drops it.
    void say(const Step& step) {
        const Script script(step.packet, std::get<0>(GetParam()));
        for (const View& view : script.out() ? way().out : way().in) {
            SCOPED_TRACE(fmt::format("{} at {}", step.packet, name_of(view.hook)));
            ASSERT_NO_FATAL_FAILURE(show(script.frame(), view, step.state));
            if (!passes(step.state)) return;
        }
    }

    static bool passes(const std::string& state) { return state != "invalid" && state != "closed"; }

    /// Traced first: that must change nothing.
    static void show(const Octets& frame, const View& view, const std::string& state) {
        for (int i = 0; i < 2; ++i) {
            const auto judged = plane().trace(frame, direction_of(view.hook), view.iface);
            ASSERT_TRUE(judged.ok()) << judged.error().message;
            ASSERT_EQ(judged->rule, state) << judged->reason;
        }
        const auto action = plane().run(frame, view.hook, view.iface);
        ASSERT_TRUE(action.ok()) << action.error().message;
        const Row row{.subject = "",
                      .name = "",
                      .ruleset = "",
                      .expect = {.verdict = passes(state) ? Verdict::pass : Verdict::drop}};
        ASSERT_EQ(*action, expected_action(row, view.hook));
    }
};

TEST_P(States, of_each_packet_of_each_conversation) {
    for (const Conversation& conversation : kConversations) {
        if (conversation.host_alone && !way().is_host) continue;
        SCOPED_TRACE(conversation.name);
        ASSERT_TRUE(plane().forget_connections().ok());
        for (const Step& step : conversation.steps)
            ASSERT_NO_FATAL_FAILURE(say(step));
    }
}

TEST_P(States, are_forgotten_after_their_time) {
    const Step out = {"out udp", "new"}, in = {"in udp", "established"};
    say(out);
    ASSERT_TRUE(plane().age_connections(25).ok());
    say(in);
    ASSERT_TRUE(plane().age_connections(170).ok());
    say(in);
    ASSERT_TRUE(plane().age_connections(190).ok());
    say({"in udp", "new"});
    ASSERT_TRUE(plane().forget_connections().ok());
    say(out);
    ASSERT_TRUE(plane().age_connections(35).ok());
    say({"in udp", "new"});
}

/// Only what came in to answer what had first been seen going out shows that an address is real:
/// what comes in on one side of a router and is answered on the other does not.
TEST_P(States, of_strangers_that_were_answered_are_not_proven) {
    say({"in udp", "new"});
    say({"out udp", "established"});
    const auto known = read_connections(plane().data_plane(), {});
    ASSERT_TRUE(known.ok()) << known.error().message;
    ASSERT_EQ(known->connections.size(), 1u);
    EXPECT_EQ(known->connections[0].phase, YETT_PHASE_UDP_ANSWERED);
    EXPECT_FALSE(known->connections[0].proven);
}

/// The tunnel is a connection, too: an error comes from its way and quotes the outer packet.
TEST_P(States, of_errors_about_an_inspected_tunnel_are_related) {
    load(R"("inspect": ["gre"],)");
    say({"in error gre big", "invalid"});
    say({"out gre", "new"});
    say({"in error gre", "related"});
    say({"in error gre big", "related"});
    say({"in error gre far", "invalid"});
}

/// A ruleset's timeouts hold for connections that were there before it.
TEST_P(States, are_forgotten_after_the_time_that_the_ruleset_says) {
    const Step out = {"out udp", "new"}, in = {"in udp", "established"};
    say(out);
    say(in);
    load(R"("timeouts": {"udp_answered": "10s"},)");
    ASSERT_TRUE(plane().age_connections(8).ok());
    say(in);
    ASSERT_TRUE(plane().age_connections(12).ok());
    say({"in udp", "new"});
    ASSERT_TRUE(plane().forget_connections().ok());
    load(R"("timeouts": {"udp_sent": "1h", "udp_answered": "30d"},)");
    say(out);
    ASSERT_TRUE(plane().age_connections(3590).ok());
    say(in);
    ASSERT_TRUE(plane().age_connections(30 * 86400 - 10).ok());
    say(in);
    load("");
    ASSERT_TRUE(plane().age_connections(190).ok());
    say({"in udp", "new"});
}

/// The time in an entry may be a second old: a connection that is never silent for its timeout is
/// known all the same.
TEST_P(States, of_a_busy_connection_outlive_a_short_timeout) {
    load(R"("timeouts": {"udp_sent": "2s", "udp_answered": "2s"},)");
    say({"out udp", "new"});
    for (int i = 0; i < 20; ++i) {
        say({"in udp", "established"});
        ASSERT_TRUE(plane().age_connections(1).ok());
    }
    ASSERT_TRUE(plane().age_connections(4).ok());
    say({"in udp", "new"});
}

TEST_P(States, of_one_port_say_nothing_about_another) {
    say({"out tcp syn seq 100", "new"});
    say({"in tcp syn,ack seq 500 ack 101 dport 444", "invalid"});
    say({"in tcp syn,ack seq 500 ack 101", "established"});
}

std::string way_name(const testing::TestParamInfo<std::tuple<Family, std::size_t>>& info) {
    return fmt::format("{}_{}", name_of(std::get<0>(info.param)),
                       kWays[std::get<1>(info.param)].name);
}

INSTANTIATE_TEST_SUITE_P(Ways, States,
                         testing::Combine(testing::ValuesIn(kFamilies),
                                          testing::Range<std::size_t>(0, kWays.size())),
                         way_name);

}  // namespace
}  // namespace yett::corpus
