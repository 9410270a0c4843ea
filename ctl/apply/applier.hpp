// SPDX-License-Identifier: GPL-2.0-or-later
// Brings a ruleset into the kernel beside the running one, tries it there, and switches.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "apply/banks.hpp"
#include "apply/set_content.hpp"
#include "apply/set_tables.hpp"
#include "base/diagnostic.hpp"
#include "base/result.hpp"
#include "bpf/data_plane.hpp"
#include "compile/compile.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// What packets are judged by, as the daemon knows it.
struct Active {
    std::uint64_t generation = 0;  ///< 0: no ruleset was ever applied
    Ruleset ruleset;
    Slots slots;
    std::map<std::string, SetContent> sets;
    std::vector<std::string> rule_names;  ///< by rule index
    std::size_t boxes = 0;
    EngineDigest engine;  ///< of the image that packets are judged by
    /// For adopt(): sets of which a change was written down whole and may be in the tables by half.
    std::set<std::string> unfinished;
};

/// Told every entry that a change of a set is about to touch, as it will be, when all is checked
/// and nothing is written yet.
using BeforeWrite = std::function<void(const EntryLines&)>;

struct ApplyOptions {
    std::uint64_t generation = 0;  ///< of the new tables; above every earlier one
    bool dry_run = false;          ///< everything but the switch
    bool even_if_same = false;     ///< switches also when the content is what is active
    /// It was accepted once: its tests, what its sets may hold and the memory that they may take
    /// are no questions any more.
    bool bringing_back = false;
    std::set<std::string>
        attached;  ///< interfaces that keep their slots whatever the ruleset names
    /// What the files of sets list, in order and each once; a set that is not here keeps what it
    /// had of its file.
    std::map<std::string, std::vector<EntryValue>> files;
    /// What sets that are not active held when they last were.
    std::map<std::string, SetContent> remembered;
};

/// Where the time of an apply() went, in microseconds.
struct ApplyTimes {
    std::uint64_t compile = 0;  ///< slots and tables
    std::uint64_t stage = 0;    ///< counters, sets and the bank into the kernel, and read back
    std::uint64_t tests = 0;    ///< the ruleset's own packets
    std::uint64_t save = 0;     ///< the caller's, between staging and the switch
    std::uint64_t settle =
        0;  ///< after the switch: the last packet of the old generation, its slots
};

struct ApplyReport {
    bool changed = false;
    bool patched = false;          ///< the tables were changed where the rules had, not built anew
    std::uint64_t generation = 0;  ///< active now
    std::size_t rules = 0, sets = 0, boxes = 0, tests = 0;
    std::vector<Diagnostic> failed_tests;  ///< not empty: nothing has changed
    std::vector<std::string> warnings;     ///< slow tables, and what went wrong after the switch
    ApplyTimes times;
};

enum class Adoption {
    adopted,   ///< the kernel judges by exactly what was saved
    outdated,  ///< by that generation, but its tables differ: apply it anew, counters stay
    unknown,   ///< by something else, or nothing: apply anew; entries added at run time are carried
               ///< over
};

class Applier;

/// A generation beside the active one: staged, read back, and tried on its own packets. Dropped
/// without a switch, it is taken back, and everything is as it was.
class Candidate {
  public:
    Candidate(Candidate&&) noexcept;
    Candidate& operator=(Candidate&&) = delete;
    ~Candidate();

    /// False: the same is active already, a test fails, or it was a dry run.
    [[nodiscard]] bool may_switch() const { return may_switch_; }
    [[nodiscard]] const Active& next() const { return next_; }
    [[nodiscard]] const ApplyReport& report() const { return report_; }

  private:
    friend class Applier;
    explicit Candidate(Applier& applier) : applier_(&applier) {}

    Applier* applier_;
    bool staged_ = false;  ///< something of it is in the kernel
    bool may_switch_ = false;
    Active next_;                 ///< without the sets in `kept_`
    std::set<std::string> kept_;  ///< sets that stay as they are: nothing of them is copied
    Tables tables_;
    bool patched_ = false;  ///< the active tables, changed where the rules differ
    Slots fresh_;           ///< names whose slots are new
    std::uint64_t word_ = 0;
    ApplyReport report_;
};

/// Owns the record of what is active. The only writer of the tables and sets. Dropping it changes
/// nothing in the kernel.
class Applier {
  public:
    /// The plane must outlive it. Tables of sets may take so many octets.
    static Result<Applier> open(DataPlane& plane, std::uint64_t set_memory = kDefaultSetMemory);

    [[nodiscard]] const Active& active() const { return active_; }

