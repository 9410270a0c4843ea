// SPDX-License-Identifier: GPL-2.0-or-later
// From what is pinned and what is saved to a working gate: looks around, and takes the first resort
// that works.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "apply/attach.hpp"
#include "bpf/marks.hpp"
#include "check/check.hpp"
#include "daemon/files.hpp"
#include "daemon/gate.hpp"
#include "daemon/lockdown.hpp"
#include "daemon/self_test.hpp"
#include "json/printer.hpp"
#include "json/reader.hpp"

namespace yett {
namespace {

constexpr const char* kEmptyName = "empty";

/// The record as it was written, with the ruleset as far as it is known.
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
        if (diagnostic.severity != Severity::error) continue;
        return diagnostic.location.line == 0
                   ? diagnostic.message
                   : fmt::format("line {}: {}", diagnostic.location.line, diagnostic.message);
    }
    return "it is invalid";
}

Error invalid(const std::string& why) {
    return {ErrorKind::invalid, why, ""};
}

/// A disk or a table of descriptors may say no once.
template <typename Attempt>
auto twice(Attempt attempt) {
    auto result = attempt();
    const bool may_pass = !result && (result.error().kind == ErrorKind::kernel ||
                                      result.error().kind == ErrorKind::internal);
    return may_pass ? attempt() : result;
}

/// The text of a generation, as it was accepted: read, and held against its record.
struct Text {
    std::string text;
    Document document;
};

Result<Text> read_text(const Store& store, std::uint64_t generation,
                       const std::optional<GenerationRecord>& known = std::nullopt) {
    auto text = twice([&] { return store.load_ruleset(generation); });
    if (!text) return text.error();
    const auto path = store.path_of(generation);
    if (!*text) return invalid("there is no " + path);
    const auto record = known ? Result<GenerationRecord>(*known) : store.load_record(generation);
    if (record && record->text != checksum(**text)) return invalid(path + " is damaged");
    Text out{**text, read_ruleset(**text)};
    if (out.document.ok()) return out;
    return invalid(fmt::format("{}: {}", path, first_error(out.document.diagnostics)));
}

std::string describe(const Resort& resort, const std::string& config) {
    switch (resort.kind) {
        case ResortKind::adopt:
            return fmt::format("adopting the pinned generation {}", resort.generation);
        case ResortKind::hold:
            return fmt::format("going on with the pinned generation {}", resort.generation);
        case ResortKind::bring_back:
            return fmt::format("bringing back generation {}", resort.generation);
        case ResortKind::config:
            return "applying " + config;
        case ResortKind::lockdown:
            return "locking down";
        case ResortKind::leave:
            return "leaving what is pinned";
        case ResortKind::empty:
            return "starting without rules";
    }
    return "";
}

}  // namespace

/// What there is at the start.
struct Gate::Found {
    Inventory there;
    std::uint64_t state_generation = 0;  ///< the one that the slots of interfaces belong to
    std::map<std::string, std::uint16_t> interfaces;
    std::vector<std::string> covered, held;  ///< when the state was written
    std::optional<GenerationRecord> record;  ///< of the pinned generation and these very tables
    std::optional<Text> pinned;              ///< its text
    std::string why_not;                     ///< what is wrong with either
    Ruleset skeleton;                        ///< of what was covered
};

Result<std::unique_ptr<Gate>> Gate::open(const GateOptions& options,
                                         std::function<void(const std::string&)> warn) {
    auto lock = prepare_machine(options.pin_directory, warn);
    if (!lock) return lock.error();
    std::vector<std::string> open;
    for (const char* below : {"", "/generations", "/sets"})
        if (is_open_directory(options.state_directory + below))
            open.push_back(options.state_directory + below);
    auto store = Store::open(options.state_directory);
    auto state_lock = only_daemon_on(options.state_directory, "--state-dir");
    if (!state_lock) {
        // Another daemon's; where there is no directory to lock, nothing is saved and that is told.
        if (state_lock.error().kind == ErrorKind::conflict) return state_lock.error();
        state_lock = Fd();
    }
    auto plane = DataPlane::open({options.pin_directory, options.connections});
    if (!plane) return plane.error();
    std::unique_ptr<Gate> gate(new Gate(options, {std::move(*lock), std::move(*state_lock)},
                                        std::move(*plane), std::move(store),
                                        SetStore::at(options.state_directory), std::move(warn)));
    for (const std::string& note : gate->plane_.notes())
        gate->warn(note);
    for (const std::string& path : open)
        gate->warn(path +
                   " could be written by others than root; it is root's alone again, and what it "
                   "says is in force: make sure that it is yours");
    if (auto started = gate->start(); !started) return started.error();
    return gate;
}

