// SPDX-License-Identifier: GPL-2.0-or-later
// Stage, verify, switch, clean up.
#include "apply/applier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

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

/// What the set's file lists is what it listed.
bool same_list(const SetContent& content, const std::vector<EntryValue>& listed) {
    std::size_t known = 0;
    content.for_each([&](const EntryValue&, const Entry& entry) { known += entry.from_file; });
    return known == listed.size() &&
           std::all_of(listed.begin(), listed.end(),
                       [&](const EntryValue& value) { return content.find(value).from_file; });
}

const std::vector<EntryValue>* list_of(const ApplyOptions& options, const std::string& name) {
    const auto found = options.files.find(name);
    return found == options.files.end() ? nullptr : &found->second;
}

/// Whether the ruleset would make of the set just what it holds.
bool stays(const Set& set, const Set* old, const SetContent& before,
           const std::vector<EntryValue>* listed) {
    if (old == nullptr || old->type != set.type || before.removed() > 0) return false;
    const bool same_entries = set.prefixes == old->prefixes && set.ports == old->ports &&
                              set.macs == old->macs && set.ifaces == old->ifaces;
    if (!same_entries || set.file.empty() != old->file.empty()) return false;
    return listed == nullptr || same_list(before, *listed);
}

SetContent next_content(const Set& set, const SetContent* before,
                        const std::vector<EntryValue>* listed) {
    SetContent content(set);
    if (!set.file.empty()) take_file(content, before, listed);
    if (before != nullptr) content.carry_over(*before);
    return content;
}

const SetContent* remembered(const ApplyOptions& options, const std::string& name, SetType type) {
    const auto found = options.remembered.find(name);
    const bool is_it = found != options.remembered.end() && found->second.type() == type;
    return is_it ? &found->second : nullptr;
}

/// A million entries that stay are neither copied nor looked at.
struct NextSets {
    std::map<std::string, SetContent> made;
    std::set<std::string> kept;
};

