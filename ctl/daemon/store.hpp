// SPDX-License-Identifier: GPL-2.0-or-later
// What survives a reboot: the rulesets that were applied, and the record of what is active.
#pragma once

#include <cstdint>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "apply/applier.hpp"
#include "apply/attach.hpp"
#include "base/result.hpp"

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

/// The content of state.json.
struct SavedState {
    std::uint64_t generation = 0;
    bool implicit = false;   ///< the empty ruleset of a first start: a config file may replace it
    std::int64_t since = 0;  ///< when that generation became active; seconds since 1970, UTC
    Slots slots;
    EngineDigest engine;
    std::uint64_t pending = 0;  ///< a generation that was about to become active; 0: none
    Slots pending_slots;
    EngineDigest pending_engine;
    std::set<Hook> attached;  ///< by hand
    std::set<Hook> detached;  ///< by hand, though the ruleset names them
};

/// Files below one directory, which belongs to root and nobody else may read. Each is written
/// beside, synced and renamed, so that a crash leaves the old one or the new one.
class Store {
  public:
    static constexpr std::size_t kGenerations = 20;        ///< how many are kept
    static constexpr std::size_t kMaxRuleset = 64u << 20;  ///< octets of a ruleset's text

    /// Makes the directory (0700) when it is missing.
    static Result<Store> open(const std::string& directory);

    /// Where the text of a generation is.
    [[nodiscard]] std::string path_of(std::uint64_t generation) const;
    /// Nothing: there is no such file.
    Result<std::optional<std::string>> load_ruleset(std::uint64_t generation) const;
    /// Newest first.
    [[nodiscard]] std::vector<GenerationFile> generations() const;
    /// Removes the oldest beyond kGenerations, but never `keep`.
    void prune(std::uint64_t keep) const;

    /// Writes these slots in place of those in `state`: a hundred thousand names are not copied.
    Result<void> save_state(const SavedState& state, const Slots& slots,
                            const Slots& pending_slots) const;
    /// Nothing: there is none. Fails with kind invalid when it cannot be made sense of.
    Result<std::optional<SavedState>> load_state() const;

  private:
    explicit Store(std::string directory) : directory_(std::move(directory)) {}

    std::string directory_;
};

/// A ruleset's text on its way to the disk, written and synced beside what else its applying takes.
/// Dropped without keep(), it leaves nothing. The text must live as long as this does.
class RulesetDraft {
  public:
    RulesetDraft(const Store& store, std::uint64_t generation, const std::string& text);
    RulesetDraft(RulesetDraft&&) = default;
    RulesetDraft& operator=(RulesetDraft&&) = delete;
    ~RulesetDraft();

    /// Waits until the text is on the disk, and makes it one of the generations.
    Result<void> keep();

  private:
    std::string path_;
    std::future<Result<void>> written_;
};

/// state.json as text and back.
std::string to_text(const SavedState& state);
std::string to_text(const SavedState& state, const Slots& slots, const Slots& pending_slots);
Result<SavedState> parse_state(const std::string& text);

}  // namespace yett
