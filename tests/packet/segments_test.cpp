// SPDX-License-Identifier: GPL-2.0-or-later
// Super-packets (GSO, GRO, taps, BIG TCP) are judged and counted as the frames that they stand for.
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <net/if.h>

#include "packet/shared_plane.hpp"

namespace yett::corpus {
namespace {

constexpr std::size_t kEthernet = 14;

/// What is longer than a link carries falls.
constexpr const char* kRules = R"({"version": 1, "name": "segments", "interfaces": ["eth0"],
 "policy": {"ingress": "drop", "egress": "drop"},
 "rules": [
  {"name": "long", "match": {"len": ">=1501"}, "action": "drop"},
  {"name": "all", "match": {}, "action": "pass"}]})";

struct Super {
    std::string name;
    Octets frame;
    std::uint32_t size = 0, count = 0;  ///< of the segments, as the kernel says them
    std::uint64_t packets = 1, octets = 0;
    std::string counter = "rule all";
};

class Segments : public SharedPlane {
  protected:
    void SetUp() override { ASSERT_TRUE(plane().load(kRules).ok()); }

    static void run(const Super& super, DataPlane::Entry entry) {
        __sk_buff context{};
        context.ifindex = if_nametoindex("eth0");
        context.gso_size = super.size;
        context.gso_segs = super.count;
        bpf_test_run_opts options{};
        options.sz = sizeof(options);
        options.data_in = super.frame.data();
        options.data_size_in = static_cast<std::uint32_t>(super.frame.size());
        options.ctx_in = &context;
        options.ctx_size_in = sizeof(context);
        ASSERT_EQ(bpf_prog_test_run_opts(plane().data_plane().entry_program(entry), &options), 0);
    }

    static void expect(const Super& super, const std::string& way) {
        auto moved = plane().moved();
        ASSERT_TRUE(moved.ok());
        for (const std::string& label : {super.counter, way + " eth0 seen"}) {
            EXPECT_EQ((*moved)[label].packets, super.packets) << label;
            EXPECT_EQ((*moved)[label].bytes, super.octets) << label;
        }
    }
};

/// BIG TCP in IPv6: the stack puts a jumbo option in front (RFC 2675).
Octets jumbo(const Octets& segment) {
    const Extension option = {.kind = 0, .body = Octets{0xc2, 4} + be32(0x00012345)};
    return frame6({.chain = {option}, .payload_length = 0}, segment);
}

std::vector<Super> supers() {
    const Octets three = tcp({.payload = zeros(3000)}), odd = tcp({.payload = zeros(2500)});
    const Octets datagrams = udp({.payload = zeros(2400)});
    const std::size_t tcp4 = kEthernet + 40, tcp6 = kEthernet + 60, udp4 = kEthernet + 28;
    return {
        {"IPv4, three segments", frame4({}, three), 1000, 3, 3, 3 * (tcp4 + 1000)},
        {"IPv6, three segments", frame6({}, three), 1000, 3, 3, 3 * (tcp6 + 1000)},
        {"of a tap, which does not count them", frame4({}, three), 1000, 0, 3, 3 * (tcp4 + 1000)},
        {"a last one that is shorter", frame4({}, odd), 1000, 0, 3, 3 * tcp4 + 2500},
        {"datagrams", frame4({.proto = 17}, datagrams), 1200, 0, 2, 2 * (udp4 + 1200)},
        {"one segment", frame4({}, tcp({.payload = zeros(900)})), 1000, 1, 1, tcp4 + 900},
        {"segments that are too long themselves", frame4({}, three), 1480, 0, 3, 3 * tcp4 + 3000,
         "rule long"},
        {"BIG TCP in IPv4", frame4({.total_length = 0}, three), 1000, 3, 3, 3 * (tcp4 + 1000)},
        {"BIG TCP in IPv6", jumbo(three), 1000, 3, 3, 3 * (tcp6 + 1000)},
        {"no super-packet", frame4({}, three), 0, 0, 1, tcp4 + 3000, "rule long"},
        {"a short frame", frame4({.proto = 17}, udp({})), 0, 0, 1, 60},
    };
}

TEST_F(Segments, are_counted_as_the_wire_has_them) {
    for (const Super& super : supers())
        for (const bool out : {false, true}) {
            SCOPED_TRACE(super.name + (out ? ", egress" : ", ingress"));
            run(super, out ? DataPlane::Entry::tc_egress : DataPlane::Entry::tc_ingress);
            expect(super, out ? "egress" : "ingress");
        }
}

/// What a wire would carry like that lies about its length.
TEST_F(Segments, alone_may_be_of_length_zero) {
    const Octets segment = tcp({.payload = zeros(3000)});
    for (const Octets& frame : {frame4({.total_length = 0}, segment), jumbo(segment)}) {
        run({"", frame}, DataPlane::Entry::tc_ingress);
        auto moved = plane().moved();
        ASSERT_TRUE(moved.ok());
        EXPECT_EQ((*moved)["ingress reason bad_length dropped"].packets, 1u);
    }
}

}  // namespace
}  // namespace yett::corpus
