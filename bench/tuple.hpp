// SPDX-License-Identifier: GPL-2.0-or-later
// The classic five-tuple rule and the header it is asked about: what all contenders understand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/ruleset.hpp"

namespace yett::bench {

/// Source and destination are of one family. Without a protocol the ports are all of them.
struct Tuple {
    Prefix src, dst;
    NumberRange sport{0, 65535}, dport{0, 65535};
    std::optional<std::uint8_t> proto;

    auto operator<=>(const Tuple&) const = default;
};

/// Ports are 0 for protocols without.
struct Header {
    Address src, dst;
    std::uint16_t sport = 0, dport = 0;
    std::uint8_t proto = 0;

    bool operator==(const Header&) const = default;
};

[[nodiscard]] bool matches(const Tuple& rule, const Header& header);
/// The index of the first rule that matches, or -1: one rule after another, nothing clever.
[[nodiscard]] int first_match(const std::vector<Tuple>& rules, const Header& header);

/// Rule i is called "r<i>". The policy drops like the rules, so that every packet costs the same
/// behind the search; `pass_every` > 0 makes each such rule (and no other) a pass rule.
Ruleset to_ruleset(const std::vector<Tuple>& rules, unsigned pass_every = 0);
/// The rule file of to_ruleset(), one line a rule.
std::string to_json(const std::vector<Tuple>& rules, unsigned pass_every = 0);

/// The same rules for IPv6: 2001:db8::/32 before each prefix that is not /0; half of the hosts
/// become /128.
std::vector<Tuple> to_ipv6(const std::vector<Tuple>& rules);

/// A frame of 60 octets or more (Ethernet, no tags) that says this and is otherwise sane.
std::vector<std::uint8_t> to_frame(const Header& header);

}  // namespace yett::bench
