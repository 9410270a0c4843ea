// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/compile: the limit of a rule as the data plane reads it.
#pragma once

#include "abi/meter.h"
#include "compile/compile.hpp"

namespace yett {

/// `rule` has a limit, and its two counters have slots.
yett_limit limit_of(const Rule& rule, const Slots& slots);

}  // namespace yett
