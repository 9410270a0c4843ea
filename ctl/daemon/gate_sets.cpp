// SPDX-License-Identifier: GPL-2.0-or-later
// What the gate does with sets: entries that change, lists in files, and what is written down.
#include <fmt/format.h>

#include <utility>

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

/// A change on its way to the disk: written down before it is made, where the disk takes it. One
/// that is not made leaves nothing, whatever stopped it.
class Gate::WrittenChange {
  public:
    WrittenChange(SetStore& store, const std::string& set) : store_(&store), set_(set) {}
    WrittenChange(const WrittenChange&) = delete;
    WrittenChange& operator=(const WrittenChange&) = delete;
    ~WrittenChange() {
        if (begun_) store_->abandon(set_);
    }

    void begin(SetType type, const EntryLines& lines) {
        begun_ = store_->begin(set_, type, lines, clock_now()).ok();
    }
    /// Nothing: it was not begun, and is still to be written.
    std::optional<Result<void>> finish(const SetContent& content) {
        if (!std::exchange(begun_, false)) return std::nullopt;
        return store_->finish(set_, content, clock_now());
    }

  private:
    SetStore* store_;
    const std::string& set_;
    bool begun_ = false;
};

void Gate::save_sets() {
    const auto now = clock_now();
    for (const auto& [name, set] : active().ruleset.sets) {
        tell_unsaved(set_store_.save_if_changed(name, active().sets.at(name), now));
    }
}

void Gate::forget_other_sets() {
    std::set<std::string> names;
    for (const auto& [name, set] : active().ruleset.sets)
        names.insert(name);
    set_store_.keep_only(names);
}

SetStore::Loaded Gate::load_set(const std::string& name, SetContent& into, bool& whole) {
    const auto loaded = set_store_.load(name, into, clock_now());
    if (!loaded) {
        warn(loaded.error().message + "; the set " + name + " is as the kernel has it");
        whole = false;
        return {};
    }
    if (loaded->unread > 0) {
        warn(
            fmt::format("{} lines of the saved set {} make no sense and were passed over; a copy "
                        "stays beside it",
                        loaded->unread, name));
        whole = false;
    }
    return *loaded;
}

bool Gate::load_sets(Active& active) {
    bool whole = true;
    for (auto& [name, content] : active.sets) {
        if (load_set(name, content, whole).unfinished) active.unfinished.insert(name);
    }
    return whole;
}

std::map<std::string, SetContent> Gate::remember(const Ruleset& ruleset) {
    std::map<std::string, SetContent> out;
    bool whole = true;
    for (const auto& [name, set] : ruleset.sets) {
        const auto known = active().sets.find(name);
        if (known != active().sets.end() && known->second.type() == set.type) continue;
        SetContent content(set);
        load_set(name, content, whole);
        out.emplace(name, std::move(content));
    }
    return out;
}

/// Once, not with each entry: health says it for as long as it is so.
std::string Gate::tell_unsaved(const Result<void>& saved) {
    if (saved) return {};
    if (!std::exchange(told_unsaved_, true))
        tell_(saved.error().message + "; what is in force is not saved");
    return saved.error().message;
}

std::string Gate::note_change(const std::string& set, const std::vector<EntryValue>& touched) {
    if (touched.empty()) return {};
    return tell_unsaved(set_store_.append(set, active().sets.at(set), touched, clock_now()));
}

void Gate::retry_unsaved() {
    const auto start = std::chrono::steady_clock::now();
    if (!told_unsaved_ || start < next_retry_) return;
    set_store_.retry(active().sets, clock_now());
    if (set_store_.unsaved().empty()) {
        told_unsaved_ = false;
        tell_("all that is in force is saved again");
    }
    next_retry_ = start + 20 * (std::chrono::steady_clock::now() - start);
}

namespace {

/// What was added and taken out at run time, as a change that does so again.
SetEdit edit_from(const SetContent& saved, std::uint64_t now) {
    SetEdit edit;
    edit.now = clock_now().wall;
    edit.reasons.emplace_back();
    saved.for_each([&](const EntryValue& value, const Entry& entry) {
        if (entry.removed) edit.remove.push_back(value);
        if (!entry.at_run_time || (entry.expires != 0 && entry.expires <= now)) return;
        edit.add.push_back(value);
        edit.ends.push_back(entry.expires);
        edit.reasons.push_back(saved.reason(entry.reason));
        edit.why.push_back(static_cast<decltype(edit.why)::value_type>(edit.reasons.size() - 1));
    });
    edit.normalize();
    return edit;
}

}  // namespace

