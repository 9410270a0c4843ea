// SPDX-License-Identifier: GPL-2.0-or-later
// Conversations through the real programs: what each packet is to the connections known so far,
// and what is learned of it. "in" is ingress, "out" egress; a rule for each state shows it by name.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "abi/fields.h"
#include "packet/shared_plane.hpp"

namespace yett::corpus {
namespace {

/// "in|out tcp FLAGS [seq N] [ack N] [len N]", "in|out udp", "in|out esp", "in|out echo|reply ID",
/// "in|out error tcp|udp|ping [seq N] [far]": an error that quotes this host's packet; far: the
/// quoted packet is of somebody else. "dport N" changes the far port. The host has port 40000, the
/// other side 443.
struct Step {
    const char* packet;
    const char* state;
};

struct Conversation {
    const char* name;
    std::vector<Step> steps;
};

constexpr const char* kRuleset = R"({"version": 1, "name": "states", "interfaces": ["eth0"],
 "policy": {"ingress": "drop", "egress": "drop"},)";
constexpr const char* kRules = R"(
 "rules": [
  {"name": "closed", "match": {"direction": "ingress", "sport": 22}, "action": "drop"},
  {"name": "new", "match": {"state": "new"}, "action": "pass"},
  {"name": "established", "match": {"state": "established"}, "action": "pass"},
  {"name": "related", "match": {"state": "related"}, "action": "pass"},
  {"name": "invalid", "match": {"state": "invalid"}, "action": "drop"}]})";

constexpr std::uint16_t kHostPort = 40000;

unsigned flags_in(const std::string& text) {
    unsigned flags = 0;
#define YETT_READ_FLAG(name, word, bit) \
    if (("," + text + ",").find("," word ",") != std::string::npos) flags |= bit;
    YETT_TCP_FLAGS(YETT_READ_FLAG)
#undef YETT_READ_FLAG
    return flags;
}

class Script {
  public:
    Script(const std::string& text, Family family) : words_(text), family_(family) {
        words_ >> way_ >> kind_;
        if (kind_ == "tcp" || kind_ == "error" || kind_ == "echo" || kind_ == "reply")
            words_ >> detail_;
        for (std::string key; words_ >> key;) {
            if (key == "far") {
                far_ = true;
                continue;
            }
            words_ >> (key == "seq" ? seq_ : key == "ack" ? ack_ : key == "len" ? len_ : port_);
        }
    }

    [[nodiscard]] Hook hook() const { return out() ? Hook::tc_egress : Hook::xdp_ingress; }
    [[nodiscard]] Octets frame() const {
        const Octets inside = payload(kind_, detail_, out());
        return packet(out() ? host() : peer(), out() ? peer() : host(), protocol(kind_), inside,
                      true);
    }

  private:
    [[nodiscard]] bool out() const { return way_ == "out"; }
    [[nodiscard]] bool v4() const { return family_ == Family::ipv4; }
    [[nodiscard]] std::string host() const { return v4() ? kHost4 : kHost6; }
    [[nodiscard]] std::string peer() const { return v4() ? kSource4 : kSource6; }

    [[nodiscard]] std::uint8_t protocol(const std::string& kind) const {
        if (kind == "tcp") return 6;
        if (kind == "udp") return 17;
        if (kind == "esp") return 50;
        return v4() ? 1 : 58;
    }

    [[nodiscard]] Octets packet(const std::string& src, const std::string& dst, std::uint8_t proto,
                                const Octets& inside, bool framed) const {
        if (v4()) {
            const Ipv4 header{.src = src, .dst = dst, .proto = proto};
            return framed ? frame4(header, inside) : ipv4(header, inside);
        }
        const Ipv6 header{.src = src, .dst = dst, .proto = proto};
        return framed ? frame6(header, inside) : ipv6(header, inside);
    }

    [[nodiscard]] Octets payload(const std::string& kind, const std::string& detail,
                                 bool outward) const {
        const auto far = static_cast<std::uint16_t>(port_);
        const std::uint16_t sport = outward ? kHostPort : far, dport = outward ? far : kHostPort;
        if (kind == "tcp")
            return tcp({.sport = sport,
                        .dport = dport,
                        .flags = flags_in(detail),
                        .payload = zeros(len_),
                        .seq = seq_,
                        .ack = ack_});
        if (kind == "udp") return udp({.sport = sport, .dport = dport});
        if (kind == "esp") return be32(1) + be32(1);
        if (kind == "error") return icmp(v4() ? 3 : 1, 1, be32(0) + quoted());
        const bool request = kind == "echo";
        const std::uint8_t type = v4() ? (request ? 8 : 0) : (request ? 128 : 129);
        return icmp(type, 0, be16(static_cast<unsigned>(std::stoul(detail))) + be16(1));
    }

