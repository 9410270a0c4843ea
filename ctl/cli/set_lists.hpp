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
    std::optional<std::uint32_t> timeout;  ///< seconds; nothing: the set's
    std::string reason;
    std::string file;
    std::string format = "auto";
    std::string columns;  ///< "2", "1-2"; empty: the first
    std::string ipset;    ///< of a dump of several
    std::string key;      ///< of JSON objects
    std::string pointer;  ///< into a JSON document
    bool plain = false;   ///< export values alone
    bool skip_invalid = false;
    bool force = false;
};

int import_list(const Context& context, const SetArguments& arguments);
int replace_by_list(const Context& context, const SetArguments& arguments);
int export_entries(const Context& context, const SetArguments& arguments);
int flush_set(const Context& context, const SetArguments& arguments);
int reload_sets(const Context& context, const SetArguments& arguments);

}  // namespace yett::cli
