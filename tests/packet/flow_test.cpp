// SPDX-License-Identifier: GPL-2.0-or-later
// A flow whose rule is remembered follows its sets and its ruleset from one packet to the next.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "apply/set_tables.hpp"
#include "model/address.hpp"
#include "packet/shared_plane.hpp"

namespace yett::corpus {
namespace {

constexpr int kPackets = 6;  ///< from the third on the flow is remembered

std::string ruleset(const char* match, const char* web) {
    return fmt::format(R"({{"version": 1, "name": "flows", "interfaces": ["eth0"],
 "policy": {{"ingress": "drop", "egress": "drop"}},
 "sets": {{"listed": {{"type": "prefix", "entries": ["192.0.2.200", "2001:db8:bad::1"]}}}},
 "rules": [
  {{"name": "listed", "match": {{{}}}, "action": "drop"}},
  {{"name": "web", "match": {{"proto": "tcp", "dport": 443}}, "action": "{}"}}]}})",
                       match, web);
}

class Flows : public SharedPlane {
  protected:
    static void load(const std::string& text) {
        const auto loaded = plane().load(text);
        ASSERT_TRUE(loaded.ok()) << loaded.error().message;
        ASSERT_TRUE(plane().moved().ok());
    }

    /// The rule that counted each of a few packets, if one did all of them.
    static std::string rule_of(Family family) {
        const Octets frame = ip_frame(family, 6, tcp({.dport = 443, .flags = 0x10}));
        for (int i = 0; i < kPackets; ++i)
            EXPECT_TRUE(plane().run(frame, Hook::xdp_ingress, "eth0").ok());
        const auto moved = plane().moved();
        if (!moved) return moved.error().message;
        for (const char* rule : {"listed", "web"}) {
            const auto found = moved->find(std::string("rule ") + rule);
            if (found != moved->end() && found->second.packets == kPackets) return rule;
        }
        return "several";
    }

    static EntryValue source(Family family) {
        const auto prefix = parse_prefix(family == Family::ipv4 ? kSource4 : kSource6);
        EXPECT_TRUE(prefix.has_value());
        return EntryValue(*prefix);
    }

    /// The first set of a ruleset has the first slot.
    static constexpr std::uint16_t kSlot = 1;
};

TEST_F(Flows, follow_an_address_into_a_set_and_out_again) {
    for (const Family family : kFamilies) {
        SCOPED_TRACE(name_of(family));
        load(ruleset(R"("src": "@listed")", "pass"));
        auto tables = SetTables::open(plane().data_plane());
        ASSERT_TRUE(tables.ok());
        EXPECT_EQ(rule_of(family), "web");
        ASSERT_TRUE(tables->put(source(family), kSlot, 0).ok());
        EXPECT_EQ(rule_of(family), "listed");
        EXPECT_TRUE(tables->erase(source(family), kSlot));
        EXPECT_EQ(rule_of(family), "web");
    }
}

TEST_F(Flows, follow_an_address_into_a_set_that_spares_it) {
    for (const Family family : kFamilies) {
        SCOPED_TRACE(name_of(family));
        load(ruleset(R"("not": {"src": "@listed"})", "pass"));
        auto tables = SetTables::open(plane().data_plane());
        ASSERT_TRUE(tables.ok());
        EXPECT_EQ(rule_of(family), "listed");
        ASSERT_TRUE(tables->put(source(family), kSlot, 0).ok());
        EXPECT_EQ(rule_of(family), "web");
        EXPECT_TRUE(tables->erase(source(family), kSlot));
        EXPECT_EQ(rule_of(family), "listed");
    }
}

TEST_F(Flows, are_forgotten_with_their_ruleset) {
    for (const Family family : kFamilies) {
        SCOPED_TRACE(name_of(family));
        for (const char* first : {R"("dport": 443)", R"("dport": 80)", R"("dport": [440, 443])"}) {
            load(ruleset(first, "drop"));
            EXPECT_EQ(rule_of(family),
                      std::string(first).find("443") != std::string::npos ? "listed" : "web");
        }
    }
}

}  // namespace
}  // namespace yett::corpus