    /// Finds out what the kernel is judging by, at the start; `saved` is what the daemon wrote down
    /// last. Entries of sets are taken from the kernel where the record differs, and leftovers in
    /// slots that nobody uses are removed; no packet is judged otherwise than before.
    Result<Adoption> adopt(Active saved, std::vector<std::string>& warnings);
    /// Goes on with what is pinned, though its rules are not known: `known` has its generation, its
    /// slots, and its sets. These live on as usual; the next ruleset takes over.
    Result<void> hold(Active known, std::vector<std::string>& warnings);

    /// Compile, stage beside, read back, run the ruleset's tests.
    Result<Candidate> stage(Ruleset ruleset, const ApplyOptions& options);
    /// The one store that switches. Then waits for the last packet of the old generation, and frees
    /// the old slots. For a candidate that may switch.
    ApplyReport switch_to(Candidate candidate);
    /// Both.
    Result<ApplyReport> apply(Ruleset ruleset, const ApplyOptions& options);

    /// Changes entries of a live set. All or nothing: refused (kind kernel) when the set or the
    /// tables would be too full. Additions are seen before removals. Normalizes the edit.
    Result<EditResult> edit(const std::string& set, SetEdit& edit,
                            const BeforeWrite& before_write = {});
    /// The file of a live set lists this now, in order and each once. As edit().
    Result<EditResult> reload(const std::string& set, const std::vector<EntryValue>& listed,
                              const BeforeWrite& before_write = {});
    /// Removes entries whose time is over. Returns what went.
    Result<std::map<std::string, std::vector<EntryValue>>> expire(std::uint64_t now);
    /// For quiet moments.
    void maintain();
    [[nodiscard]] SetUsage set_usage() const { return tables_.usage(); }

    /// Gives an interface a slot and tells the data plane. Needed before it can be attached.
    Result<void> register_interface(const std::string& name);
    /// Tells the data plane about interfaces that came or changed their index.
    Result<void> refresh_interfaces();

  private:
    friend class Candidate;

    Applier(DataPlane& plane, Banks banks, SetTables tables)
        : plane_(&plane), banks_(std::move(banks)), tables_(std::move(tables)) {}

    /// All but the ruleset itself.
    Result<Candidate> prepare(const Ruleset& ruleset, const ApplyOptions& options);
    Result<void> write_candidate(const Candidate& candidate, bool bringing_back);
    Result<void> stage_sets(const Candidate& candidate);
    /// Frees what stage() took. Best effort: what stays is found at the next start.
    void unstage(const Candidate& candidate);
    Result<void> try_tests(Candidate& candidate);
    Result<std::vector<Diagnostic>> try_by_file(const Candidate& candidate,
                                                const std::set<std::string>& differing);
    Result<void> fill(const std::string& name, const Set& set, const Slots& slots);
    void empty_slots(const Slots& slots);
    void free_old_slots(const Active& old, std::vector<std::string>& warnings);
    [[nodiscard]] const SetContent& content_of(const Candidate& candidate,
                                               const std::string& name) const;
    Result<void> zero_counters(const Slots& fresh) const;
    Result<void> register_slots(const std::map<std::string, std::uint16_t>& slots) const;
    Result<SetContent*> find_content(const std::string& name);
    Result<void> check_edit(const std::string& name, const SetContent& content,
                            const SetEdit& edit) const;
    /// Room in the tables for what is added.
    Result<void> make_room(const SetContent& content, const SetEdit& edit);
    /// Tells the tables what a change of members means. Undoes what it did when it fails.
    Result<void> write_changes(const SetContent& content, std::uint16_t slot, const SetEdit& edit);
    void take_back(const SetContent& content, std::uint16_t slot, const SetEdit& edit,
                   std::size_t written);
    Result<void> write_slot(const SetContent& content, std::uint16_t slot);
    /// A set of ports or of interfaces, which is written as a whole.
    Result<void> write_bits(const std::string& name, const SetContent& content) const;
    /// All sets of interfaces of a generation, for interfaces in these slots.
    Result<void> write_interface_sets(const Active& of,
                                      const std::map<std::string, std::uint16_t>& interfaces) const;
    /// Marks every slot that holds something as used, so that the next apply() touches none of it
    /// before its switch.
    Result<void> adopt_unknown(Active saved);
    /// Sets of bits are written as the record has them, where that is all known.
    Result<void> reconcile_sets(std::vector<std::string>& warnings, bool write_record);
    /// Makes the tables hold what the record of a set says.
    Result<void> finish_change(const SetContent& content, std::uint16_t slot,
                               const std::vector<std::pair<EntryValue, std::uint64_t>>& in_kernel);

    DataPlane* plane_;
    Banks banks_;
    SetTables tables_;
    Active active_;
    std::optional<Tables> tables_of_active_;  ///< what the next change can start from
    bool settled_ = false;                    ///< no packet can be in the inactive bank any more
};

}  // namespace yett
