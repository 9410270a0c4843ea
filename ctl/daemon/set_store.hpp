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
#include "daemon/store.hpp"

namespace yett {

/// `sets/NAME.set` below the state directory: a head with the clocks at its writing, then lines
/// "VALUE FLAGS ADDED EXPIRES REASON" (flags: r of the ruleset, f of the set's file, t at run time,
/// x removed at run time), of which the last for a value holds; "VALUE -" is gone. A million
/// entries are written once, a change is one line. A crash may cut the last line, which then does
/// not count.
class SetStore {
  public:
    static Result<SetStore> open(const std::string& state_directory);

    /// Writes the whole set, beside and renamed. Removes the file when there is nothing to keep:
    /// what the ruleset itself lists is kept with the ruleset.
    Result<void> save(const std::string& name, const SetContent& content, const ClockReading& now);
    /// Adds what became of these values. Writes the whole set when the lines pile up.
    Result<void> append(const std::string& name, const SetContent& content,
                        const std::vector<EntryValue>& touched, const ClockReading& now);
    /// Puts what was saved into a set that holds what the ruleset lists. False: nothing was saved
    /// of a set of this type.
    Result<bool> load(const std::string& name, SetContent& into, const ClockReading& now) const;
    /// Removes the files of all other sets.
    void keep_only(const std::set<std::string>& names);
    /// Until here a power cut may lose lines.
    void sync();

  private:
    struct Log {
        Fd fd;
        std::size_t lines = 0;  ///< since the whole set was written
        bool dirty = false;
    };
    explicit SetStore(std::string directory) : directory_(std::move(directory)) {}
    [[nodiscard]] std::string path_of(const std::string& name) const;
    Result<Log*> open_log(const std::string& name, const SetContent& content,
                          const ClockReading& now);

    std::string directory_;
    std::map<std::string, Log> logs_;
};

}  // namespace yett