    /// What this host sent, if it did.
    [[nodiscard]] Octets quoted() const {
        const std::string from = far_ ? (v4() ? "192.0.2.99" : "2001:db8:2::99") : host();
        if (detail_ == "ping")
            return packet(from, peer(), protocol("echo"), payload("echo", "7", true), false);
        return packet(from, peer(), protocol(detail_), payload(detail_, "syn", true), false);
    }

    std::istringstream words_;
    Family family_;
    std::string way_, kind_, detail_;
    std::uint32_t seq_ = 1, ack_ = 0, len_ = 0, port_ = 443;
    bool far_ = false;
};

const std::vector<Conversation> kConversations = {
    {"handshake from inside, data, and both ends close",
     {{"out tcp syn seq 100", "new"},
      {"in tcp syn,ack seq 500 ack 101", "established"},
      {"out tcp ack seq 101 ack 501", "established"},
      {"out tcp psh,ack seq 101 ack 501 len 10", "established"},
      {"in tcp ack seq 501 ack 111 len 1000", "established"},
      {"out tcp fin,ack seq 111 ack 1501", "established"},
      {"in tcp fin,ack seq 1501 ack 112", "established"},
      {"out tcp ack seq 112 ack 1502", "established"},
      {"in tcp syn seq 9000", "new"}}},
    {"handshake from outside",
     {{"in tcp syn seq 100", "new"},
      {"out tcp syn,ack seq 500 ack 101", "established"},
      {"in tcp ack seq 101 ack 501", "established"},
      {"out tcp ack seq 501 ack 101 len 5", "established"}}},
    {"split handshake: a SYN does not answer a SYN",
     {{"out tcp syn seq 100", "new"},
      {"in tcp syn seq 500", "invalid"},
      {"in tcp ack seq 500 ack 101", "invalid"},
      {"in tcp ack seq 501 ack 101 len 5", "invalid"}}},
    {"a bare ACK confirms nothing",
     {{"out tcp syn seq 100", "new"},
      {"in tcp ack seq 500 ack 101", "invalid"},
      {"in tcp fin,ack seq 500 ack 101", "invalid"},
      {"in tcp syn,ack seq 500 ack 101", "established"}}},
    {"SYN+ACK that acknowledges something else",
     {{"out tcp syn seq 100", "new"},
      {"in tcp syn,ack seq 500 ack 100", "invalid"},
      {"in tcp syn,ack seq 500 ack 102", "invalid"},
      {"in tcp syn,ack seq 500 ack 0", "invalid"}}},
    {"a SYN with data may have it acknowledged",
     {{"out tcp syn seq 100 len 20", "new"}, {"in tcp syn,ack seq 500 ack 121", "established"}}},
    {"a SYN sent again with another number counts",
     {{"out tcp syn seq 100", "new"},
      {"out tcp syn seq 900", "new"},
      {"in tcp syn,ack seq 500 ack 101", "invalid"},
      {"in tcp syn,ack seq 500 ack 901", "established"}}},
    {"who cannot read the SYN+ACK does not complete the handshake",
     {{"in tcp syn seq 100", "new"},
      {"out tcp syn,ack seq 500 ack 101", "established"},
      {"in tcp ack seq 101 ack 777", "invalid"},
      {"in tcp psh,ack seq 101 ack 502 len 8", "invalid"},
      {"in tcp syn seq 100", "new"},
      {"in tcp ack seq 101 ack 501", "established"}}},
    {"a refusal gets in, a forged one does not",
     {{"out tcp syn seq 100", "new"},
      {"in tcp rst seq 0", "invalid"},
      {"in tcp rst,ack seq 0 ack 99", "invalid"},
      {"in tcp rst,ack seq 0 ack 101", "established"},
      {"in tcp syn,ack seq 500 ack 101", "invalid"}}},
    {"a blind reset is dropped, one in the window ends nothing, the exact one does",
     {{"out tcp syn seq 100", "new"},
      {"in tcp syn,ack seq 500 ack 101", "established"},
      {"out tcp ack seq 101 ack 501", "established"},
      {"in tcp rst seq 400000000", "invalid"},
      {"in tcp rst seq 500", "invalid"},
      {"in tcp rst seq 900", "established"},
      {"in tcp ack seq 501 ack 101 len 5", "established"},
      {"in tcp rst seq 501", "established"},
      {"in tcp ack seq 501 ack 101", "invalid"}}},
    {"this host's own reset ends it",
     {{"out tcp syn seq 100", "new"},
      {"in tcp syn,ack seq 500 ack 101", "established"},
      {"out tcp ack seq 101 ack 501", "established"},
      {"out tcp rst seq 77", "established"},
      {"in tcp ack seq 501 ack 101 len 5", "invalid"}}},
    {"a SYN to an established connection is new, and changes nothing",
     {{"out tcp syn seq 100", "new"},
      {"in tcp syn,ack seq 500 ack 101", "established"},
      {"out tcp ack seq 101 ack 501", "established"},
      {"in tcp syn seq 900", "new"},
      {"in tcp ack seq 501 ack 101 len 5", "established"}}},
    {"older than the table: picked up on its way out, believed when the answer fits",
     {{"in tcp ack seq 7000 ack 3000 len 5", "invalid"},
      {"out tcp ack seq 3000 ack 7000 len 10", "new"},
      {"in tcp rst seq 2000000000", "invalid"},
      {"in tcp ack seq 2000000000 ack 3010", "invalid"},
      {"in tcp syn,ack seq 7000 ack 3010", "invalid"},
      {"in tcp ack seq 7000 ack 3010 len 5", "established"},
      {"out tcp ack seq 3010 ack 7005", "established"}}},
    {"what does not pass teaches nothing",
     {{"in tcp syn seq 100 dport 22", "closed"},
      {"out tcp syn,ack seq 500 ack 101 dport 22", "new"},
      {"in udp dport 22", "closed"},
      {"out udp dport 22", "new"}}},
    {"packets to nobody",
     {{"in tcp ack seq 1 ack 1", "invalid"},
      {"in tcp syn,ack seq 1 ack 1", "invalid"},
      {"in tcp fin,ack seq 1 ack 1", "invalid"},
      {"in tcp rst seq 1", "invalid"},
      {"out tcp rst seq 1", "invalid"},
      {"in reply 7", "invalid"},
      {"in error tcp", "invalid"},
      {"in error udp", "invalid"}}},
    {"UDP: the answer is established, another port's is not",
     {{"out udp", "new"},
      {"out udp", "new"},
      {"in udp dport 444", "new"},
      {"in udp", "established"},
      {"out udp", "established"}}},
    {"ESP: both ways between two hosts", {{"out esp", "new"}, {"in esp", "established"}}},
    {"ping",
     {{"out echo 7", "new"},
      {"in reply 8", "invalid"},
      {"in reply 7", "established"},
      {"in echo 7", "new"},
      {"out reply 7", "established"},
      {"out echo 7", "established"}}},
    {"errors about what this host sent, and forged ones",
     {{"out tcp syn seq 100", "new"},
      {"in error tcp seq 100", "related"},
      {"in error tcp seq 101", "invalid"},
      {"in error tcp seq 100 far", "invalid"},
      {"in error udp", "invalid"},
      {"out udp", "new"},
      {"in error udp", "related"},
      {"in error udp far", "invalid"},
      {"in error udp dport 99", "invalid"},
      {"out echo 7", "new"},
      {"in error ping", "related"},
      {"in tcp syn,ack seq 500 ack 101", "established"},
      {"out tcp ack seq 101 ack 501", "established"},
      {"in tcp ack seq 501 ack 101", "established"},
      {"in error tcp seq 101", "related"},
      {"in error tcp seq 3000000000", "invalid"}}},
};

