// SPDX-License-Identifier: GPL-2.0-or-later
// Tells when network interfaces and their addresses come or go.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

namespace yett {

/// A netlink socket that becomes readable whenever an interface is made, renamed or removed,
/// or one of its addresses is.
Result<Fd> watch_links();

/// One that becomes readable whenever somebody changes a queueing discipline or a filter: clsact
/// and what hangs on it.
Result<Fd> watch_hooks();

/// Empties it. true: there was something.
bool drain_links(const Fd& socket);

}  // namespace yett
