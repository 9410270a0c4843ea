// SPDX-License-Identifier: GPL-2.0-or-later
// From the interfaces that a ruleset names to attachments.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "apply/applier.hpp"
#include "base/result.hpp"
#include "bpf/data_plane.hpp"
#include "bpf/interface.hpp"

namespace yett {

/// An interface by name, and a direction.
using Hook = std::pair<std::string, Direction>;

struct AttachChanges {
    std::vector<Attachment> attached;  ///< were not before
    std::vector<Hook> detached;
    std::vector<std::string> warnings;  ///< what could not be, and why
};

/// Both directions of each.
std::set<Hook> hooks_of(const std::vector<std::string>& interfaces);
/// The same, each pattern put for the interfaces that match it. A name counts, whether it exists or
/// not; lo never does.
std::set<Hook> hooks_of(const std::vector<std::string>& names,
                        const std::vector<Interface>& existing);
/// Is it that hook, or does the pattern in its name match?
bool means(const Hook& pattern, const Hook& hook);

/// What the kernel says is attached.
Result<std::set<Hook>> attached_hooks(const DataPlane& plane);

/// What the rules ask of attachments, whichever interface.
Demands demands_of(const Ruleset& ruleset);
/// Moves what would not meet the demands of a ruleset that is about to be switched to.
Result<void> meet_demands(DataPlane& plane, const Ruleset& ruleset);

/// Attaches one hook, after telling the data plane about the interface.
Result<Attachment> attach_hook(DataPlane& plane, Applier& applier, const Hook& hook);

/// Attaches what is wanted and is not, moves what does not suit the ruleset any more, detaches what
/// is unwanted and is. Interfaces that do not exist are warnings. A hook in both is wanted.
Result<AttachChanges> follow_hooks(DataPlane& plane, Applier& applier, const std::set<Hook>& wanted,
                                   const std::set<Hook>& unwanted);

}  // namespace yett
