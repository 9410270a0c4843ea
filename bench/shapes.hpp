// SPDX-License-Identifier: GPL-2.0-or-later
// Seeded rulesets of the three shapes that ClassBench made known, and headers to ask them. The same
// seed gives the same output on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tuple.hpp"

namespace yett::bench {

/// acl: long prefixes on both sides, exact destination ports. fw: many wildcards, ranges of ports.
/// ipc: between the two.
enum class Shape : std::uint8_t { acl, fw, ipc };
inline constexpr std::string_view kShapeNames[] = {"acl", "fw", "ipc"};

/// Distinct rules for IPv4, narrow ones before the wide ones that cover them (as operators write
/// them).
std::vector<Tuple> make_rules(Shape shape, std::size_t count, std::uint64_t seed);

/// uniform: inside a rule drawn at random. local: the uniform headers, drawn by a Pareto law: one
/// half of the packets belongs to 64 headers, and one in a thousand lies beyond the first 64000.
/// random: nothing but random bits. hot: 64 uniform headers in turn.
enum class Traffic : std::uint8_t { uniform, local, random, hot };
inline constexpr std::string_view kTrafficNames[] = {"uniform", "local", "random", "hot"};

/// The rules give the family; none gives IPv4.
std::vector<Header> make_headers(const std::vector<Tuple>& rules, Traffic traffic,
                                 std::size_t count, std::uint64_t seed);

/// What can be said of a ruleset at a glance.
struct Figures {
    std::size_t rules = 0;
    std::size_t sources = 0, destinations = 0;            ///< distinct prefixes
    std::size_t source_ports = 0, destination_ports = 0;  ///< distinct ranges
    double wide_sources = 0, wide_destinations = 0;       ///< share of rules with less than /8
    double long_sources = 0, long_destinations = 0;       ///< share of rules with /20 or more
    double tcp = 0;                                       ///< share of rules
    unsigned nesting = 0;                                 ///< prefixes inside each other, at most
};
Figures figures_of(const std::vector<Tuple>& rules);

}  // namespace yett::bench
