// SPDX-License-Identifier: GPL-2.0-or-later
// What the daemon is: the data plane, the record of it, and every operation on them. Knows nothing
// of HTTP.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "apply/applier.hpp"
#include "apply/attach.hpp"
#include "base/diagnostic.hpp"
#include "base/result.hpp"
#include "bpf/data_plane.hpp"
#include "daemon/set_store.hpp"
#include "daemon/store.hpp"

namespace yett {

struct GateOptions {
    std::string pin_directory = "/sys/fs/bpf/yett";
    std::string state_directory = "/var/lib/yett";
    std::string config =
        "/etc/yett/rules.json";  ///< applied at start when nothing is saved; may be missing
    std::string list_directory = "/etc/yett";          ///< below it stand the files of sets
    std::uint32_t connections = YETT_MAX_CONNECTIONS;  ///< DataPlane::Options::connections
    std::uint64_t set_memory = kDefaultSetMemory;      ///< octets of tables for sets
};

/// What became of a rule file.
struct Submission {
    std::string name;    ///< of the ruleset
    bool valid = false;  ///< false: nothing has changed, the diagnostics say why
    std::vector<Diagnostic> diagnostics;
    ApplyReport report;
    AttachChanges hooks;
    std::uint64_t previous = 0;      ///< the generation before
    std::uint64_t microseconds = 0;  ///< in all, from the text to the end of the old generation
    std::uint64_t parse = 0,
                  check = 0;  ///< parts of it, in microseconds; report.times has the rest
};

/// A change of a set that is in force.
struct Edited : EditResult {
    std::string unsaved;  ///< why it is on no disk yet; empty: it is
};

/// One for each pin directory: it holds a lock on it. Dropping it leaves filtering as it is.
class Gate {
  public:
    /// Adopts what is pinned; else brings back the last ruleset, the config file, or an empty
    /// ruleset. What goes wrong on the way but leaves a working gate is told through `warn` and
    /// stands in warnings().
    static Result<std::unique_ptr<Gate>> open(const GateOptions& options,
                                              std::function<void(const std::string&)> warn);
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;
    /// Writes down what has changed since.
    ~Gate();

    /// Reads, checks, stages, tries and switches; attaches what the ruleset names and detaches what
    /// it no longer names.
    Result<Submission> submit(const std::string& text, bool dry_run);
    /// Reads, checks and compiles, and judges the embedded tests by the model. Touches nothing.
    static Result<Submission> check_text(const std::string& text);
    /// The config file, if it is there.
    Result<Submission> reload_config();

    Result<Edited> edit(const std::string& set, SetEdit edit);
    /// Reads the set's file anew. Its guards hold unless `force`; refused, the last list stays.
    Result<Edited> reload_set(const std::string& set, bool force);
    /// What is in force and on no disk, in words, for as long as that is so.
    [[nodiscard]] std::vector<std::string> unsaved() const { return set_store_.unsaved(); }
    [[nodiscard]] SetUsage set_usage() const { return applier_->set_usage(); }

    /// By hand: holds until the next ruleset, over restarts.
    Result<std::vector<Attachment>> attach(const std::set<Hook>& hooks);
    Result<std::vector<Hook>> detach(const std::set<Hook>& hooks);
    Result<std::vector<Hook>> detach_all();
    /// To be called when interfaces or their addresses came or went: attaches what is wanted and
    /// now exists.
    void interfaces_changed();

    /// Takes entries whose time is over out of the record, so that figures and listings agree with
    /// what packets see.
    void sweep();

    /// To be called about twice a second: ends entries, writes down what has changed.
    void tick();

    [[nodiscard]] DataPlane& plane() { return plane_; }
    [[nodiscard]] const Active& active() const { return applier_->active(); }
    [[nodiscard]] const Store& store() const { return store_; }
    /// The text of the active ruleset as it was submitted.
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] std::int64_t since() const { return since_; }
    [[nodiscard]] bool adopted() const { return adopted_; }
    /// Hooks that should be attached.
    [[nodiscard]] std::set<Hook> wanted() const;
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  private:
    Gate(const GateOptions& options, Fd lock, DataPlane plane, Store store, SetStore set_store,
         std::function<void(const std::string&)> warn);

    Result<void> start();
    void start_from(const SavedState& saved);
    /// Without a usable record: the newest ruleset that works, the config file, or an empty one.
    void start_anew();
    bool bring_back(std::uint64_t generation);
    bool start_with_config();
    /// `options`: what the gate does not know itself. Without a draft, one is made.
    Result<ApplyReport> apply(Ruleset ruleset, const std::string& text, ApplyOptions options,
                              std::optional<RulesetDraft> draft = std::nullopt);
    Result<AttachChanges> follow(const std::set<Hook>& unwanted);
    [[nodiscard]] std::uint64_t next_generation() const;
    Result<void> save(const Active* pending);
    void save_or_warn();
    void refresh_own_addresses();
    class WrittenChange;
    /// The sets of a new ruleset: those whose files do not say already what they hold.
    void save_sets();
    /// The words of it; nothing when it is saved.
    std::string tell_unsaved(const Result<void>& saved);
    void retry_unsaved();
    void load_sets(Active& active);
    /// What the files of the ruleset's sets list. A set whose file cannot be used keeps its last
    /// list, with a warning; without one that is an error.
    Result<std::map<std::string, std::vector<EntryValue>>> read_files(
        const Ruleset& ruleset, std::vector<std::string>& warnings) const;
    std::string note_change(const std::string& set, const std::vector<EntryValue>& touched);
    void sweep_when_due();
    void give_memory_back();
    void warn(const std::string& text);

    GateOptions options_;
    Fd lock_;
    DataPlane plane_;
    Store store_;
    SetStore set_store_;
    std::function<void(const std::string&)> tell_;
    std::optional<Applier> applier_;
    std::string text_;
    std::int64_t since_ = 0;
    bool adopted_ = false;
    bool dirty_ = false;
    std::uint64_t trimmed_ = 0;  ///< the generation since which memory was given back
    std::chrono::steady_clock::time_point next_save_{};
    std::chrono::steady_clock::time_point next_sweep_{};
    std::chrono::steady_clock::time_point next_retry_{};
    bool started_ = false;
    bool told_unsaved_ = false;
    bool implicit_ = false;  ///< the empty ruleset of a first start is active, nobody's wish
    std::set<Hook> attached_by_hand_;
    std::set<Hook> detached_by_hand_;
    std::vector<std::string> warnings_;  ///< of the start, until the next ruleset
};

}  // namespace yett