Result<void> Gate::start() {
    auto applier = Applier::open(plane_, options_.set_memory);
    if (!applier) return applier.error();
    applier_.emplace(std::move(*applier));
    const auto identity = identity_of(plane_);
    if (!identity) return identity.error();
    plane_identity_ = *identity;
    refresh_own_addresses();
    std::error_code ignored;
    const auto state = std::filesystem::absolute(options_.state_directory, ignored);
    if (auto told = tell_state_directory(options_.pin_directory, state.string()); !told)
        warn(told.error().message);
    if (const auto& trouble = store_.trouble())
        warn(trouble->message + ": nothing is read of the state directory, and nothing saved");
    store_.settle_drafts(generation_of(plane_.word()));
    const auto found = look_around(read_state());
    take_first_that_works(found);
    for (const auto& name : found.held)
        set_store_.hold(name, "what was saved of it could not be read before");
    cover_and_save();
    compare_with_config();
    say_what_is_over_budget();
    return {};
}

SavedState Gate::read_state() {
    const auto read = twice([&] { return store_.load_state(); });
    keep_state_ = !read || (*read && !(*read)->whole);
    if (!read) {
        if (!store_.trouble()) warn(read.error().message);
        keep_state_ = !store_.trouble();
        return {};
    }
    if (!*read) {
        if (!store_.generations().empty())
            warn(store_.state_path() +
                 " is gone: what was attached or detached by hand is not known any more");
        return {};
    }
    if (!(*read)->whole)
        warn(store_.state_path() +
             " cannot be read whole: what was attached or detached by hand may not be as it was");
    return **read;
}

Gate::Found Gate::look_around(SavedState state) {
    Found found;
    auto& there = found.there;
    attached_by_hand_ = state.attached;
    detached_by_hand_ = state.detached;
    since_ = state.since;
    for (const auto& file : store_.generations())
        there.generations.push_back(file.generation);
    there.wished = wished_generation(state.wished);
    in_force_.wished = there.wished;
    there.pinned = generation_of(plane_.word());
    const auto attached = attached_hooks(plane_);
    there.judging = there.pinned != 0 && !(attached && attached->empty());
    if (there.pinned != 0) {
        if (state.generation == there.pinned) there.pinned_as = state.standing;
        auto record = twice([&] { return store_.load_record(there.pinned); });
        if (!record) {
            found.why_not = record.error().message;
        } else if (record->plane == plane_identity_) {
            found.record = std::move(*record);
        }
        auto text = read_text(store_, there.pinned, found.record);
        if (text) {
            found.pinned = std::move(*text);
        } else {
            found.why_not = text.error().message;
        }
    }
    there.record = found.record.has_value();
    there.text = found.pinned.has_value();
    if (there.text && !there.record) {
        auto active = to_active(there.pinned, {}, found.pinned->document.ruleset);
        there.sets = load_sets(active);
    }
    found.state_generation = state.generation;
    found.interfaces = std::move(state.interfaces);
    found.covered = std::move(state.covered);
    if (found.covered.empty() && attached) {  // by programs of which nothing else is left
        std::set<std::string> names;
        for (const auto& [interface, direction] : *attached)
            names.insert(interface);
        found.covered.assign(names.begin(), names.end());
    }
    found.held = std::move(state.held);
    there.config = ::access(options_.config.c_str(), F_OK) == 0;
    found.skeleton = find_skeleton(found);
    in_force_.wished_name = there.wished == 0 ? "" : found.skeleton.name;
    const bool by_hand = there.wished != 0 && !attached_by_hand_.empty();
    there.covered = !found.skeleton.interfaces.empty() || by_hand;
    return found;
}

/// The newest text may be of a generation that the state does not know yet. Then it has a record,
/// which was written before the switch; a text without one was put there by somebody.
std::uint64_t Gate::wished_generation(std::uint64_t known) const {
    for (const auto& file : store_.generations()) {
        if (file.generation <= known) break;
        if (known == 0 || store_.load_record(file.generation)) return file.generation;
    }
    return known;
}

/// Of the wished generation, else of one before it, else of the config file.
Ruleset Gate::find_skeleton(const Found& found) const {
    const auto& there = found.there;
    auto generations = there.generations;
    generations.insert(generations.begin(), there.wished);
    for (const auto generation : generations) {
        if (generation == 0) continue;
        const bool is_pinned = found.record && generation == there.pinned;
        const auto record =
            is_pinned ? Result<GenerationRecord>(*found.record) : store_.load_record(generation);
        if (record) {
            const auto document = read_ruleset(record->skeleton);
            if (document.ok()) return document.ruleset;
        }
        const auto text = store_.load_ruleset(generation);
        if (!text || !*text) continue;
        const auto document = read_ruleset(**text);
        auto skeleton = document.ok() ? skeleton_of(document.ruleset) : salvage(**text);
        if (document.ok() || !skeleton.interfaces.empty()) return skeleton;
    }
    const auto config = read_file(options_.config, Store::kMaxRuleset);
    auto skeleton = config && *config ? salvage(**config) : Ruleset{};
    if (skeleton.interfaces.empty()) skeleton.interfaces = found.covered;
    return skeleton;
}

