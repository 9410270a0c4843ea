// SPDX-License-Identifier: GPL-2.0-or-later
// What the gate does with sets: entries that change, lists in files, and what is written down.
#include <fmt/format.h>

#include "daemon/gate.hpp"
#include "daemon/list_file.hpp"
#include "observe/snapshot.hpp"

namespace yett {
namespace {

std::size_t count_from_file(const SetContent& content) {
    std::size_t count = 0;
    content.for_each([&](const EntryValue&, const Entry& entry) { count += entry.from_file; });
    return count;
}

}  // namespace

void Gate::save_sets() {
    const auto now = clock_now();
    std::set<std::string> names;
    for (const auto& [name, set] : active().ruleset.sets) {
        names.insert(name);
        auto done = set_store_.save(name, active().sets.at(name), now);
        if (!done) tell_(done.error().message);
    }
    set_store_.keep_only(names);
}

void Gate::load_sets(Active& active) {
    const auto now = clock_now();
    for (auto& [name, content] : active.sets) {
        if (auto loaded = set_store_.load(name, content, now); !loaded)
            warn(loaded.error().message + "; the rest of the set is as the kernel has it");
    }
}

void Gate::note_change(const std::string& set, const std::vector<EntryValue>& touched) {
    if (touched.empty()) return;
    auto done = set_store_.append(set, active().sets.at(set), touched, clock_now());
    if (!done) tell_(done.error().message);
}

Result<EditResult> Gate::edit(const std::string& set, SetEdit edit) {
    auto result = applier_->edit(set, edit);
    if (!result) return result;
    note_change(set, edit.add);
    note_change(set, edit.remove);
    return result;
}

Result<std::map<std::string, std::vector<EntryValue>>> Gate::read_files(
    const Ruleset& ruleset, std::vector<std::string>& warnings) const {
    std::map<std::string, std::vector<EntryValue>> out;
    for (const auto& [name, set] : ruleset.sets) {
        if (set.file.empty()) continue;
        const auto known = active().sets.find(name);
        const auto before = known == active().sets.end() ? 0 : count_from_file(known->second);
        auto list = read_list_file(options_.list_directory, set.file, set.type);
        auto good = list ? check_guards(name, set, before, list->values.size())
                         : Result<void>(list.error());
        if (good) {
            out.emplace(name, std::move(list->values));
        } else if (before == 0) {
            return good.error();
        } else {
            warnings.push_back(fmt::format("the set {} keeps the {} entries of its last list: {}",
                                           name, before, good.error().message));
        }
    }
    return out;
}

Result<EditResult> Gate::reload_set(const std::string& name, bool force) {
    const auto* set = find_set(active().ruleset, name);
    if (set == nullptr)
        return Error{ErrorKind::no, "there is no set " + name, "see them with: yett show sets"};
    if (set->file.empty())
        return Error{ErrorKind::usage, fmt::format("the set {} has no \"file\"", name),
                     "lists are imported with: yett set import " + name + " FILE"};
    auto list = read_list_file(options_.list_directory, set->file, set->type);
    if (!list) return list.error();
    const auto before = count_from_file(active().sets.at(name));
    if (!force) {
        if (auto good = check_guards(name, *set, before, list->values.size()); !good)
            return good.error();
    }
    auto result = applier_->reload(name, list->values);
    if (!result) return result;
    if (auto saved = set_store_.save(name, active().sets.at(name), clock_now()); !saved)
        tell_(saved.error().message);
    return result;
}

void Gate::sweep() {
    const auto ended = applier_->expire(boot_time());
    if (!ended) return tell_(ended.error().message);
    for (const auto& [name, values] : *ended)
        note_change(name, values);
}

/// Packets do not wait for it: an entry whose time is over is no member. So not more than a
/// twentieth of the time goes here, however large the sets.
void Gate::sweep_when_due() {
    const auto start = std::chrono::steady_clock::now();
    if (start < next_sweep_) return;
    sweep();
    applier_->maintain();
    next_sweep_ = start + 20 * (std::chrono::steady_clock::now() - start);
}

}  // namespace yett
