// SPDX-License-Identifier: GPL-2.0-or-later
// The topics of yett set that deal with whole lists.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/verb.hpp"

namespace yett::cli {

struct SetArguments {
    std::string set;
    std::vector<std::string> entries;
    std::optional<std::uint32_t> timeout_seconds;
    std::string reason;
    std::string file;
    std::string format = "auto";
    unsigned column = 1;
    bool skip_invalid = false;
    bool force = false;
};

int import_list(const Context& context, const SetArguments& arguments);
int replace_by_list(const Context& context, const SetArguments& arguments);
int export_entries(const Context& context, const SetArguments& arguments);
int flush_set(const Context& context, const SetArguments& arguments);
int reload_sets(const Context& context, const SetArguments& arguments);

}  // namespace yett::cli
