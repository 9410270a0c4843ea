// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/compile: one list of boxes for both directions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "abi/ruleset.h"

namespace yett {

/// Both lists in rule order, the boxes that only one of them has marked as such. Nothing where more
/// than `most_one_way` and a 64th of all are: two sets of trees are the better choice then.
std::optional<std::vector<yett_box>> both_directions(std::span<const yett_box> ingress,
                                                     std::span<const yett_box> egress,
                                                     std::size_t most_one_way);

}  // namespace yett
