// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/json: one match object.
#pragma once

#include "json/decode.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// Reports what is wrong, and leaves out of `match` what it could not read.
void read_match(Decoder& in, NodeId id, Match& match);

}  // namespace yett
