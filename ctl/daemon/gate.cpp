// SPDX-License-Identifier: GPL-2.0-or-later
// Every operation on the data plane and its record.
#include "daemon/gate.hpp"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

#include "apply/slots.hpp"
#include "base/stopwatch.hpp"
#include "bpf/interface.hpp"
#include "bpf/marks.hpp"
#include "check/check.hpp"
#include "daemon/files.hpp"
#include "daemon/own_addresses.hpp"
#include "json/reader.hpp"
#include "observe/snapshot.hpp"

namespace yett {
namespace {

void add(const std::vector<Diagnostic>& found, std::vector<Diagnostic>& diagnostics) {
    diagnostics.insert(diagnostics.end(), found.begin(), found.end());
}

void add(std::vector<Diagnostic> found, Document& document) {
    document.source.locate(found);
    add(found, document.diagnostics);
}

/// Reads and checks. The ruleset counts only when the diagnostics are acceptable.
Document read_and_check(const std::string& text) {
    auto document = read_ruleset(text);
    if (!document.ok()) return document;
    add(check(document.ruleset), document);
    add(check_coverage(document.ruleset), document);
    return document;
}

constexpr std::chrono::seconds kPatience{2};  ///< between attempts to save

std::set<Hook> without(std::set<Hook> hooks, const std::set<Hook>& others) {
    for (const auto& hook : others)
        hooks.erase(hook);
    return hooks;
}

}  // namespace

Gate::Gate(const GateOptions& options, Locks locks, DataPlane plane, Store store,
           SetStore set_store, std::function<void(const std::string&)> warn)
    : options_(options),
      locks_(std::move(locks)),
      plane_(std::move(plane)),
      store_(std::move(store)),
      set_store_(std::move(set_store)),
      tell_(std::move(warn)) {}

Gate::~Gate() {
    if (dirty_) save();
}

void Gate::warn(const std::string& text) {
    warnings_.push_back(text);
    tell_(text);
}

std::uint64_t Gate::next_generation() const {
    auto last = std::max(active().generation, generation_of(plane_.word()));
    for (const auto& file : store_.generations())
        last = std::max(last, file.generation);
    return last + 1;
}

Result<Candidate> Gate::stage(Ruleset ruleset, ApplyOptions options,
                              std::vector<std::string>& notes) {
    if (options.generation == 0) options.generation = next_generation();
    const auto attached = attached_hooks(plane_);
    if (!attached) return attached.error();
    for (const auto& hook : *attached)
        options.attached.insert(hook.first);
    options.remembered = remember(ruleset);
    if (options.bringing_back) {
        bring_lists_back(ruleset, options);
    } else if (auto read = read_files(ruleset, options, notes); !read) {
        return read.error();
    }
    auto candidate = applier_->stage(std::move(ruleset), options);
    if (!candidate || !candidate->may_switch()) return candidate;
    if (auto done = meet_demands(plane_, candidate->next().ruleset); !done) return done.error();
    return candidate;
}

ApplyReport Gate::switch_to(Candidate candidate, const std::string& text) {
    auto report = applier_->switch_to(std::move(candidate));
    text_ = text;
    since_ = ::time(nullptr);
    dirty_ = true;
    return report;
}

Result<Submission> Gate::check_text(const std::string& text) {
    Submission out;
    auto document = read_and_check(text);
    out.valid = acceptable(document.diagnostics);
    if (out.valid) {
        add(run_tests(document.ruleset), document);
        out.valid = acceptable(document.diagnostics);
    }
    if (out.valid) {
        auto slots = allocate_slots({}, document.ruleset, {});
        if (!slots) return slots.error();
        const auto tables = compile(document.ruleset, *slots);
        if (!tables) return tables.error();
        out.report.boxes = tables->boxes.size();
    }
    out.name = document.ruleset.name;
    out.report.rules = document.ruleset.rules.size();
    out.report.sets = document.ruleset.sets.size();
    out.report.tests = document.ruleset.tests.size();
    out.diagnostics = std::move(document.diagnostics);
    return out;
}

Result<Submission> Gate::submit(const std::string& text, bool dry_run, bool force) {
    Stopwatch watch, lap;
    Submission out;
    // What was detached before this is switched on again by it.
    const HandMarks marks[] = {HandMarks(options_.pin_directory),
                               HandMarks(options_.state_directory)};
    const std::set<Mark> before[] = {marks[0].list(), marks[1].list()};
    take_marks();
    out.previous = active().generation;
    auto document = read_ruleset(text);
    out.parse = lap.lap();
    // On its way to the disk while all else is made.
    store_.try_again();
    std::optional<GenerationDraft> draft;
    if (document.ok() && !dry_run) draft.emplace(store_, next_generation(), text);
    if (document.ok()) {
        add(check(document.ruleset), document);
        add(check_coverage(document.ruleset), document);
    }
    out.check = lap.lap();
    out.diagnostics = document.diagnostics;
    if (!acceptable(out.diagnostics)) return out;

    const auto leaving =
        without(hooks_of(active().ruleset.interfaces, all_interfaces()), attached_by_hand_);
    if (!force)
        if (auto fine = check_uncovered(document.ruleset, leaving); !fine) return fine.error();
    ApplyOptions options;
    options.dry_run = dry_run;
    options.even_if_same = !in_force_.why.empty();
    std::vector<std::string> notes;
    auto candidate = stage(std::move(document.ruleset), std::move(options), notes);
    if (!candidate) return candidate.error();
    out.report = candidate->report();
    if (!out.report.failed_tests.empty()) {
        document.source.locate(out.report.failed_tests);
        add(out.report.failed_tests, out.diagnostics);
        return out;
    }
    if (candidate->may_switch()) {
        auto report = save_and_switch(std::move(*candidate), text, *draft);
        if (!report) return report.error();
        out.report = std::move(*report);
    }
    out.report.warnings.insert(out.report.warnings.begin(), notes.begin(), notes.end());
    out.microseconds = watch.lap();
    out.valid = true;
    if (dry_run) return out;
    for (std::size_t i = 0; i < std::size(marks); ++i)
        if (auto gone = marks[i].remove(before[i]); !gone) tell_(gone.error().message);
    settle(out, leaving);
    return out;
}

/// On the disk under another name before the switch, so that whatever the kernel judges by after a
/// crash can be told; one of the generations only after it, so that none is that never was in
/// force.
Result<ApplyReport> Gate::save_and_switch(Candidate candidate, const std::string& text,
                                          GenerationDraft& draft) {
    Stopwatch watch;
    auto written = draft.finish(record_of(candidate.next(), text));
    if (!written) return written.error();
    const auto saving = watch.lap();
    auto report = switch_to(std::move(candidate), text);
    report.times.save = saving;
    const auto kept = draft.keep();
    text_unsaved_ = record_unsaved_ = !kept;
    in_force_ = {Standing::wished, active().generation, active().ruleset.name, ""};
    warnings_ = report.warnings;
    return report;
}

/// After the switch: attaches and detaches, and writes down how things stand.
void Gate::settle(Submission& submission, const std::set<Hook>& unwanted) {
    missing_lists_.clear();     // all were read
    detached_by_hand_.clear();  // also when nothing changed: applying is how one switches on again
    if (auto hooks = follow(unwanted); hooks) {
        submission.hooks = std::move(*hooks);
    } else {
        submission.hooks.warnings.push_back(hooks.error().message);
    }
    dirty_ = true;
    if (submission.report.changed) {
        save_sets();
        forget_other_sets();
    }
    save();
    for (const auto& what : unsaved())
        submission.report.warnings.push_back("in force, but not saved: " + what);
    if (save_trouble_.empty()) store_.prune(active().generation);
}

Result<Submission> Gate::reload_config() {
    auto text = read_file(options_.config, Store::kMaxRuleset);
    if (!text) return text.error();
    if (!*text) return Error{ErrorKind::invalid, "there is no file " + options_.config, ""};
    return submit(**text, false);
}

void Gate::refresh_own_addresses() {
    const auto addresses = read_own_addresses();
    if (!addresses) return tell_(addresses.error().message);
    const auto left_out = write_locals(plane_, *addresses);
    if (!left_out) return tell_(left_out.error().message);
    if (*left_out > 0) {
        tell_(
            fmt::format("{} of this host's addresses found no room in the table of {}: forged "
                        "packets from them are not told apart",
                        *left_out, YETT_MAX_LOCALS));
    }
}

/// Documents, terms and tables of a large ruleset leave hundreds of megabytes with the allocator.
void Gate::give_memory_back() {
    if (std::exchange(trimmed_, active().generation) != active().generation) ::malloc_trim(0);
}

void Gate::tick() {
    if (follow_later_) interfaces_changed();
    audit();
    sweep_when_due();
    give_memory_back();
    set_store_.sync();
    read_held_sets();
    retry_unsaved();
    const auto now = std::chrono::steady_clock::now();
    const bool due = dirty_ || text_unsaved_ || record_unsaved_;
    if (!due || now < next_save_) return;
    save();
    const auto took = std::chrono::steady_clock::now() - now;
    next_save_ = now + (save_trouble_.empty() ? 10 * took : 10 * took + kPatience);
}

}  // namespace yett
