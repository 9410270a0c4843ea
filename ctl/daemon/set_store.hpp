// SPDX-License-Identifier: GPL-2.0-or-later
// What survives of sets: a file for each, that grows by a line a change.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "apply/set_content.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "daemon/set_text.hpp"
#include "daemon/store.hpp"

namespace yett {

/// `sets/NAME.set` below the state directory: a head with the clocks at its writing, then lines
/// "VALUE FLAGS ADDED EXPIRES REASON" (flags: r of the ruleset, f of the set's file, t at run time,
/// x removed at run time), of which the last for a value holds; "VALUE -" is gone. A million
/// entries are written once, a change is one line; a change of many is written before it is made,
/// between marks, so that a crash leaves all of it or nothing.
///
/// A disk that is full or read-only keeps nothing from being in force: what could not be written
/// is remembered, told by unsaved(), and tried again by retry(). What a failed write left behind is
/// cut off before anything else is written, so that no half line swallows the next one.
class SetStore {
  public:
    static Result<SetStore> open(const std::string& state_directory);
    /// The same where the directory may not be had: it is looked for again with each writing.
    static SetStore at(const std::string& state_directory);

    /// Writes the whole set, beside and renamed. Removes the file when there is nothing to keep:
    /// what the ruleset itself lists is kept with the ruleset.
    Result<void> save(const std::string& name, const SetContent& content, const ClockReading& now);
    /// The same, unless the file says already what the set holds.
    Result<void> save_if_changed(const std::string& name, const SetContent& content,
                                 const ClockReading& now);
    /// Adds what became of these values. Writes the whole set when the lines pile up.
    Result<void> append(const std::string& name, const SetContent& content,
                        const std::vector<EntryValue>& touched, const ClockReading& now);

    /// Writes down a change that is about to be made, whole, or fails and leaves nothing of it.
    Result<void> begin(const std::string& name, SetType type, const EntryLines& lines,
                       const ClockReading& now);
    /// It was not made.
    void abandon(const std::string& name);
    /// It was made.
    Result<void> finish(const std::string& name, const SetContent& content,
                        const ClockReading& now);

    struct Loaded {
        bool found = false;       ///< something was saved of a set of this type
        bool unfinished = false;  ///< its last change may be in the kernel's tables by half
        std::size_t unread = 0;   ///< lines that were passed over; the file is not written over
    };
    /// Puts what was saved into a set that holds what the ruleset lists. Where it cannot be read
    /// now, nothing is written over it until it can: held().
    Result<Loaded> load(const std::string& name, SetContent& into, const ClockReading& now);
    /// Removes the files of all other sets.
    void keep_only(const std::set<std::string>& names);
    /// Until here a power cut may lose lines.
    void sync();

    /// "the set NAME: why" for each whose file does not say what is in force.
    [[nodiscard]] std::vector<std::string> unsaved() const;
    /// What is saved of it shall be read again, and not written over before.
    void hold(const std::string& name, const std::string& why);
    /// Sets whose saved entries are to be read again.
    [[nodiscard]] std::vector<std::string> held() const;
    /// Tries again to write what is not saved of these sets.
    void retry(const std::map<std::string, SetContent>& sets, const ClockReading& now);

  private:
    struct Log {
        Fd fd;
        bool known = false;               ///< read or written by this process
        std::size_t lines = 0;            ///< since the whole set was written
        std::uint64_t good = 0;           ///< octets of the file that make sense
        bool dirty = false;               ///< not synced
        bool held = false;                ///< its file could not be read, and is left as it is
        bool unread = false;              ///< has lines that make no sense
        bool unfinished = false;          ///< a change stands there that is not marked as done
        bool whole = false;               ///< lines alone do not make it right
        std::uint64_t change = 0;         ///< where the change begins that is being made; 0: none
        std::uint64_t revision = 0;       ///< of the content that it says
        std::string boot_id;              ///< of the clocks of its last lines
        std::string why;                  ///< it is not what is in force; empty: it is
        std::vector<EntryValue> pending;  ///< lines that are still to be written
    };
    explicit SetStore(const std::string& state_directory)
        : state_directory_(state_directory), directory_(state_directory + "/sets") {}
    Result<void> make_ready();
    [[nodiscard]] std::string path_of(const std::string& name) const;
    Result<void> write_whole(const std::string& name, Log& log, const SetContent& content,
                             const ClockReading& now);
    Result<void> write_pending(const std::string& name, Log& log, const SetContent& content,
                               const ClockReading& now);
    Result<void> open_log(const std::string& name, Log& log, SetType type, const ClockReading& now);
    Result<void> set_aside(const std::string& name) const;
    /// What could not be written counts as not there, whether or not it can be cut off now.
    Result<void> write_to(const std::string& name, Log& log, std::string_view text);
    Result<void> write_change(const std::string& name, Log& log, const EntryLines& lines);
    static void cut(Log& log, std::uint64_t length);

    std::string state_directory_, directory_;
    bool ready_ = false;  ///< the directory is there, and root's alone
    std::map<std::string, Log> logs_;
};

}  // namespace yett