class States : public SharedPlane, public testing::WithParamInterface<Family> {
  protected:
    void SetUp() override {
        load("");
        ASSERT_TRUE(plane().forget_connections().ok());
    }

    static void load(const std::string& more) {
        const auto loaded = plane().load(kRuleset + more + kRules);
        ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    }

    /// Traced first: that must change nothing.
    void say(const Step& step) {
        SCOPED_TRACE(step.packet);
        const Script script(step.packet, GetParam());
        for (int i = 0; i < 2; ++i) {
            const auto judged = plane().trace(script.frame(), direction_of(script.hook()), "eth0");
            ASSERT_TRUE(judged.ok()) << judged.error().message;
            ASSERT_EQ(judged->rule, step.state) << judged->reason;
        }
        const bool passes =
            std::string(step.state) != "invalid" && std::string(step.state) != "closed";
        const auto action = plane().run(script.frame(), script.hook(), "eth0");
        ASSERT_TRUE(action.ok()) << action.error().message;
        const Row row{.subject = "",
                      .name = "",
                      .ruleset = "",
                      .expect = {.verdict = passes ? Verdict::pass : Verdict::drop}};
        ASSERT_EQ(*action, expected_action(row, script.hook()));
    }
};

TEST_P(States, of_each_packet_of_each_conversation) {
    for (const Conversation& conversation : kConversations) {
        SCOPED_TRACE(conversation.name);
        ASSERT_TRUE(plane().forget_connections().ok());
        for (const Step& step : conversation.steps)
            say(step);
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

std::string family_name(const testing::TestParamInfo<Family>& info) {
    return name_of(info.param);
}

INSTANTIATE_TEST_SUITE_P(Families, States, testing::ValuesIn(kFamilies), family_name);

}  // namespace
}  // namespace yett::corpus
