// SPDX-License-Identifier: GPL-2.0-or-later
// Files that are there whole or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace yett {

/// Writes beside `path`, syncs, renames, and syncs the directory. Mode 0600.
Result<void> write_file(const std::string& path, const std::string& content);
/// The same for what is made piece by piece: `make` calls what it is given for each.
using WritePiece = std::function<Result<void>(const std::string& piece)>;
Result<void> write_file(const std::string& path,
                        const std::function<Result<void>(const WritePiece&)>& make);
/// The first half of it, for what may yet be refused: `path` is untouched until `keep_draft`.
Result<void> write_draft(const std::string& path, const std::string& content);
Result<void> keep_draft(const std::string& path);
void drop_draft(const std::string& path);
bool has_draft(const std::string& path);
/// Gives what stands at `path` a second name beside it, "NAME.kept-DATE", so that writing `path`
/// anew leaves it there. Returns that name.
Result<std::string> keep_aside(const std::string& path);
/// What was kept aside in a directory, in order.
std::vector<std::string> files_kept_aside(const std::string& directory);
/// Tells a text from one that was cut or damaged; no secret is in it.
std::uint64_t checksum(std::string_view text);
/// Nothing: there is no such file. Fails when it is no regular file, or longer than `limit`.
Result<std::optional<std::string>> read_file(const std::string& path, std::size_t limit);
/// Makes one directory with mode 0700. Refused (kind permission): it is there and is another's, a
/// There, and others than root may put files into it.
bool is_open_directory(const std::string& path);
/// symlink, or writable by others.
Result<void> make_private_directory(const std::string& path);

}  // namespace yett
