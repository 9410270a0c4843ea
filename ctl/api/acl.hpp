// SPDX-License-Identifier: GPL-2.0-or-later
// Who but the owner may use a file: its own group, and one group besides (acl(5)).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.hpp"

namespace yett {

/// What a group may do, as in a mode: 4 reads, 2 writes, 1 passes through.
struct GroupAccess {
    unsigned owning = 0;       ///< of the file's own group
    std::optional<gid_t> gid;  ///< a second group
    unsigned second = 0;
};

/// Sets what the owner (`owner`, as in GroupAccess) and these groups may do; all others may do
/// nothing. Whatever an access list of the folder gave the file is gone. A file system that knows
/// no access lists leaves the second group out.
Result<void> set_access(const std::string& path, unsigned owner, const GroupAccess& groups);

}  // namespace yett
