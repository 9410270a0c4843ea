// SPDX-License-Identifier: GPL-2.0-or-later
// "Detached by hand": what the command line leaves for a daemon that does not answer, or is not
// there. Until the next ruleset is applied, the daemon attaches none of it again.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "base/result.hpp"

namespace yett {

/// An interface's name, or a pattern ("*" is every interface); and enum yett_direction.
using Mark = std::pair<std::string, std::uint32_t>;

/// Symbolic links in DIRECTORY/detached: made and removed whole, also on a full disk (bpffs), also
/// while somebody else does the same.
class HandMarks {
  public:
    explicit HandMarks(const std::string& directory) : directory_(directory + "/detached") {}

    Result<void> add(const Mark& mark) const;
    [[nodiscard]] std::set<Mark> list() const;
    Result<void> remove(const std::set<Mark>& marks) const;

  private:
    [[nodiscard]] std::string path_of(const Mark& mark) const;

    std::string directory_;
};

/// Where a daemon keeps its state, told beside its pins; empty: nobody said.
std::string state_directory_of(const std::string& pin_directory);
Result<void> tell_state_directory(const std::string& pin_directory, const std::string& state);

}  // namespace yett
