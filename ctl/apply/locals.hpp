// SPDX-License-Identifier: GPL-2.0-or-later
// The table of this host's own addresses.
#pragma once

#include <cstddef>
#include <map>
#include <utility>

#include "abi/local.h"
#include "bpf/data_plane.hpp"
#include "model/address.hpp"

namespace yett {

/// An own address. A link-local IPv6 address is own only to the frames of some interfaces, each of
/// which has its entry: `ifindex` is 0 for any other address.
struct LocalAddress {
    Address address;
    std::uint32_t ifindex = 0;

    LocalAddress(const Address& own, std::uint32_t link = 0) : address(own), ifindex(link) {}
    auto operator<=>(const LocalAddress&) const = default;
};

/// -> YETT_LOCAL_* bits.
using LocalAddresses = std::map<LocalAddress, std::uint32_t>;

/// What these addresses are in the filter.
yett_local_filter filter_of(const LocalAddresses& addresses);

/// Makes the table hold these and no others, without a moment in which an address of both is
/// missing. How many found no room.
Result<std::size_t> write_locals(const DataPlane& plane, const LocalAddresses& addresses);

}  // namespace yett
