// SPDX-License-Identifier: GPL-2.0-or-later
// The rulesets that the tests of the applier apply.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "apply/entry.hpp"
#include "model/ruleset.hpp"

namespace yett {

inline EntryValue entry(const std::string& text, SetType type = SetType::prefix) {
    auto value = parse_entry(type, text);
    EXPECT_TRUE(value.ok()) << text;
    return *value;
}

inline Prefix prefix(const std::string& text) {
    return entry(text).prefix();
}

/// Drops what comes from the set "bad" and TCP to the ports of "closed"; passes the rest.
inline Ruleset make_ruleset(const std::vector<std::string>& bad, std::uint32_t port = 23) {
    Ruleset ruleset;
    ruleset.name = "test";
    Set sources;
    for (const auto& text : bad)
        sources.prefixes.push_back(prefix(text));
    Set ports;
    ports.type = SetType::port;
    ports.ports.push_back({port, port});
    ruleset.sets = {{"bad", sources}, {"closed", ports}};
    Rule by_source;
    by_source.name = "by-source";
    by_source.match.src.emplace_back(SetReference{"bad"});
    Rule by_port;
    by_port.name = "by-port";
    by_port.match.proto.push_back({6, 6});
    by_port.match.dport.emplace_back(SetReference{"closed"});
    ruleset.rules = {by_source, by_port};
    return ruleset;
}

/// Drops what comes in by an interface of "inside", or from a MAC address of "macs".
inline Ruleset link_ruleset(const std::vector<std::string>& macs,
                            std::vector<std::string> interfaces) {
    Ruleset ruleset;
    ruleset.name = "link";
    ruleset.interfaces = {"eth0", "eth1"};
    Set senders, inside;
    senders.type = SetType::mac;
    for (const auto& text : macs)
        senders.macs.push_back(entry(text, SetType::mac).macs());
    inside.type = SetType::iface;
    inside.ifaces = std::move(interfaces);
    ruleset.sets = {{"macs", senders}, {"inside", inside}};
    Rule by_mac, by_iface;
    by_mac.name = "by-mac";
    by_mac.match.smac.emplace_back(SetReference{"macs"});
    by_iface.name = "by-iface";
    by_iface.match.iface.emplace_back(SetReference{"inside"});
    ruleset.rules = {by_mac, by_iface};
    return ruleset;
}

}  // namespace yett