void Gate::take_first_that_works(const Found& found) {
    for (const auto& resort : order_of_resorts(found.there)) {
        const auto taken = twice([&] { return take(resort, found); });
        if (taken) break;
        const auto why =
            fmt::format("{} failed: {}", describe(resort, options_.config), taken.error().message);
        warn(why);
        if (in_force_.why.empty()) in_force_.why = why;
    }
    auto& now = in_force_;
    const bool nothing_was_wished =
        now.standing == Standing::empty && now.wished == 0 && !found.there.config;
    if (nothing_was_wished && options_.config_is_named) {
        now.why = "there is no file " + options_.config;
        return warn(now.why + ": nothing is filtered");
    }
    if (now.standing == Standing::wished || nothing_was_wished) return now.why.clear();
    if (now.why.empty()) now.why = found.why_not.empty() ? "it is not known here" : found.why_not;
    warn(fmt::format("not what was wished is in force, but: {}", standing_name(now.standing)));
}

Result<void> Gate::take(const Resort& resort, const Found& found) {
    switch (resort.kind) {
        case ResortKind::adopt:
            return adopt(found);
        case ResortKind::hold:
            return hold(found);
        case ResortKind::bring_back:
            return bring_back(found, resort.generation);
        case ResortKind::config:
            return start_with_config(found);
        case ResortKind::lockdown:
            return make_do(lockdown_of(found.skeleton), Standing::lockdown);
        case ResortKind::leave: {
            std::vector<std::string> ignored;
            const auto adoption = applier_->adopt({}, ignored);
            in_force_.standing = Standing::unknown;
            return adoption ? Result<void>() : adoption.error();
        }
        case ResortKind::empty:
            break;
    }
    Ruleset empty;
    empty.name = kEmptyName;
    return make_do(std::move(empty), Standing::empty);
}

Result<void> Gate::adopt(const Found& found) {
    const auto generation = found.there.pinned;
    const auto& ruleset = found.pinned->document.ruleset;
    Active active = to_active(generation, found.record->slots, ruleset);
    if (found.state_generation == generation) active.slots.interfaces = found.interfaces;
    active.engine = found.record->engine;
    if (!is_complete(active)) return invalid("its record does not know all of its sets");
    load_sets(active);
    std::vector<std::string> notes;
    const auto adoption = applier_->adopt(std::move(active), notes);
    if (!adoption) return adoption.error();
    for (const auto& note : notes)
        warn(note);
    if (*adoption == Adoption::unknown) return invalid("the kernel judges by something else");
    text_ = found.pinned->text;
    adopted_ = true;
    const bool is_wish = generation == found.there.wished;
    in_force_.standing = is_wish ? Standing::wished : Standing::predecessor;
    if (is_wish) in_force_.wished_name = ruleset.name;
    if (*adoption == Adoption::adopted || !is_wish) return {};
    if (auto renewed = renew(found); !renewed)
        warn("the tables of another build of yettd go on: " + renewed.error().message);
    return {};
}

/// The same text as the next generation; its tables go on judging meanwhile, so there is time to
/// write first. Where that fails, nothing waits for it.
Result<void> Gate::renew(const Found& found) {
    ApplyOptions options;
    options.bringing_back = options.even_if_same = true;
    std::vector<std::string> notes;
    auto candidate = stage(found.pinned->document.ruleset, std::move(options), notes);
    if (!candidate) return candidate.error();
    GenerationDraft draft(store_, candidate->next().generation, found.pinned->text);
    const auto written = draft.finish(record_of(candidate->next(), found.pinned->text));
    switch_to(std::move(*candidate), found.pinned->text);
    adopted_ = false;
    text_unsaved_ = record_unsaved_ = !written || !draft.keep();
    in_force_.wished = active().generation;
    return {};
}

Result<void> Gate::hold(const Found& found) {
    const auto document = read_ruleset(found.record->skeleton);
    if (!document.ok()) return invalid(first_error(document.diagnostics));
    Active known = to_active(found.there.pinned, found.record->slots, document.ruleset);
    if (found.state_generation == known.generation) known.slots.interfaces = found.interfaces;
    known.engine = found.record->engine;
    if (!is_complete(known)) return invalid("its record does not know all of its sets");
    load_sets(known);
    std::vector<std::string> ignored;  // entries of the ruleset itself, which are not known
    if (auto held = applier_->hold(std::move(known), ignored); !held) return held;
    text_.clear();
    adopted_ = true;
    in_force_.standing = Standing::held;
    return {};
}

