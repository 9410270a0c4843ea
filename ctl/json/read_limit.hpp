// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/json: the limit of a rule.
#pragma once

#include "json/decode.hpp"
#include "model/limit.hpp"

namespace yett {

/// Reports what is wrong, and leaves out of `limit` what it could not read.
void read_limit(Decoder& in, NodeId id, Limit& limit);

}  // namespace yett
