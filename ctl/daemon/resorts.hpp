// SPDX-License-Identifier: GPL-2.0-or-later
// What to filter by at the start, in what order: pure, over what was found.
#pragma once

#include <cstdint>
#include <vector>

#include "daemon/record.hpp"

namespace yett {

enum class ResortKind : std::uint8_t {
    adopt,       ///< go on with the pinned tables of this generation, known from text and record
    hold,        ///< go on with them, known from the record alone
    bring_back,  ///< make the tables of this generation anew from its text
    config,      ///< take the config file
    lockdown,    ///< failsafe, and drop on the interfaces that are known
    leave,       ///< go on with pinned tables of which nothing is known
    empty,       ///< pass everything
};

struct Resort {
    ResortKind kind = ResortKind::empty;
    std::uint64_t generation = 0;
    bool operator==(const Resort&) const = default;
};

/// What the kernel, the disk and the options say.
struct Inventory {
    std::uint64_t pinned = 0;               ///< the generation that the kernel judges by; 0: none
    Standing pinned_as = Standing::wished;  ///< what it was when it was switched to
    bool judging = false;                   ///< pinned tables, and something is attached
    bool record = false;                    ///< of the pinned generation and these very tables
    bool text = false;                      ///< of the pinned generation, undamaged
    bool sets = true;  ///< all of their saved entries can be read, where the text names sets
    std::uint64_t wished = 0;                ///< the generation that was active last; 0: none ever
    std::vector<std::uint64_t> generations;  ///< whose texts are there, newest first
    bool config = false;                     ///< there is a config file
    bool covered = false;  ///< some interface is known that the record or the config names
};

/// The first that works is taken. Never empty, and the last one always works.
std::vector<Resort> order_of_resorts(const Inventory& found);

}  // namespace yett
