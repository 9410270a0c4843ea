// SPDX-License-Identifier: GPL-2.0-or-later
// Tables of a ruleset, made from those of another that differs in a few rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compile/box_list.hpp"
#include "compile/compile.hpp"

namespace yett {

/// Rules in a row become others.
struct RuleChange {
    std::uint32_t first = 0;           ///< index of the first that goes; the others come there
    std::uint32_t gone = 0;            ///< how many go
    std::vector<yett_action> actions;  ///< of those that come; none has a limit
    std::vector<std::string> names;
    /// Theirs, for each direction and family as expand() orders them.
    std::vector<BoxList> boxes;
};

/// Changes `tables` accordingly: what they say of any packet is what compile() of the changed
/// ruleset says. Where trees and records stand is not: a patched image is larger, a packet may have
/// a few more records to compare, and the report's paths are those of the last whole build.
///
/// False: that was not possible, or the trees are better built anew (rules that count or ask for
/// sets of addresses, wide ones that stand in many leaves, a leaf that gets long, an image that has
/// grown by a quarter). `tables` are of no use then.
bool patch(Tables& tables, const RuleChange& change);

}  // namespace yett
