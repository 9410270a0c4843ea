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
#include "daemon/coverage.hpp"
#include "daemon/resorts.hpp"
#include "daemon/set_store.hpp"
#include "daemon/store.hpp"

namespace yett {

struct GateOptions {
    std::string pin_directory = "/sys/fs/bpf/yett";
    std::string state_directory = "/var/lib/yett";
    std::string config =
        "/etc/yett/rules.json";    ///< applied at start when nothing is saved; may be missing
    bool config_is_named = false;  ///< then it must be there at a first start
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

/// What packets are judged by, next to what they should be judged by.
struct InForce {
    Standing standing = Standing::empty;
    std::uint64_t wished = 0;  ///< the generation that was applied last; 0: none ever
    std::string wished_name;   ///< of its ruleset; empty: not known
    std::string why;  ///< another one is in force, or less than all of it; empty: all of it
};

/// One for each pin directory and each state directory: it holds a lock on both. Dropping it leaves
/// filtering as it is.
class Gate {
  public:
    /// Takes the first of order_of_resorts() that works. What goes wrong on the way but leaves a
    /// working gate is told through `warn` and stands in warnings(); in_force() says what it came
    /// to. Fails where the kernel does, or where another daemon is at work.
    static Result<std::unique_ptr<Gate>> open(const GateOptions& options,
                                              std::function<void(const std::string&)> warn);
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;
    /// Writes down what has changed since.
    ~Gate();

    /// Reads, checks, stages, tries and switches; attaches what the ruleset names and detaches what
    /// it no longer names.
    /// Refused with conflict when it would take the filter off an interface, unless `force`.
    Result<Submission> submit(const std::string& text, bool dry_run, bool force = false);
    /// Reads, checks and compiles, and judges the embedded tests by the model. Touches nothing.
    static Result<Submission> check_text(const std::string& text);
    /// The config file, if it is there.
    Result<Submission> reload_config();

    Result<Edited> edit(const std::string& set, SetEdit edit);
    /// Reads the set's file anew. Its guards hold unless `force`; refused, the last list stays.
    Result<Edited> reload_set(const std::string& set, bool force);
    [[nodiscard]] SetUsage set_usage() const { return applier_->set_usage(); }

    /// By hand: holds until the next ruleset, over restarts. What is not attached cannot be
    /// detached: then nothing changes.
    Result<std::vector<Attachment>> attach(const std::set<Hook>& hooks);
    Result<std::vector<Hook>> detach(const std::set<Hook>& hooks);
    Result<std::vector<Hook>> detach_all();
    /// To be called when interfaces or their addresses came or went: attaches what is wanted and
    /// now exists.
    void interfaces_changed();
    /// To be called when hooks of interfaces changed, by whoever: what was taken away is attached
    /// again.
    void hooks_changed();
    /// For how long hooks were open that should not have been.
    [[nodiscard]] const Coverage& coverage() const { return coverage_; }

    /// Takes entries whose time is over out of the record, so that figures and listings agree with
    /// what packets see.
    void sweep();

    /// To be called about twice a second: ends entries, writes down what has changed, attaches
    /// again what somebody took away.
    void tick();

    [[nodiscard]] DataPlane& plane() { return plane_; }
    [[nodiscard]] const Active& active() const { return applier_->active(); }
    [[nodiscard]] const Store& store() const { return store_; }
    /// The text of the active ruleset as it was submitted.
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] std::int64_t since() const { return since_; }
    [[nodiscard]] bool adopted() const { return adopted_; }
    /// Hooks that should be attached: of the interfaces that the ruleset names or whose names match
    /// its patterns, and by hand.
    [[nodiscard]] std::set<Hook> wanted() const;
    /// Names may be patterns: "*" is every interface.
    [[nodiscard]] const std::set<Hook>& detached_by_hand() const { return detached_by_hand_; }
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
    [[nodiscard]] const InForce& in_force() const { return in_force_; }
    /// What is in force and would not survive a reboot, in words. It is tried again by tick().
    [[nodiscard]] std::vector<std::string> unsaved() const;
    /// Sets whose list could neither be read nor was saved.
    [[nodiscard]] const std::set<std::string>& missing_lists() const { return missing_lists_; }

  private:
    struct Locks {
        Fd pins, state;
    };
    Gate(const GateOptions& options, Locks locks, DataPlane plane, Store store, SetStore set_store,
         std::function<void(const std::string&)> warn);

    struct Found;  ///< at the start

    Result<void> start();
    SavedState read_state();
    Found look_around(SavedState state);
    [[nodiscard]] std::uint64_t wished_generation(std::uint64_t known) const;
    Ruleset find_skeleton(const Found& found) const;
    Result<void> take(const Resort& resort, const Found& found);
    void take_first_that_works(const Found& found);
    Result<void> adopt(const Found& found);
    Result<void> hold(const Found& found);
    Result<void> bring_back(const Found& found, std::uint64_t generation);
    Result<void> renew(const Found& found);
    Result<void> start_with_config(const Found& found);
    Result<void> make_do(Ruleset ruleset, Standing standing);
    void cover_and_save();
    void compare_with_config();
    void say_what_is_over_budget();

