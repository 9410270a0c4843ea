// SPDX-License-Identifier: GPL-2.0-or-later
// The text of a set's file, made and read. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "apply/set_content.hpp"
#include "daemon/store.hpp"

namespace yett {

/// The first line of a file: whose it is, and the clocks at its writing.
std::string set_head(SetType type, const ClockReading& now);
/// The clocks of another boot, under which the lines behind it are written.
std::string set_clock(const ClockReading& now);
/// "VALUE FLAGS ADDED EXPIRES REASON", or "VALUE -" when nothing is to be kept of it.
void append_set_line(std::string& out, const EntryValue& value, const Entry& entry,
                     std::string_view reason);
/// What must be kept: the ruleset's own entries are not.
bool is_kept(const Entry& entry);

/// Around the lines of one change: they count when the end is there, and has the right number.
/// A change that is not "done" may be in the kernel's tables by half.
inline constexpr std::string_view kChangeBegins = "@begin\n";
std::string change_ends(std::size_t lines);
inline constexpr std::string_view kChangeIsDone = "@done\n";

struct SetText {
    bool ours = false;        ///< the head is of a set of this type
    bool unfinished = false;  ///< the last change is not done
    std::size_t unread = 0;   ///< lines that make no sense, passed over
    std::size_t good = 0;     ///< octets, until where a crash or a full disk cut something
    std::string boot_id;      ///< under whose clock the last line stands
};
/// Puts what was saved into a set that holds what the ruleset lists.
SetText read_set_text(std::string_view text, SetContent& into, const ClockReading& now);

}  // namespace yett
