// SPDX-License-Identifier: GPL-2.0-or-later
// Rows about one match: a ruleset with one rule, "probe", and a packet in words.
#pragma once

#include "packet/row.hpp"

namespace yett::corpus {

/// Whether the rule matches: always, never, on one of the hooks, in one family; `unknown`: as a
/// drop rule, not as a pass rule.
enum class Hit { no, yes, ingress, egress, v4_only, v6_only, unknown };

struct MatchCase {
    const char* match;   ///< members of the match object
    const char* packet;  ///< in words
    Hit hit;
    const char* iface = "eth0";
};

/// Four sides of a case: as a drop rule under policy pass, and as a pass rule under policy drop, on
/// ingress and on egress. Sets at hand: @nets (the corpus' sources), @none, @web, @high.
std::vector<Row> rows_of(const std::string& subject, const MatchCase& one, Family family);

}  // namespace yett::corpus
