// SPDX-License-Identifier: GPL-2.0-or-later
// The reference: judges a packet by the model, rule after rule, in the plainest way. It shares no
// code with the compiled tables or the BPF programs, so that each can be held against the other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/packet.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// A packet as the rules see it. Bits of `known` and `unknown` are YETT_FIELD_BIT (abi/fields.h):
/// known = read, unknown = exists but cannot be read, neither = the packet has no such field, so
/// that a rule which names it does not match.
struct PacketView {
    std::uint32_t known = 0;
    std::uint32_t unknown = 0;
    std::string iface;
    Direction direction = Direction::ingress;
    std::optional<Family> family;
    std::uint64_t smac = 0, dmac = 0;
    std::uint16_t ethertype = 0, vlan = 0, sport = 0, dport = 0, len = 0;
    Address src, dst;
    std::uint8_t proto = 0, tcp_flags = 0, icmp_type = 0, icmp_code = 0, ttl = 0, dscp = 0;
    FragmentKind fragment = FragmentKind::none;
    ConnectionState state = ConnectionState::fresh;
};

struct Judgement {
    Verdict verdict = Verdict::pass;
    int rule = -1;          ///< index into effective_rules(ruleset); -1: the policy, or a reason
    std::string rule_name;  ///< "(policy)" when no rule matched; empty when a reason decided
    std::string reason;     ///< name in xdp/abi/reasons.h: "rule", "policy", "frag_later" ...
};

/// How the packet's fields are seen, with the exceptions of the ruleset applied: a packet that its
/// ruleset drops for a reason (a later fragment, too many tags) comes back as a Judgement by
/// judge().
PacketView view_of(const PacketSpec& packet, Direction direction, const std::string& iface);

/// The rules alone. A set that the ruleset does not have is empty; automatic bans are not judged.
Judgement judge(const Ruleset& ruleset, const PacketView& packet);
/// A packet in words: the rules, the reasons that come before any rule (frag_later, frag_bad,
/// vlan_depth) and those that come after (suspects.hpp).
Judgement judge(const Ruleset& ruleset, const PacketSpec& packet, Direction direction,
                const std::string& iface);
/// The same with `rules` = effective_rules(ruleset) at hand, for callers that judge many packets.
Judgement judge(const Ruleset& ruleset, const std::vector<Rule>& rules, const PacketView& packet);
Judgement judge(const Ruleset& ruleset, const std::vector<Rule>& rules, const PacketSpec& packet,
                Direction direction, const std::string& iface);
/// The reason before any rule that drops the packet, or empty.
std::string early_reason(const Ruleset& ruleset, const PacketSpec& packet, Direction direction);

}  // namespace yett
