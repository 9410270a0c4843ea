// SPDX-License-Identifier: GPL-2.0-or-later
// The same rules in the words of other filters. Everything drops, the policy too, as in
// to_ruleset(). IPv4.
#pragma once

#include <string>
#include <vector>

#include "tuple.hpp"

namespace yett::bench {

/// One nftables rule each, in order, in the earliest hook of the ip family.
std::string to_nft_linear(const std::vector<Tuple>& rules);
/// A verdict map over concatenated intervals, at ingress of v1, with one line for each element:
/// such a map is not first match, and refuses some elements that overlap others.
std::string to_nft_map(const std::vector<Tuple>& rules);
/// The same map, but of counters: "c<i>" says how often rule i was found.
std::string to_nft_counters(const std::vector<Tuple>& rules);
/// iptables-restore, table raw.
std::string to_iptables(const std::vector<Tuple>& rules);

/// Distinct hosts, in no order.
std::vector<Address> make_hosts(std::size_t count, std::uint64_t seed);
/// "Drop what comes from these", for each filter that has sets.
std::string to_set_json(const std::vector<Address>& hosts);
std::string to_nft_set(const std::vector<Address>& hosts);
std::string to_ipset(const std::vector<Address>& hosts);

}  // namespace yett::bench
