// SPDX-License-Identifier: GPL-2.0-or-later
// The ruleset's own tests on the candidate's programs, judged by what the file says of its sets:
// what was added or taken out at run time, or stands in a list, makes no edit of the file wrong.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "apply/applier.hpp"
#include "apply/candidate_tests.hpp"
#include "apply/interface_tables.hpp"
#include "apply/port_tables.hpp"

namespace yett {
namespace {

/// Tests that are judged by the same content of sets.
using OwnSets = std::vector<std::pair<std::string, Set>>;
struct TestGroup {
    const OwnSets* own;
    std::vector<std::size_t> tests;
};

/// Those that bring nothing of their own first.
std::vector<TestGroup> groups_of(const Ruleset& ruleset) {
    static const OwnSets nothing;
    std::vector<TestGroup> groups = {{&nothing, {}}};
    for (std::size_t i = 0; i < ruleset.tests.size(); ++i) {
        const OwnSets& own = ruleset.tests[i].sets;
        auto group = std::find_if(groups.begin(), groups.end(),
                                  [&](const TestGroup& one) { return *one.own == own; });
        if (group == groups.end()) group = groups.insert(group, {&own, {}});
        group->tests.push_back(i);
    }
    return groups;
}

std::vector<std::size_t> all_tests(const Ruleset& ruleset) {
    std::vector<std::size_t> all(ruleset.tests.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

const Set& set_for(const Ruleset& ruleset, const TestGroup& group, const std::string& name) {
    for (const auto& [own, set] : *group.own)
        if (own == name) return set;
    return *find_set(ruleset, name);
}

/// Sets that hold other members than the rule file, or a test, says. `content_of` gives what one
/// holds.
template <typename ContentOf>
std::set<std::string> differing_sets(const Ruleset& ruleset, const std::vector<TestGroup>& groups,
                                     ContentOf content_of) {
    std::set<std::string> names;
    for (const auto& [name, set] : ruleset.sets) {
        for (const TestGroup& group : groups) {
            const Set& wanted = set_for(ruleset, group, name);
            if (&wanted == &set && &group != &groups.front()) continue;
            const SetContent listed(wanted);
            const SetContent& content = content_of(name);
            if (content.size() != listed.size() || !content.same_members(listed))
                names.insert(name);
        }
    }
    return names;
}

/// The lowest slot that neither generation uses; nothing: all are in use.
template <typename Table>
bool move_to_free_slot(const std::string& name, Table& slots, const Table& others,
                       std::uint16_t end) {
    std::set<std::uint16_t> taken;
    for (const Table* table : {static_cast<const Table*>(&slots), &others})
        for (const auto& [other, slot] : *table)
            taken.insert(slot);
    for (std::uint16_t slot = 1; slot < end; ++slot) {
        if (taken.count(slot) != 0) continue;
        slots[name] = slot;
        return true;
    }
    return false;
}

std::uint16_t end_of_slots(SetType type) {
    if (type == SetType::port) return YETT_MAX_PORT_SET_SLOTS;
    return type == SetType::iface ? YETT_MAX_INTERFACE_SET_SLOTS : YETT_MAX_SET_SLOTS;
}

}  // namespace

Result<void> Applier::try_tests(Candidate& candidate) {
    const Ruleset& ruleset = candidate.next_.ruleset;
    if (ruleset.tests.empty()) return {};
    const auto groups = groups_of(ruleset);
    const auto differing = differing_sets(
        ruleset, groups,
        [&](const std::string& name) -> const SetContent& { return content_of(candidate, name); });
    auto failed = differing.empty() ? run_candidate_tests(*plane_, ruleset, candidate.next_.slots,
                                                          candidate.next_.rule_names,
                                                          candidate.word_, all_tests(ruleset))
                                    : try_by_file(candidate, differing);
    if (!failed) return failed.error();
    candidate.report_.failed_tests = std::move(*failed);
    return {};
}

/// The bank that nobody is judged by holds, for the time of the tests, the same rules over sets of
/// their own, which hold for each group what it says; then the candidate's again.
Result<std::vector<Diagnostic>> Applier::try_by_file(const Candidate& candidate,
                                                     const std::set<std::string>& differing) {
    const Ruleset& ruleset = candidate.next_.ruleset;
    Slots slots = candidate.next_.slots, own;
    for (const std::string& name : differing) {
        const SetType type = find_set(ruleset, name)->type;
        auto& table = slots.of_sets(type);
        if (!move_to_free_slot(name, table, active_.slots.of_sets(type), end_of_slots(type)))
            return Error{ErrorKind::kernel,
                         fmt::format("there is no free place to try the tests without what was "
                                     "added to the set {}",
                                     name),
                         "use fewer sets, or take the tests out"};
        own.of_sets(type)[name] = table.at(name);
    }
    const auto tables = compile(ruleset, slots);
    if (!tables) return tables.error();
    const auto bank = bank_of(candidate.word_);
    std::vector<Diagnostic> failed;
    auto done = banks_.write(*plane_, bank, *tables, candidate.next_.generation);
    for (const TestGroup& group : groups_of(ruleset)) {
        for (const std::string& name : differing)
            if (done) done = fill(name, set_for(ruleset, group, name), own);
        if (done) {
            auto some = run_candidate_tests(*plane_, ruleset, slots, tables->rule_names,
                                            candidate.word_, group.tests);
            if (some) failed.insert(failed.end(), some->begin(), some->end());
            if (!some) done = some.error();
        }
        empty_slots(own);
    }
    auto restored = banks_.write(*plane_, bank, candidate.tables_, candidate.next_.generation);
    if (!done) return done.error();
    if (!restored) return restored.error();
    return failed;
}

Result<void> Applier::fill(const std::string& name, const Set& set, const Slots& slots) {
    const SetContent content(set);
    if (set.type == SetType::port) return write_ports(*plane_, slots.port_sets.at(name), content);
    if (set.type == SetType::iface)
        return write_interfaces(*plane_, slots.interface_sets.at(name), content,
                                active_.slots.interfaces);
    return write_slot(content, slots.address_sets.at(name));
}

void Applier::empty_slots(const Slots& slots) {
    tables_.clear(slots.address_sets);
    for (const auto& [name, slot] : slots.port_sets)
        (void)write_ports(*plane_, slot, SetContent(SetType::port)).ok();
    for (const auto& [name, slot] : slots.interface_sets)
        (void)write_interfaces(*plane_, slot, SetContent(SetType::iface), {}).ok();
}

}  // namespace yett
