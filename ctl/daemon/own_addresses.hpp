// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the addresses of this host's interfaces.
#pragma once

#include "apply/locals.hpp"

namespace yett {

/// Every address on every interface, and the broadcast addresses of its networks.
Result<LocalAddresses> read_own_addresses();

}  // namespace yett
