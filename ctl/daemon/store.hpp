// SPDX-License-Identifier: GPL-2.0-or-later
// What survives a reboot: the rulesets that were applied, and the record of what is active.
#pragma once

#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "daemon/record.hpp"

namespace yett {

struct GenerationFile {
    std::uint64_t generation = 0;
    std::int64_t saved = 0;  ///< seconds since 1970, UTC
    std::uint64_t bytes = 0;
};

struct ClockReading {
    std::string boot_id;
    std::uint64_t boot = 0;  ///< CLOCK_BOOTTIME nanoseconds
    std::int64_t wall = 0;   ///< seconds since 1970, UTC
};
ClockReading clock_now();

/// Ends of entries are kept as CLOCK_BOOTTIME while the machine runs, and moved by the wall clock
/// over a reboot.
class ClockMover {
  public:
    ClockMover(const ClockReading& saved, const ClockReading& now);
    /// Where a saved moment of the boot clock is on the boot clock of today. Never 0, which means
    /// "never".
    [[nodiscard]] std::uint64_t move(std::uint64_t expires) const;

  private:
    bool same_boot_;
    std::uint64_t saved_boot_, boot_, passed_;
};

/// Files below one directory, which belongs to root and nobody else may read. Each is written
/// beside, synced and renamed, so that a crash leaves the old one or the new one. Each is read by
/// itself: what one is worth says nothing of the others.
class Store {
  public:
    static constexpr std::size_t kGenerations = 20;        ///< how many are kept
    static constexpr std::size_t kMaxRuleset = 64u << 20;  ///< octets of a ruleset's text

    /// Makes the directory (0700) when it is missing. A directory that cannot be had is no reason
    /// not to filter: trouble() says what is wrong, nothing is read of it and nothing is written.
    static Store open(const std::string& directory);
    [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }
    /// Looks again at a directory that could not be had.
    void try_again() {
        if (trouble_) *this = open(directory_);
    }

    /// Where the text of a generation is, and its record.
    [[nodiscard]] std::string path_of(std::uint64_t generation) const;
    [[nodiscard]] std::string record_path_of(std::uint64_t generation) const;
    [[nodiscard]] std::string state_path() const { return directory_ + "/state.json"; }
    /// Nothing: there is no such file.
    Result<std::optional<std::string>> load_ruleset(std::uint64_t generation) const;
    /// Fails (kind no) when there is none, and when it is damaged.
    Result<GenerationRecord> load_record(std::uint64_t generation) const;
    /// Those that were once in force, newest first.
    [[nodiscard]] std::vector<GenerationFile> generations() const;
    /// Removes the oldest beyond kGenerations, but never `keep`.
    void prune(std::uint64_t keep) const;
    /// After a crash: drafts of the generation that the kernel judges by become its files, all
    /// others were never in force and go.
    void settle_drafts(std::uint64_t in_force) const;

    Result<void> save_ruleset(std::uint64_t generation, const std::string& text) const;
    Result<void> save_record(std::uint64_t generation, const std::string& record) const;
    Result<void> save_state(const SavedState& state) const;
    /// Nothing: there is none.
    Result<std::optional<SavedState>> load_state() const;
    /// Files that were kept aside, wherever they stand.
    [[nodiscard]] std::vector<std::string> kept_aside() const;

  private:
    Store(std::string directory, std::optional<Error> trouble)
        : directory_(std::move(directory)), trouble_(std::move(trouble)) {}
    Result<void> write(const std::string& path, const std::string& text) const;
    [[nodiscard]] std::string folder() const { return directory_ + "/generations"; }

    std::string directory_;
    std::optional<Error> trouble_;
};

/// A generation on its way to the disk: its text is written and synced beside what else its
/// applying takes, and both it and its record are there under other names before the switch. After
/// the switch, keep() makes it one of the generations. Dropped without that, it leaves nothing;
/// after a crash Store::settle_drafts() decides. The text must live as long as this does.
class GenerationDraft {
  public:
    GenerationDraft(const Store& store, std::uint64_t generation, const std::string& text);
    GenerationDraft(GenerationDraft&&) = default;
    GenerationDraft& operator=(GenerationDraft&&) = delete;
    ~GenerationDraft();

    /// Waits until text and record are on the disk.
    Result<void> finish(const std::string& record);
    /// They count from now on.
    Result<void> keep();

  private:
    std::string path_, record_path_;
    std::optional<Error> trouble_;  ///< of the store
    std::future<Result<void>> written_;
    bool owns_ = true;  ///< the drafts
};

}  // namespace yett