Result<ApplyReport> Gate::switch_first(Ruleset ruleset, const std::string& text,
                                       ApplyOptions options) {
    std::vector<std::string> ignored;
    const auto adoption = applier_->adopt({}, ignored);  // nothing that is pinned is written over
    if (!adoption) return adoption.error();
    options.even_if_same = true;
    auto candidate = stage(std::move(ruleset), std::move(options), ignored);
    if (!candidate) return candidate.error();
    for (const auto& note : ignored)
        warn(note);
    if (!candidate->may_switch()) return candidate->report();
    auto report = switch_to(std::move(*candidate), text);
    for (const auto& text : report.warnings)
        warn(text);
    return report;
}

/// Under its own number where no kernel has judged by any since the boot: nothing is written anew
/// then but its record.
Result<void> Gate::bring_back(const Found& found, std::uint64_t generation) {
    const auto text = read_text(store_, generation);
    if (!text) return text.error();
    const bool is_wish = generation == found.there.wished;
    ApplyOptions options;
    options.bringing_back = true;
    options.generation = plane_.word() == 0 ? generation : next_generation();
    const bool is_renamed = options.generation != generation;
    const auto report = switch_first(text->document.ruleset, text->text, std::move(options));
    if (!report) return report.error();
    in_force_.standing = is_wish ? Standing::wished : Standing::predecessor;
    // A predecessor under another number is nobody's wish: the next start looks for better.
    text_unsaved_ = is_wish && is_renamed;
    record_unsaved_ = is_wish || !is_renamed;
    if (!is_wish) return {};
    in_force_.wished = active().generation;
    in_force_.wished_name = active().ruleset.name;
    return {};
}

Result<void> Gate::start_with_config(const Found&) {
    const auto text = twice([&] { return read_file(options_.config, Store::kMaxRuleset); });
    if (!text) return text.error();
    if (!*text) return invalid("there is no such file");
    auto document = read_ruleset(**text);
    if (document.ok()) {
        auto remarks = check(document.ruleset);
        document.source.locate(remarks);
        document.diagnostics.insert(document.diagnostics.end(), remarks.begin(), remarks.end());
    }
    if (!acceptable(document.diagnostics)) return invalid(first_error(document.diagnostics));
    ApplyOptions options;
    options.bringing_back = true;
    const auto report = switch_first(document.ruleset, **text, std::move(options));
    if (!report) return report.error();
    const bool is_first = in_force_.wished == 0;
    text_unsaved_ = record_unsaved_ = is_first;
    in_force_.standing = is_first ? Standing::wished : Standing::config;
    for (const auto& failed : run_tests(document.ruleset))
        warn(fmt::format("{}: {}", options_.config, failed.message));
    if (!is_first) return {};
    in_force_.wished = active().generation;
    in_force_.wished_name = active().ruleset.name;
    return {};
}

/// Nobody's wish: of no generation that could be rolled back to.
Result<void> Gate::make_do(Ruleset ruleset, Standing standing) {
    ApplyOptions options;
    options.bringing_back = true;
    const auto text = print(ruleset);
    const auto report = switch_first(std::move(ruleset), text, std::move(options));
    if (!report) return report.error();
    text_unsaved_ = record_unsaved_ = false;
    in_force_.standing = standing;
    return {};
}

/// Packets first, then the disk.
void Gate::cover_and_save() {
    if (const auto hooks = follow({}); !hooks) {
        warn(hooks.error().message);
    } else {
        for (const auto& text : hooks->warnings)
            warn(text);
    }
    if (auto done = plane_.forget_other_versions(); !done) warn(done.error().message);
    dirty_ = true;
    save();
    save_sets();
}

void Gate::compare_with_config() {
    if (in_force_.standing != Standing::wished || in_force_.wished == 0) return;
    const auto text = read_file(options_.config, Store::kMaxRuleset);
    if (!text) return warn(text.error().message);
    if (!*text || **text == text_) return;
    const auto document = read_ruleset(**text);
    if (!document.ok())
        return warn(fmt::format("{} is invalid, and generation {} is in force: {}", options_.config,
                                active().generation, first_error(document.diagnostics)));
    if (document.ruleset == active().ruleset) return;
    warn(
        fmt::format("{} differs from what is in force, generation {} ({}): to apply it: yett "
                    "apply {}",
                    options_.config, active().generation, active().ruleset.name, options_.config));
}

}  // namespace yett
