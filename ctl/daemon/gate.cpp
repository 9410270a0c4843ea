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

void add(std::vector<Diagnostic> found, Document& document) {
    document.source.locate(found);
    document.diagnostics.insert(document.diagnostics.end(), found.begin(), found.end());
}

/// Reads and checks. The ruleset counts only when the diagnostics are acceptable.
Document read_and_check(const std::string& text) {
    auto document = read_ruleset(text);
    if (!document.ok()) return document;
    add(check(document.ruleset), document);
    add(check_coverage(document.ruleset), document);
    return document;
}

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
    if (dirty_) save_or_warn();
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

Result<void> Gate::save(const Active* pending) {
    SavedState state;
    state.generation = active().generation;
    state.implicit = implicit_;
    state.since = since_;
    state.attached = attached_by_hand_;
    state.detached = detached_by_hand_;
    state.engine = active().engine;
    if (pending != nullptr) {
        state.pending = pending->generation;
        state.pending_engine = pending->engine;
    }
    const Slots& next = pending != nullptr ? pending->slots : state.pending_slots;
    if (auto done = store_.save_state(state, active().slots, next); !done) return done;
    dirty_ = false;
    return {};
}

void Gate::save_or_warn() {
    if (auto done = save(nullptr); !done) tell_(done.error().message);
}

Result<ApplyReport> Gate::apply(Ruleset ruleset, const std::string& text, ApplyOptions options,
                                std::optional<RulesetDraft> draft) {
    options.generation = next_generation();
    const auto attached = attached_hooks(plane_);
    if (!attached) return attached.error();
    for (const auto& hook : *attached)
        options.attached.insert(hook.first);
    if (!options.dry_run && !draft) draft.emplace(store_, options.generation, text);
    // Kept before the switch, so that whatever the kernel judges by after a crash can be told.
    options.before_switch = [&](const Active& next) -> Result<void> {
        if (auto done = meet_demands(plane_, next.ruleset); !done) return done;
        if (auto done = draft->keep(); !done) return done;
        return save(&next);
    };
    std::vector<std::string> notes;
    auto files = read_files(ruleset, notes);
    if (!files) return files.error();
    options.files = std::move(*files);
    auto report = applier_->apply(std::move(ruleset), options);
    if (report) report->warnings.insert(report->warnings.begin(), notes.begin(), notes.end());
    if (!report || !report->changed) return report;
    text_ = text;
    since_ = ::time(nullptr);
    implicit_ = false;
    warnings_ = report->warnings;
    save_sets();
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
    Stopwatch watch, stage;
    Submission out;
    // What was detached before this is switched on again by it.
    const HandMarks marks[] = {HandMarks(options_.pin_directory),
                               HandMarks(options_.state_directory)};
    const std::set<Mark> before[] = {marks[0].list(), marks[1].list()};
    take_marks();
    out.previous = active().generation;
    auto document = read_ruleset(text);
    out.parse = stage.lap();
    // On its way to the disk while all else is made.
    std::optional<RulesetDraft> draft;
    if (document.ok() && !dry_run) draft.emplace(store_, next_generation(), text);
    if (document.ok()) {
        add(check(document.ruleset), document);
        add(check_coverage(document.ruleset), document);
    }
    out.check = stage.lap();
    out.diagnostics = document.diagnostics;
    if (!acceptable(out.diagnostics)) return out;

    const auto leaving =
        without(hooks_of(active().ruleset.interfaces, all_interfaces()), attached_by_hand_);
    if (!force)
        if (auto fine = check_uncovered(document.ruleset, leaving); !fine) return fine.error();
    ApplyOptions options;
    options.dry_run = dry_run;
    auto report = apply(std::move(document.ruleset), text, std::move(options), std::move(draft));
    if (!report) return report.error();
    out.report = std::move(*report);
    out.microseconds = watch.lap();
    if (!out.report.failed_tests.empty()) {
        document.source.locate(out.report.failed_tests);
        out.diagnostics.insert(out.diagnostics.end(), out.report.failed_tests.begin(),
                               out.report.failed_tests.end());
        return out;
    }
    out.valid = true;
    if (dry_run) return out;
    detached_by_hand_.clear();  // also when nothing changed: applying is how one switches on again
    for (std::size_t i = 0; i < std::size(marks); ++i)
        if (auto gone = marks[i].remove(before[i]); !gone) tell_(gone.error().message);
    if (auto hooks = follow(leaving); hooks) {
        out.hooks = std::move(*hooks);
    } else {
        out.hooks.warnings.push_back(hooks.error().message);
    }
    save_or_warn();
    store_.prune(active().generation);
    return out;
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
    const auto now = std::chrono::steady_clock::now();
    if (!dirty_ || now < next_save_) return;
    save_or_warn();
    next_save_ = now + 10 * (std::chrono::steady_clock::now() - now);
}

}  // namespace yett
