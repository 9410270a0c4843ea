// SPDX-License-Identifier: GPL-2.0-or-later
// Files that an operator names on the command line.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.hpp"

namespace yett::cli {

/// The whole of a file, or of standard input for "-". Reads no more than `most` octets and one, so
/// that whoever has a bound can see it exceeded.
Result<std::string> read_file(const std::string& path, std::size_t most);

/// Replaces a file by a new one of the same mode and owner, or leaves it as it was. Follows a
/// symbolic link to the file that it names.
Result<void> replace_file(const std::string& path, const std::string& text);

}  // namespace yett::cli
