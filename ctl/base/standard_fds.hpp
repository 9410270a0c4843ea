// SPDX-License-Identifier: GPL-2.0-or-later
// What every program does before it opens anything.
#pragma once

namespace yett {

/// Takes the places of standard descriptors that the caller has closed, so that no socket and no
/// file gets what is printed. Reading from and writing to one of those fails, as it should.
/// Signals that only say that a write will fail are ignored: the write says so, too.
void prepare_standard_fds();

}  // namespace yett
