// SPDX-License-Identifier: GPL-2.0-or-later
// Every row once more, on an interface whose packets have no Ethernet header: what stands behind
// that header is judged the same. BPF_PROG_TEST_RUN insists on one; the programs begin behind it.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cstdio>

#include "packet/shared_plane.hpp"

namespace yett::corpus {
namespace {

constexpr std::size_t kEthernet = 14;

/// Linux 6.2 and later tell programs where a packet begins.
bool kernel_tells() {
    utsname kernel{};
    unsigned major = 0, minor = 0;
    uname(&kernel);
    std::sscanf(kernel.release, "%u.%u", &major, &minor);
    return major * 1000 + minor >= 6002;
}

/// What the row expects hangs on the Ethernet header itself.
bool needs_ethernet(const Row& row) {
    bool asks = false;
    for (const char* key : {"\"smac\"", "\"dmac\"", "\"vlan\""})
        asks |= row.ruleset.find(key) != std::string::npos;
    const bool group = row.frame[0] & 1;
    const bool arp = row.frame[12] == 0x08 && row.frame[13] == 0x06;
    return asks || group || arp;
}

class Bare : public SharedPlane {
  protected:
    void SetUp() override {
        if (!kernel_tells()) GTEST_SKIP() << "this kernel does not say where a packet begins";
        ASSERT_TRUE(plane().set_bare(true).ok());
    }
    void TearDown() override { EXPECT_TRUE(plane().set_bare(false).ok()); }

    void expect_same(const Row& row, Hook hook) {
        const auto action = plane().run(row.frame, hook, row.iface);
        ASSERT_TRUE(action.ok()) << action.error().message;
        EXPECT_EQ(*action, expected_action(row, hook));
        const auto moved = plane().moved();
        ASSERT_TRUE(moved.ok());
        Plane::Counters wanted = expected_counters(row, hook);
        for (auto& [label, counter] : wanted)
            counter.bytes = row.frame.size() - kEthernet;
        EXPECT_EQ(text_of(*moved), text_of(wanted));
    }

    void expect_same_trace(const Row& row, Hook hook) {
        const auto judged = plane().trace(row.frame, direction_of(hook), row.iface);
        ASSERT_TRUE(judged.ok()) << judged.error().message;
        EXPECT_EQ(judged->verdict, row.expect.verdict);
        EXPECT_EQ(judged->rule, row.expect.rule);
        if (!row.expect.reason.empty()) {
            EXPECT_EQ(judged->reason, row.expect.reason);
        }
        EXPECT_EQ(judged->fields.known & (YETT_FIELD_BIT(SMAC) | YETT_FIELD_BIT(DMAC)), 0u);
    }

    static std::string text_of(const Plane::Counters& counters) {
        std::string text;
        for (const auto& [label, counter] : counters)
            text += fmt::format("\n    {}: {} packets, {} octets", label, counter.packets,
                                counter.bytes);
        return text;
    }
};

TEST_F(Bare, rows_are_judged_as_with_an_ethernet_header) {
    std::vector<Row> rows = all_rows();
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.ruleset < b.ruleset; });
    std::size_t verdicts = 0;
    for (const Row& row : rows) {
        if (!row.before.empty() || needs_ethernet(row)) continue;
        SCOPED_TRACE(row.subject + ": " + row.name);
        ASSERT_TRUE(plane().load(row.ruleset).ok());
        for (const Hook hook : row.hooks) {
            if (hook == Hook::xdp_ingress) continue;
            SCOPED_TRACE(name_of(hook));
            plane().forget_bans();
            ASSERT_TRUE(plane().forget_connections().ok());
            expect_same(row, hook);
            expect_same_trace(row, hook);
            ++verdicts;
        }
        if (HasFailure()) return;
    }
    std::printf("%zu verdicts\n", verdicts);
    EXPECT_GE(verdicts, 20000u);
}

/// A rule about what such a packet has not does not match it, and its negation does.
TEST_F(Bare, packets_have_neither_mac_addresses_nor_a_vlan) {
    const Octets frame = ip_frame(Family::ipv4, 17, udp({}));
    for (const char* key :
         {"\"smac\": \"02:00:00:00:00:01\"", "\"dmac\": \"02:00:00:00:00:02\"", "\"vlan\": 0"}) {
        SCOPED_TRACE(key);
        const auto judged_under = [&](const std::string& match) {
            const auto loaded = plane().load(fmt::format(
                R"({{"version": 1, "name": "bare", "policy": {{"ingress": "drop"}},
 "rules": [{{"name": "it", "match": {{{}}}, "action": "pass"}}]}})",
                match));
            EXPECT_TRUE(loaded.ok());
            const auto judged = plane().trace(frame, Direction::ingress, "eth0");
            return judged.ok() ? judged->rule : std::string("?");
        };
        EXPECT_EQ(judged_under(key), "(policy)");
        EXPECT_EQ(judged_under(fmt::format("\"not\": {{{}}}", key)), "it");
    }
}

}  // namespace
}  // namespace yett::corpus
