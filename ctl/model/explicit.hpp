// SPDX-License-Identifier: GPL-2.0-or-later
// An explicit word wins: which exceptions a rule overrules by naming the very thing.
#pragma once

#include <cstdint>

#include "abi/reasons.h"
#include "model/ruleset.hpp"

namespace yett {

/// Bit r: every value of the key that speaks of reason r is either such a thing or none, and at
/// least one is: a rule for `"proto": "gre"` names tunnels, one for `"proto": "0-255"` does not.
///   tunnel          proto (each a single one), or ethertype
///   martian         src or dst: prefixes and ranges inside what is martian
///   reserved_source src inside 240.0.0.0/4
///   mapped_address  src or dst inside ::ffff:0:0/96
///   tcp_flags       tcp_flags: tests that only such combinations pass
///   zero_port       sport or dport 0
///   echo_multicast  icmp_type of an echo request, and dst a group or dmac with the group bit
///   frag_later      fragment "later"
/// No key names the others: `exceptions` is the one word for them.
std::uint64_t named_exceptions(const Match& match);
/// The same for a rule that passes: what yett says by itself names nothing.
std::uint64_t overruled_by(const Rule& rule);

/// Bit r: where the policy of that direction passes, reason r drops nothing that no rule asks for:
/// legal oddities, and tunnels and later fragments on their way out: the host's own, or let in
/// before. What comes in of these is among them only where no rule could want to drop it: else
/// tunnels that can be read are looked into (policy_inspects), and later fragments follow their
/// first. What `exceptions` names it has decided.
std::uint64_t policy_overrules(const Ruleset& ruleset, Direction direction);

/// Later fragments of datagrams that were not let in come to the rules: one names them, or
/// `exceptions` does. A first fragment is judged always, and without it the others are of no use to
/// anybody; so elsewhere the policy alone decides (policy_overrules), and the trees need not hold
/// packets whose ports cannot be read.
bool judges_later_fragments(const Ruleset& ruleset);

/// Bit enum yett_tunnel: what is looked into on its way in where the policy passes the outer
/// packet, because a rule may drop the inner one.
std::uint32_t policy_inspects(const Ruleset& ruleset);

}  // namespace yett
