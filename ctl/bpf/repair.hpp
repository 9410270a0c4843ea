// SPDX-License-Identifier: GPL-2.0-or-later
// Pins that are not as yett left them.
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace yett {

struct MapShape {
    const char* name;
    bpf_map_type type;
    std::uint32_t key_size, value_size, max_entries, flags;
};

/// As the kernel keeps it: cut to 15 characters.
std::string kernel_name(const MapShape& shape);

/// Compares the maps that the pinned programs of a version work on with those that are pinned. A
/// pin that is gone is made again. Where another map stands in its place, the whole version is set
/// aside (renamed): its programs go on judging by their own tables until attach() takes over.
/// Gives what was done, in words.
Result<std::vector<std::string>> repair_pins(const std::string& root,
                                             std::span<const MapShape> shapes);

}  // namespace yett