Result<NextSets> next_sets(const Ruleset& ruleset, const Active& active,
                           const ApplyOptions& options) {
    NextSets out;
    for (const auto& [name, set] : ruleset.sets) {
        const auto found = active.sets.find(name);
        const bool same_type = found != active.sets.end() && found->second.type() == set.type;
        const auto* active_one = same_type ? &found->second : nullptr;
        const auto* before =
            active_one != nullptr ? active_one : remembered(options, name, set.type);
        const auto* listed = list_of(options, name);
        const bool kept = active_one != nullptr &&
                          stays(set, find_set(active.ruleset, name), *active_one, listed);
        if (kept) {
            out.kept.insert(name);
        } else {
            before = &out.made.emplace(name, next_content(set, before, listed)).first->second;
        }
        if (options.bringing_back || !set.max_entries || before->size() <= *set.max_entries)
            continue;
        return Error{ErrorKind::kernel,
                     fmt::format("the set {} would hold {} entries with those added at run "
                                 "time, and its max_entries is {}",
                                 name, before->size(), *set.max_entries),
                     "raise max_entries, or delete entries first"};
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
        if (!same_list(set->second, listed)) return false;
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

Candidate::Candidate(Candidate&& other) noexcept
    : applier_(other.applier_),
      staged_(std::exchange(other.staged_, false)),
      may_switch_(other.may_switch_),
      next_(std::move(other.next_)),
      kept_(std::move(other.kept_)),
      tables_(std::move(other.tables_)),
      patched_(other.patched_),
      fresh_(std::move(other.fresh_)),
      word_(other.word_),
      report_(std::move(other.report_)) {}

Candidate::~Candidate() {
    if (staged_) applier_->unstage(*this);
}

Result<Candidate> Applier::prepare(const Ruleset& ruleset, const ApplyOptions& options) {
    auto sets = next_sets(ruleset, active_, options);
    if (!sets) return sets.error();
    Kept kept;
    kept.interfaces = options.attached;
    kept.sets = sets->kept;
    for (const auto& [name, content] : sets->made) {
        const auto before = active_.sets.find(name);
        if (before != active_.sets.end() && before->second.same_members(content)) {
            kept.sets.insert(name);
        }
    }
    auto slots = allocate_slots(active_.slots, ruleset, kept);
    if (!slots) return slots.error();
    Candidate candidate(*this);
    auto patched =
        tables_of_active_
            ? recompile(*tables_of_active_, {active_.ruleset, active_.slots}, {ruleset, *slots})
            : std::nullopt;
    candidate.patched_ = patched.has_value();
    if (patched) {
        candidate.tables_ = std::move(*patched);
    } else {
        auto tables = compile(ruleset, *slots);
        if (!tables) return tables.error();
        candidate.tables_ = std::move(*tables);
    }
    Active& next = candidate.next_;
    next.generation = options.generation;
    next.slots = std::move(*slots);
    next.sets = std::move(sets->made);
    candidate.kept_ = std::move(sets->kept);
    next.rule_names = candidate.tables_.rule_names;
    next.boxes = candidate.tables_.boxes.size();
    next.engine = digest_of(candidate.tables_.ruleset, candidate.tables_.engine);
    candidate.fresh_ = not_in(next.slots, active_.slots);
    candidate.word_ = to_word(options.generation, (bank_of(plane_->word()) + 1) % YETT_BANKS);
    return candidate;
}

Result<void> Applier::register_slots(const std::map<std::string, std::uint16_t>& slots) const {
    std::map<std::uint32_t, std::uint16_t> by_index;
    std::set<std::uint32_t> bare;
    for (const auto& interface : all_interfaces()) {
        const auto found = slots.find(interface.name);
        if (found == slots.end()) continue;
        by_index[interface.index] = found->second;
        const auto kind = find_interface(interface.name);
        if (kind && kind->bare) bare.insert(interface.index);
    }
    return register_interfaces(*plane_, by_index, bare);
}

const SetContent& Applier::content_of(const Candidate& candidate, const std::string& name) const {
    const auto made = candidate.next_.sets.find(name);
    return made != candidate.next_.sets.end() ? made->second : active_.sets.at(name);
}

Result<void> Applier::stage_sets(const Candidate& candidate) {
    std::size_t more[2] = {};
    for (const auto& [name, slot] : candidate.fresh_.address_sets) {
        const auto& content = content_of(candidate, name);
        more[0] += content.count(EntryKind::prefix4);
        more[1] += content.count(EntryKind::prefix6) + content.count(EntryKind::mac);
    }
    if (auto room = tables_.reserve(more[0], more[1]); !room) return room;
    for (const auto& [name, slot] : candidate.fresh_.address_sets) {
        if (auto done = write_slot(content_of(candidate, name), slot); !done) return done;
    }
    for (const auto& [name, slot] : candidate.fresh_.port_sets) {
        auto done = write_ports(*plane_, slot, content_of(candidate, name));
        if (!done) return done;
    }
    return {};
}

Result<void> Applier::write_candidate(const Candidate& candidate, bool bringing_back) {
    if (!settled_) {
        if (auto waited = plane_->wait_for_packets(); !waited) return waited;
        settled_ = true;
    }
    // Old and new names together: what is attached goes on under its slot.
    auto interfaces = active_.slots.interfaces;
    interfaces.insert(candidate.next_.slots.interfaces.begin(),
                      candidate.next_.slots.interfaces.end());
    auto written = write_interface_sets(candidate.next_, interfaces);
    if (!written) return written;
    if (auto done = register_slots(interfaces); !done) return done;
    if (auto done = zero_counters(candidate.fresh_); !done) return done;
    tables_.ignore_budget(bringing_back);
    auto filled = stage_sets(candidate);
    tables_.ignore_budget(false);
    if (!filled) return filled;
    return banks_.write(*plane_, bank_of(candidate.word_), candidate.tables_,
                        candidate.next_.generation);
}

void Applier::unstage(const Candidate& candidate) {
    tables_.clear(candidate.fresh_.address_sets);
    for (const auto& [name, slot] : candidate.fresh_.port_sets) {
        (void)write_ports(*plane_, slot, SetContent(SetType::port)).ok();
    }
    for (const auto& [name, slot] : candidate.fresh_.interface_sets)
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

Result<Candidate> Applier::stage(Ruleset ruleset, const ApplyOptions& options) {
    if (!options.even_if_same && active_.generation != 0 && ruleset == active_.ruleset &&
        !anything_removed(active_) && same_files(active_, options)) {
        Candidate same(*this);
        same.report_ = report_of(active_, false);
        return same;
    }
    Stopwatch watch;
    auto candidate = prepare(ruleset, options);
    if (!candidate) return candidate;
    candidate->next_.ruleset = std::move(ruleset);
    ApplyReport& report = candidate->report_ = report_of(candidate->next_, false);
    report.generation = active_.generation;
    report.times.compile = watch.lap();
    if (const std::string& why = candidate->tables_.report.fallback; !why.empty())
        report.warnings.push_back("packets take longer than they might: " + why);
    candidate->staged_ = true;
    if (auto done = write_candidate(*candidate, options.bringing_back); !done) return done.error();
    report.times.stage = watch.lap();
    if (!options.bringing_back) {
        if (auto tried = try_tests(*candidate); !tried) return tried.error();
    }
    report.times.tests = watch.lap();
    candidate->may_switch_ = report.failed_tests.empty() && !options.dry_run;
    return candidate;
}

ApplyReport Applier::switch_to(Candidate candidate) {
    plane_->set_word(candidate.word_);
    Stopwatch watch;
    candidate.staged_ = false;
    ApplyReport report = std::move(candidate.report_);
    report.changed = true;
    report.patched = candidate.patched_;
    report.generation = candidate.next_.generation;
    for (const auto& name : candidate.kept_)
        candidate.next_.sets.insert(active_.sets.extract(name));
    const Active old = std::exchange(active_, std::move(candidate.next_));
    tables_of_active_ = std::move(candidate.tables_);
    auto waited = plane_->wait_for_packets();
    settled_ = waited.ok();
    if (waited) {
        free_old_slots(old, report.warnings);
    } else {
        report.warnings.push_back("the old sets stay until the next start: " +
                                  waited.error().message);
    }
    report.times.settle = watch.lap();
    return report;
}

Result<ApplyReport> Applier::apply(Ruleset ruleset, const ApplyOptions& options) {
    auto candidate = stage(std::move(ruleset), options);
    if (!candidate) return candidate.error();
    if (!candidate->may_switch()) return candidate->report();
    return switch_to(std::move(*candidate));
}

void Applier::free_old_slots(const Active& old, std::vector<std::string>& warnings) {
    const auto warn = [&](const Result<void>& result) {
        if (!result)
            warnings.push_back("something of the old ruleset stays: " + result.error().message);
    };
    const auto unused = not_in(old.slots, active_.slots);
    tables_.clear(unused.address_sets);
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
