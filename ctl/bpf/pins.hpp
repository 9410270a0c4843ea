// SPDX-License-Identifier: GPL-2.0-or-later
// The pin directory: who may own it, and what stands where in it.
//
//   PIN_DIRECTORY/v<ABI>/maps/<map>                shared by every build of this ABI
//   PIN_DIRECTORY/v<ABI>/programs/<build>/<name>   programs and prog arrays of one build; entries
//   come last PIN_DIRECTORY/v<ABI>/links/xdp_<ifindex>       XDP attachments
#pragma once

#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace yett::pins {

/// Makes the directory with mode 0700, parents too below the bpffs root. An existing one must be
/// root's and closed to writers other than root (bpffs roots are often mode 1777): else kind
/// permission, nothing is changed.
Result<void> make_directory(const std::string& path);

/// Invalid Fd: nothing is pinned there.
Result<Fd> open(const std::string& path);
Result<void> pin(int fd, const std::string& path);
Result<void> unpin(const std::string& path);
/// A pin or a directory gets another place on the same file system.
Result<void> move(const std::string& from, const std::string& to);
/// The pin of one build's prog array, not of a program.
bool is_program_array(const std::string& name);
/// Names below a directory; empty when it does not exist.
std::vector<std::string> list(const std::string& directory);
/// Removes pins and directories below and including `path`. A link that is only held by its pin
/// detaches.
Result<void> remove_all(const std::string& path);

}  // namespace yett::pins
