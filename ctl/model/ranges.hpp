// SPDX-License-Identifier: GPL-2.0-or-later
// Ranges of addresses as prefixes, and IPv4 that is written as IPv6.
#pragma once

#include <optional>
#include <vector>

#include "model/address.hpp"

namespace yett {

/// The fewest prefixes that make up the range, in order. A reversed range has none.
std::vector<Prefix> to_prefixes(const AddressRange& range);

/// IPv4 written as IPv6 (::ffff:192.0.2.1, ::192.0.2.1, or a prefix of such): no packet that comes
/// over IPv4 ever matches it. The IPv4 prefix that is meant; empty for all else, ::ffff:0:0/96 as a
/// whole and the lowest addresses (::1) included.
std::optional<Prefix> ipv4_inside(const Prefix& prefix);
std::optional<AddressRange> ipv4_inside(const AddressRange& range);

}  // namespace yett
