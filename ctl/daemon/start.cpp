// SPDX-License-Identifier: GPL-2.0-or-later
// From what is pinned and what is saved to a working gate.
#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "bpf/marks.hpp"
#include "daemon/files.hpp"
#include "daemon/gate.hpp"
#include "daemon/self_test.hpp"
#include "json/printer.hpp"
#include "json/reader.hpp"

namespace yett {
namespace {

constexpr const char* kEmptyName = "empty";

/// The record as it was when `saved` was written, with the ruleset whose text was kept.
Active to_active(std::uint64_t generation, const Slots& slots, const Ruleset& ruleset) {
    Active active;
    active.generation = generation;
    active.ruleset = ruleset;
    active.slots = slots;
    for (const auto& [name, set] : ruleset.sets)
        active.sets.emplace(name, SetContent(set));
    return active;
}

/// Every set must have its slot, or the record is of no use.
bool is_complete(const Active& active) {
    for (const auto& [name, content] : active.sets) {
        if (active.slots.of_sets(content.type()).count(name) == 0) return false;
    }
    return true;
}

std::string first_error(const std::vector<Diagnostic>& diagnostics) {
    for (const auto& diagnostic : diagnostics) {
        if (diagnostic.severity == Severity::error) return diagnostic.message;
    }
    return "it is invalid";
}

}  // namespace

Result<std::unique_ptr<Gate>> Gate::open(const GateOptions& options,
                                         std::function<void(const std::string&)> warn) {
    auto lock = prepare_machine(options.pin_directory, warn);
    if (!lock) return lock.error();
    auto store = Store::open(options.state_directory);
    if (!store) return store.error();
    auto state_lock = only_daemon_on(options.state_directory, "--state-dir");
    if (!state_lock) return state_lock.error();
    auto set_store = SetStore::open(options.state_directory);
    if (!set_store) return set_store.error();
    auto plane = DataPlane::open({options.pin_directory, options.connections});
    if (!plane) return plane.error();
    std::unique_ptr<Gate> gate(new Gate(options, {std::move(*lock), std::move(*state_lock)},
                                        std::move(*plane), std::move(*store), std::move(*set_store),
                                        std::move(warn)));
    for (const std::string& note : gate->plane_.notes())
        gate->warn(note);
    if (auto started = gate->start(); !started) return started.error();
    return gate;
}

Result<void> Gate::start() {
    auto applier = Applier::open(plane_, options_.set_memory);
    if (!applier) return applier.error();
    applier_.emplace(std::move(*applier));
    refresh_own_addresses();
    std::error_code ignored;
    const auto state = std::filesystem::absolute(options_.state_directory, ignored);
    if (auto told = tell_state_directory(options_.pin_directory, state.string()); !told)
        warn(told.error().message);
    auto saved = store_.load_state();
    if (!saved) {
        warn(saved.error().message +
             "; entries that were added at run time are lost, rulesets are not");
        saved = std::optional<SavedState>();
    }
    if (*saved) {
        start_from(**saved);
    } else {
        std::vector<std::string> ignored;
        auto adoption = applier_->adopt({}, ignored);
        if (!adoption) return adoption.error();
        start_anew();
    }
    auto hooks = follow({});
    if (!hooks) {
        warn(hooks.error().message);
    } else {
        for (const auto& text : hooks->warnings)
            warn(text);
    }
    if (auto done = plane_.forget_other_versions(); !done) warn(done.error().message);
    save_or_warn();
    save_sets();
    return {};
}

void Gate::start_from(const SavedState& saved) {
    attached_by_hand_ = saved.attached;
    detached_by_hand_ = saved.detached;
    since_ = saved.since;
    const bool was_switched = saved.pending != 0 && saved.pending == generation_of(plane_.word());
    const auto generation = was_switched ? saved.pending : saved.generation;
    auto text = store_.load_ruleset(generation);
    Active active;
    if (text && *text) {
        const auto document = read_ruleset(**text);
        if (document.ok()) {
            active = to_active(generation, was_switched ? saved.pending_slots : saved.slots,
                               document.ruleset);
            active.engine = was_switched ? saved.pending_engine : saved.engine;
            load_sets(active);
        }
    }
    if (active.generation == 0 || !is_complete(active)) {
        warn(fmt::format("the saved ruleset of generation {} cannot be used", generation));
        active = Active{};
    }
    std::vector<std::string> notes;
    auto adoption = applier_->adopt(std::move(active), notes);
    for (const auto& note : notes)
        warn(note);
    if (adoption && *adoption == Adoption::adopted) {
        text_ = **text;
        adopted_ = true;
        implicit_ = saved.implicit;
        if (implicit_) start_with_config();
        return;
    }
    if (!adoption) warn(adoption.error().message);
    if (!bring_back(generation)) start_anew();
}

bool Gate::bring_back(std::uint64_t generation) {
    const auto text = store_.load_ruleset(generation);
    if (!text || !*text) return false;
    const auto document = read_ruleset(**text);
    const auto complain = [&](const std::string& why) {
        warn(fmt::format("generation {} cannot be brought back: {}", generation, why));
        return false;
    };
    if (!document.ok()) return complain(first_error(document.diagnostics));
    const auto notes = warnings_;
    auto report = apply(document.ruleset, **text, {.even_if_same = true});
    if (!report) return complain(report.error().message);
    if (!report->failed_tests.empty()) return complain(first_error(report->failed_tests));
    warnings_.insert(warnings_.begin(), notes.begin(), notes.end());
    return true;
}

void Gate::start_anew() {
    const auto pinned = generation_of(plane_.word());
    if (pinned != 0 && bring_back(pinned)) return;
    for (const auto& file : store_.generations()) {
        if (file.generation != pinned && bring_back(file.generation)) return;
    }
    if (start_with_config()) return;
    const auto attached = attached_hooks(plane_);
    if (pinned != 0 && attached && !attached->empty()) {
        warn(fmt::format(
            "what is pinned (generation {}) goes on, but its ruleset is not known here: "
            "apply one to take over",
            pinned));
        return;
    }
    Ruleset empty;
    empty.name = kEmptyName;
    if (auto report = apply(empty, print(empty), {.even_if_same = true}); !report) {
        warn(report.error().message);
    }
    implicit_ = true;
}

bool Gate::start_with_config() {
    auto text = read_file(options_.config, Store::kMaxRuleset);
    if (text && !*text) return false;
    const auto complain = [&](const std::string& why) {
        warn(options_.config + " was not applied: " + why);
        return false;
    };
    if (!text) return complain(text.error().message);
    auto submission = submit(**text, false);
    if (!submission) return complain(submission.error().message);
    if (!submission->valid) return complain(first_error(submission->diagnostics));
    return true;
}

}  // namespace yett