void Gate::read_held_sets() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_reading_) return;
    next_reading_ = now + std::chrono::seconds(1);
    for (const auto& name : set_store_.held()) {
        const auto set = active().sets.find(name);
        if (set == active().sets.end()) continue;
        SetContent saved(set->second.type());
        if (!set_store_.load(name, saved, clock_now())) continue;
        auto edit = edit_from(saved, clock_now().boot);
        const auto done = applier_->edit(name, edit);
        if (!done) {
            set_store_.hold(name, "what was saved of it found no room: " + done.error().message);
            continue;
        }
        tell_(
            fmt::format("what was saved of the set {} can be read now: {} entries are in force "
                        "again",
                        name, done->added));
        tell_unsaved(set_store_.save(name, active().sets.at(name), clock_now()));
        dirty_ = true;
    }
}

Result<Edited> Gate::edit(const std::string& set, SetEdit edit) {
    // One entry comes or goes by one store; more of them are written down first.
    const bool many = edit.add.size() + edit.remove.size() > 1;
    WrittenChange change(set_store_, set);
    auto result = applier_->edit(set, edit, [&](const EntryLines& lines) {
        if (many) change.begin(active().sets.at(set).type(), lines);
    });
    if (!result) return result.error();
    if (const auto saved = change.finish(active().sets.at(set)))
        return Edited{*result, tell_unsaved(*saved)};
    auto touched = std::move(edit.add);
    touched.insert(touched.end(), edit.remove.begin(), edit.remove.end());
    return Edited{*result, note_change(set, touched)};
}

std::size_t Gate::listed_before(const std::string& set, const ApplyOptions& options) const {
    const auto known = active().sets.find(set);
    if (known != active().sets.end()) return count_from_file(known->second);
    const auto remembered = options.remembered.find(set);
    return remembered == options.remembered.end() ? 0 : count_from_file(remembered->second);
}

Result<void> Gate::read_files(const Ruleset& ruleset, ApplyOptions& options,
                              std::vector<std::string>& warnings) {
    for (const auto& [name, set] : ruleset.sets) {
        if (set.file.empty()) continue;
        const auto before = listed_before(name, options);
        auto list = read_list_file(options_.list_directory, set.file, set.type);
        auto good = list ? check_guards(name, set, before, list->values.size())
                         : Result<void>(list.error());
        if (good) {
            options.files.emplace(name, std::move(list->values));
        } else if (before == 0) {
            return good;
        } else {
            warnings.push_back(fmt::format("the set {} keeps the {} entries of its last list: {}",
                                           name, before, good.error().message));
        }
    }
    return {};
}

void Gate::bring_lists_back(const Ruleset& ruleset, ApplyOptions& options) {
    missing_lists_.clear();
    for (const auto& [name, set] : ruleset.sets) {
        if (set.file.empty() || listed_before(name, options) > 0) continue;
        auto list = read_list_file(options_.list_directory, set.file, set.type);
        if (list) {
            options.files.emplace(name, std::move(list->values));
        } else {
            missing_lists_.insert(name);
            warn(
                fmt::format("the set {} has no list, and none was saved: {}; once it is there: "
                            "yett set reload {}",
                            name, list.error().message, name));
        }
    }
}

Result<Edited> Gate::reload_set(const std::string& name, bool force) {
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
    WrittenChange change(set_store_, name);
    auto result = applier_->reload(
        name, list->values, [&](const EntryLines& lines) { change.begin(set->type, lines); });
    if (!result) return result.error();
    missing_lists_.erase(name);
    const auto& content = active().sets.at(name);
    auto saved = change.finish(content);
    if (!saved) saved = set_store_.save(name, content, clock_now());
    return Edited{*result, tell_unsaved(*saved)};
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

void Gate::say_what_is_over_budget() {
    const auto usage = set_usage();
    if (usage.bytes <= usage.budget) return;
    warn(
        fmt::format("the sets take {} MiB of table memory, and --set-memory allows {}: what they "
                    "hold stays, and no more fits",
                    usage.bytes >> 20, usage.budget >> 20));
}

}  // namespace yett
