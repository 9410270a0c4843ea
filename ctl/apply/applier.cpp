// SPDX-License-Identifier: GPL-2.0-or-later
// Stage, verify, switch, clean up.
#include "apply/applier.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apply/candidate_tests.hpp"
#include "apply/counters.hpp"
#include "apply/interface_tables.hpp"
#include "apply/interfaces.hpp"
#include "apply/port_tables.hpp"
#include "apply/slots.hpp"
#include "base/stopwatch.hpp"
#include "bpf/interface.hpp"

namespace yett {
namespace {

template <typename Table>
Table not_in(const Table& names, const Table& others) {
    Table out;
    for (const auto& [name, slot] : names) {
        const auto other = others.find(name);
        if (other == others.end() || other->second != slot) out.emplace(name, slot);
    }
    return out;
}

Slots not_in(const Slots& slots, const Slots& others) {
    return {not_in(slots.counters, others.counters), not_in(slots.interfaces, others.interfaces),
            not_in(slots.address_sets, others.address_sets),
            not_in(slots.port_sets, others.port_sets),
            not_in(slots.interface_sets, others.interface_sets)};
}

/// What the file lists now, or else listed when it was last read.
void take_file(SetContent& content, const SetContent* before,
               const std::vector<EntryValue>* listed) {
    if (listed != nullptr) return content.set_file(*listed);
    if (before == nullptr) return;
    std::vector<EntryValue> last;
    before->for_each([&](const EntryValue& value, const Entry& entry) {
        if (entry.from_file) last.push_back(value);
    });
    std::sort(last.begin(), last.end());
    content.set_file(last);
}

Result<std::map<std::string, SetContent>> next_contents(const Ruleset& ruleset,
                                                        const Active& active,
                                                        const ApplyOptions& options) {
    std::map<std::string, SetContent> out;
    for (const auto& [name, set] : ruleset.sets) {
        SetContent content(set);
        const auto found = active.sets.find(name);
        const bool same_type = found != active.sets.end() && found->second.type() == set.type;
        const auto* before = same_type ? &found->second : nullptr;
        const auto listed = options.files.find(name);
        if (!set.file.empty())
            take_file(content, before, listed != options.files.end() ? &listed->second : nullptr);
        if (before != nullptr) content.carry_over(*before);
        if (set.max_entries && content.size() > *set.max_entries) {
            return Error{ErrorKind::kernel,
                         fmt::format("the set {} would hold {} entries with those added at run "
                                     "time, and its max_entries is {}",
                                     name, content.size(), *set.max_entries),
                         "raise max_entries, or delete entries first"};
        }
        out.emplace(name, std::move(content));
    }
    return out;
}

bool anything_removed(const Active& active) {
    return std::any_of(active.sets.begin(), active.sets.end(),
                       [](const auto& set) { return set.second.removed() > 0; });
}

/// What the files list is what they listed.
bool same_files(const Active& active, const ApplyOptions& options) {
    for (const auto& [name, listed] : options.files) {
        const auto set = active.sets.find(name);
        if (set == active.sets.end()) return false;
        std::size_t known = 0;
        set->second.for_each(
            [&](const EntryValue&, const Entry& entry) { known += entry.from_file; });
        const bool same = known == listed.size() &&
                          std::all_of(listed.begin(), listed.end(), [&](const EntryValue& value) {
                              return set->second.find(value).from_file;
                          });
        if (!same) return false;
    }
    return true;
}

/// Interfaces that a pattern matched and that are gone: containers come under new names for ever.
void forget_gone_names(Slots& slots, const Ruleset& ruleset) {
    std::set<std::string> needed;
    for (auto& name : interface_names(ruleset))
        needed.insert(std::move(name));
    for (const auto& interface : all_interfaces())
        needed.insert(interface.name);
    std::erase_if(slots.interfaces,
                  [&](const auto& entry) { return needed.count(entry.first) == 0; });
}

ApplyReport report_of(const Active& active, bool changed) {
    ApplyReport report;
    report.changed = changed;
    report.generation = active.generation;
    report.rules = active.ruleset.rules.size();
    report.sets = active.ruleset.sets.size();
    report.boxes = active.boxes;
    report.tests = active.ruleset.tests.size();
    return report;
}

}  // namespace

Result<Applier> Applier::open(DataPlane& plane, std::uint64_t set_memory) {
    auto banks = Banks::open(plane);
    if (!banks) return banks.error();
    auto tables = SetTables::open(plane, set_memory);
    if (!tables) return tables.error();
    return Applier(plane, std::move(*banks), std::move(*tables));
}

Result<Applier::Candidate> Applier::prepare(const Ruleset& ruleset,
                                            const ApplyOptions& options) const {
    auto contents = next_contents(ruleset, active_, options);
    if (!contents) return contents.error();
    Kept kept;
    kept.interfaces = options.attached;
    for (const auto& [name, content] : *contents) {
        const auto before = active_.sets.find(name);
        if (before != active_.sets.end() && before->second.same_members(content)) {
            kept.sets.insert(name);
        }
    }
    auto slots = allocate_slots(active_.slots, ruleset, kept);
    if (!slots) return slots.error();
    Candidate candidate;
    auto patched =
        tables_of_active_
            ? recompile(*tables_of_active_, {active_.ruleset, active_.slots}, {ruleset, *slots})
            : std::nullopt;
    candidate.patched = patched.has_value();
    if (patched) {
        candidate.tables = std::move(*patched);
    } else {
        auto tables = compile(ruleset, *slots);
        if (!tables) return tables.error();
        candidate.tables = std::move(*tables);
    }
    candidate.next.generation = options.generation;
    candidate.next.slots = std::move(*slots);
    candidate.next.sets = std::move(*contents);
    candidate.next.rule_names = candidate.tables.rule_names;
    candidate.next.boxes = candidate.tables.boxes.size();
    candidate.next.engine = digest_of(candidate.tables.ruleset, candidate.tables.engine);
    candidate.fresh = not_in(candidate.next.slots, active_.slots);
    candidate.word = to_word(options.generation, (bank_of(plane_->word()) + 1) % YETT_BANKS);
    return candidate;
}

Result<void> Applier::register_slots(const std::map<std::string, std::uint16_t>& slots) const {
    std::map<std::uint32_t, std::uint16_t> by_index;
    for (const auto& interface : all_interfaces()) {
        const auto found = slots.find(interface.name);
        if (found != slots.end()) by_index[interface.index] = found->second;
    }
    return register_interfaces(*plane_, by_index);
}

Result<void> Applier::stage_sets(const Candidate& candidate) {
    std::size_t more[2] = {};
    for (const auto& [name, slot] : candidate.fresh.address_sets) {
        const auto& content = candidate.next.sets.at(name);
        more[0] += content.count(EntryKind::prefix4);
        more[1] += content.count(EntryKind::prefix6) + content.count(EntryKind::mac);
    }
    if (auto room = tables_.reserve(more[0], more[1]); !room) return room;
    for (const auto& [name, slot] : candidate.fresh.address_sets) {
        if (auto done = write_slot(candidate.next.sets.at(name), slot); !done) return done;
    }
    for (const auto& [name, slot] : candidate.fresh.port_sets) {
        if (auto done = write_ports(*plane_, slot, candidate.next.sets.at(name)); !done) {
            return done;
        }
    }
    return {};
}

Result<void> Applier::stage(const Candidate& candidate) {
    if (!settled_) {
        if (auto waited = plane_->wait_for_packets(); !waited) return waited;
        settled_ = true;
    }
    // Old and new names together: what is attached goes on under its slot.
    auto interfaces = active_.slots.interfaces;
    interfaces.insert(candidate.next.slots.interfaces.begin(),
                      candidate.next.slots.interfaces.end());
    auto written = write_interface_sets(candidate.next, interfaces);
    if (!written) return written;
    if (auto done = register_slots(interfaces); !done) return done;
    if (auto done = zero_counters(candidate.fresh); !done) return done;
    if (auto done = stage_sets(candidate); !done) return done;
    return banks_.write(*plane_, bank_of(candidate.word), candidate.tables,
                        candidate.next.generation);
}

void Applier::unstage(const Candidate& candidate) {
    for (const auto& [name, slot] : candidate.fresh.address_sets)
        tables_.clear(slot);
    for (const auto& [name, slot] : candidate.fresh.port_sets) {
        (void)write_ports(*plane_, slot, SetContent(SetType::port)).ok();
    }
    for (const auto& [name, slot] : candidate.fresh.interface_sets)
        (void)write_interfaces(*plane_, slot, SetContent(SetType::iface), {}).ok();
    (void)register_slots(active_.slots.interfaces).ok();
    (void)write_interface_sets(active_, active_.slots.interfaces).ok();
}

Result<void> Applier::zero_counters(const Slots& fresh) const {
    std::vector<std::uint32_t> slots;
    for (const auto& [name, slot] : fresh.counters)
        slots.push_back(slot);
    std::sort(slots.begin(), slots.end());
    if (auto done = zero_rule_counters(*plane_, slots); !done) return done;
    for (const auto& [name, slot] : fresh.interfaces) {
        if (auto done = zero_interface_counters(*plane_, slot); !done) return done;
    }
    return {};
}

Result<ApplyReport> Applier::try_and_switch(Candidate& candidate, const ApplyOptions& options) {
    Stopwatch watch;
    if (auto staged = stage(candidate); !staged) return staged.error();
    const auto staging = watch.lap();
    auto failed = run_candidate_tests(*plane_, candidate.next.ruleset, candidate.next.slots,
                                      candidate.next.rule_names, candidate.word);
    if (!failed) return failed.error();
    ApplyReport report = report_of(candidate.next, false);
    if (const std::string& why = candidate.tables.report.fallback; !why.empty())
        report.warnings.push_back("packets take longer than they might: " + why);
    report.times.stage = staging;
    report.times.tests = watch.lap();
    report.failed_tests = std::move(*failed);
    if (!report.failed_tests.empty() || options.dry_run) return report;
    if (options.before_switch) {
        if (auto ready = options.before_switch(candidate.next); !ready) return ready.error();
    }
    report.times.save = watch.lap();
    plane_->set_word(candidate.word);
    report.changed = true;
    report.patched = candidate.patched;
    return report;
}

Result<ApplyReport> Applier::apply(Ruleset ruleset, const ApplyOptions& options) {
    if (!options.even_if_same && active_.generation != 0 && ruleset == active_.ruleset &&
        !anything_removed(active_) && same_files(active_, options)) {
        return report_of(active_, false);
    }
    Stopwatch watch;
    auto candidate = prepare(ruleset, options);
    if (!candidate) return candidate.error();
    candidate->next.ruleset = std::move(ruleset);
    const auto compiling = watch.lap();
    auto report = try_and_switch(*candidate, options);
    if (!report || !report->changed) {
        unstage(*candidate);
        if (report) report->generation = active_.generation;
        if (report) report->times.compile = compiling;
        return report;
    }
    watch.lap();
    const Active old = std::exchange(active_, std::move(candidate->next));
    tables_of_active_ = std::move(candidate->tables);
    auto waited = plane_->wait_for_packets();
    settled_ = waited.ok();
    if (waited) {
        free_old_slots(old, report->warnings);
    } else {
        report->warnings.push_back("the old sets stay until the next start: " +
                                   waited.error().message);
    }
    report->times.compile = compiling;
    report->times.settle = watch.lap();
    return report;
}

void Applier::free_old_slots(const Active& old, std::vector<std::string>& warnings) {
    const auto warn = [&](const Result<void>& result) {
        if (!result)
            warnings.push_back("something of the old ruleset stays: " + result.error().message);
    };
    const auto unused = not_in(old.slots, active_.slots);
    for (const auto& [name, slot] : unused.address_sets)
        tables_.clear(slot);
    for (const auto& [name, slot] : unused.port_sets) {
        warn(write_ports(*plane_, slot, SetContent(SetType::port)));
    }
    for (const auto& [name, slot] : unused.interface_sets)
        warn(write_interfaces(*plane_, slot, SetContent(SetType::iface), {}));
    warn(register_slots(active_.slots.interfaces));
    // Slots of interfaces that went may be another's next.
    warn(write_interface_sets(active_, active_.slots.interfaces));
}

Result<void> Applier::register_interface(const std::string& name) {
    auto slots = active_.slots;
    const bool is_new = slots.interfaces.count(name) == 0;
    auto slot = allocate_interface(slots, name);
    if (!slot) {
        forget_gone_names(slots, active_.ruleset);
        slot = allocate_interface(slots, name);
    }
    if (!slot) return slot.error();
    if (is_new) {
        if (auto done = zero_interface_counters(*plane_, *slot); !done) return done;
    }
    // Before the first packet that comes in under this slot.
    auto written = write_interface_sets(active_, slots.interfaces);
    if (!written) return written;
    if (auto done = register_slots(slots.interfaces); !done) return done;
    active_.slots = std::move(slots);
    return {};
}

Result<void> Applier::refresh_interfaces() {
    return register_slots(active_.slots.interfaces);
}

}  // namespace yett
