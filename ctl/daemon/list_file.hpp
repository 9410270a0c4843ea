// SPDX-License-Identifier: GPL-2.0-or-later
// Files that sets take entries from: opened so that nobody but root has a say in what is read.
#pragma once

#include <string>

#include "base/result.hpp"
#include "lists/list_reader.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// Reads a list below `directory`. Refused, with the cause: a path that leaves the directory or
/// goes through a symbolic link, what is no regular file, belongs to neither root nor this user, is
/// writable by others, is larger than 512 MiB, or changes while it is read; and a list that holds
/// every address, or entries with an end: those of a file have none.
Result<List> read_list_file(const std::string& directory, const std::string& path, SetType type);

/// What a set asks of each new list ("max_shrink", "min_entries"), and that a list does not become
/// empty. Kind conflict when it does not hold: `before` entries would become `after`.
Result<void> check_guards(const std::string& name, const Set& set, std::size_t before,
                          std::size_t after);

}  // namespace yett
