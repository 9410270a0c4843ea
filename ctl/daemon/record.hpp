// SPDX-License-Identifier: GPL-2.0-or-later
// What is written down beside the texts of rulesets: of each generation, and of the gate.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "apply/applier.hpp"
#include "apply/attach.hpp"
#include "base/result.hpp"

namespace yett {

/// By what packets are judged, next to what was wished.
enum class Standing : std::uint8_t {
    wished,       ///< by the ruleset that was applied last
    held,         ///< by its pinned tables, though its text is damaged
    predecessor,  ///< by a generation that was active before it
    config,       ///< by the config file, though something else was applied last
    lockdown,     ///< by its failsafe alone: everything else is dropped
    empty,        ///< by nothing: everything passes
    unknown,      ///< by pinned tables of which nothing is known here
};
/// By Standing: as the status and state.json say it.
inline constexpr std::string_view kStandingNames[] = {"wished",   "held",  "predecessor", "config",
                                                      "lockdown", "empty", "unknown"};
[[nodiscard]] constexpr std::string_view standing_name(Standing standing) {
    return kStandingNames[static_cast<unsigned>(standing)];
}

/// Enough to go on with the pinned tables of a generation, and to lock down what it covered,
/// whatever became of its text.
struct GenerationRecord {
    std::uint64_t generation = 0;
    std::uint64_t plane = 0;  ///< whose slots these are: see identity_of()
    std::uint64_t text = 0;   ///< checksum() of the ruleset's text
    std::string skeleton;     ///< skeleton_of() the ruleset, printed
    Slots slots;
    EngineDigest engine;
};
/// A line with a checksum, then JSON.
std::string to_text(const GenerationRecord& record);
/// The same with these slots in place of its own: a hundred thousand names are not copied.
std::string to_text(const GenerationRecord& record, const Slots& slots);
/// Refused when a single bit has changed.
Result<GenerationRecord> parse_record(std::string_view text);

/// The content of state.json.
struct SavedState {
    std::uint64_t generation = 0;  ///< in force
    Standing standing = Standing::wished;
    std::uint64_t wished = 0;  ///< 0: nothing was ever applied
    std::int64_t since = 0;    ///< when that generation became active; seconds since 1970, UTC
    std::map<std::string, std::uint16_t> interfaces;  ///< slots of that generation as they are now
    std::vector<std::string> covered;                 ///< what its ruleset names, patterns as such
    std::vector<std::string> held;  ///< sets whose saved entries are not in force, but shall be
    std::set<Hook> attached;        ///< by hand
    std::set<Hook> detached;        ///< by hand, though the ruleset names them
    bool whole = true;  ///< false: something could not be read, and is left as it is here
};
std::string to_text(const SavedState& state);
/// Each member by itself: what one says does not depend on the others.
SavedState parse_state(const std::string& text);

/// Tells one set of pinned tables from those after a reboot, whose slots mean something else.
Result<std::uint64_t> identity_of(const DataPlane& plane);

}  // namespace yett
