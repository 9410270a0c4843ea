// SPDX-License-Identifier: GPL-2.0-or-later
// Whose is a program that is attached somewhere? Names prove nothing: any program may have ours.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace yett {

/// Knows programs by what is pinned: a program is the owner's when it is pinned there, or when it
/// works on a map that is. Two yetts with pin directories of their own share neither.
class Owner {
  public:
    /// Everything below PIN_DIRECTORY/v<ABI>: programs of every build, and all maps.
    static Owner of_version(const std::string& root);
    /// The same of every version below a pin directory; and every yett's filter that lost its
    /// stages with its pins: it serves nobody, and drops all that it sees.
    static Owner of_directory(const std::string& pin_directory);

    void add_program(std::uint32_t id) { programs_.insert(id); }
    void add_map(std::uint32_t id) { maps_.insert(id); }
    [[nodiscard]] bool owns(std::uint32_t program) const;

  private:
    bool takes_dead_ = false;
    std::set<std::uint32_t> programs_;
    std::set<std::uint32_t> maps_;
};

/// The directories v<ABI> below a pin directory, with those that were set aside.
std::vector<std::string> versions_in(const std::string& pin_directory);

/// What the kernel says of a program; empty name: it is gone, or may not be looked at.
struct ProgramInfo {
    std::string name;
    std::vector<std::uint32_t> maps;  ///< ids
};
ProgramInfo program_info(int fd);
ProgramInfo program_info_of(std::uint32_t id);
/// "yett_tc_egress (program 12)".
std::string program_words(std::uint32_t id);

}  // namespace yett