    /// Everything up to the switch. `options`: what the gate does not know itself.
    Result<Candidate> stage(Ruleset ruleset, ApplyOptions options, std::vector<std::string>& notes);
    /// The switch, and what the gate knows of it from then on.
    ApplyReport switch_to(Candidate candidate, const std::string& text);
    Result<ApplyReport> save_and_switch(Candidate candidate, const std::string& text,
                                        GenerationDraft& draft);
    void settle(Submission& submission, const std::set<Hook>& unwanted);
    /// At the start: filtering waits for no write.
    Result<ApplyReport> switch_first(Ruleset ruleset, const std::string& text,
                                     ApplyOptions options);
    [[nodiscard]] std::string record_of(const Active& active, const std::string& text) const;
    Result<AttachChanges> follow(const std::set<Hook>& unwanted);
    /// Hooks that the command line detached while this daemon did not answer, or was not there.
    void take_marks();
    /// Nothing, or what is filtered now and would not be any more.
    Result<void> check_uncovered(const Ruleset& next, const std::set<Hook>& leaving) const;
    /// Of the hooks that should be filtered and whose interface exists; written down.
    Result<void> look_at_hooks(std::set<Hook>& filtered, std::set<Hook>& open);
    /// Attaches again what was taken away.
    void audit();
    /// The same words once.
    void tell_loss(const std::string& text);
    [[nodiscard]] bool is_detached_by_hand(const Hook& hook) const;
    [[nodiscard]] std::uint64_t next_generation() const;
    /// Writes what is not written; what cannot be is told once and tried again.
    void save();
    void refresh_own_addresses();
    class WrittenChange;
    /// The sets in force whose files do not say already what they hold.
    void save_sets();
    /// Removes what was saved of sets that the operator's new ruleset does not name.
    void forget_other_sets();
    /// The words of it; nothing when it is saved.
    std::string tell_unsaved(const Result<void>& saved);
    void retry_unsaved();
    /// Brings entries into force whose file could not be read before.
    void read_held_sets();
    /// What could be read is there.
    SetStore::Loaded load_set(const std::string& name, SetContent& into, bool& whole);
    /// False: something of them could not be read.
    bool load_sets(Active& active);
    /// What was saved of sets that are not active, or not with this type.
    std::map<std::string, SetContent> remember(const Ruleset& ruleset);
    /// What the files of the ruleset's sets list. A set whose file cannot be used keeps its last
    /// list, with a warning; without one that is an error.
    Result<void> read_files(const Ruleset& ruleset, ApplyOptions& options,
                            std::vector<std::string>& warnings);
    /// The same at the start: the last list is good enough, and without one the set is empty.
    void bring_lists_back(const Ruleset& ruleset, ApplyOptions& options);
    [[nodiscard]] std::size_t listed_before(const std::string& set,
                                            const ApplyOptions& options) const;
    std::string note_change(const std::string& set, const std::vector<EntryValue>& touched);
    void sweep_when_due();
    void give_memory_back();
    void warn(const std::string& text);

    GateOptions options_;
    Locks locks_;
    DataPlane plane_;
    Store store_;
    SetStore set_store_;
    std::function<void(const std::string&)> tell_;
    std::optional<Applier> applier_;
    std::string text_;
    std::int64_t since_ = 0;
    bool adopted_ = false;
    InForce in_force_;
    std::uint64_t plane_identity_ = 0;
    bool text_unsaved_ = false, record_unsaved_ = false;
    bool dirty_ = false;        ///< the state is not saved
    bool keep_state_ = false;   ///< state.json has something in it that could not be read
    std::string save_trouble_;  ///< why the last save() failed; empty: it did not
    std::set<std::string> missing_lists_;
    std::uint64_t trimmed_ = 0;  ///< the generation since which memory was given back
    std::chrono::steady_clock::time_point next_save_{};
    std::chrono::steady_clock::time_point next_sweep_{};
    std::chrono::steady_clock::time_point next_retry_{}, next_reading_{};
    bool told_unsaved_ = false;
    std::set<Hook> attached_by_hand_;
    std::set<Hook> detached_by_hand_;
    Coverage coverage_;
    std::set<Hook> filtered_;                              ///< when last looked at
    std::string last_loss_;                                ///< told already
    std::chrono::steady_clock::time_point next_look_{};    ///< at hooks
    std::chrono::steady_clock::time_point next_follow_{};  ///< of interfaces that come and go
    bool follow_later_ = false;
    std::vector<std::string> warnings_;  ///< of the start, until the next ruleset
};

}  // namespace yett
