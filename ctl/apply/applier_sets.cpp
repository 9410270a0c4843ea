// SPDX-License-Identifier: GPL-2.0-or-later
// Entries of live sets, and finding out what is in the kernel after a restart.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "apply/applier.hpp"
#include "apply/set_tables.hpp"

namespace yett {
namespace {

bool has_slot(const Active& active, const std::string& name) {
    return active.slots.prefix_sets.count(name) != 0 || active.slots.port_sets.count(name) != 0;
}

const Set* live_set(const Active& active, const std::string& name) {
    return find_set(active.ruleset, name);
}

/// How many of the entries that an edit made are new, by family.
std::array<std::size_t, 2> new_entries(const SetContent& content, const EditResult& result) {
    std::array<std::size_t, 2> out{};
    for (const auto& [value, before] : result.before) {
        if (before || content.entries().count(value) == 0) continue;
        if (const auto* prefix = std::get_if<Prefix>(&value)) {
            ++out[prefix->address.family == Family::ipv4 ? 0 : 1];
        }
    }
    return out;
}

/// Makes the record say what the kernel says. Returns how many entries differed.
std::size_t reconcile(SetContent& content, const std::vector<PrefixChange>& in_kernel) {
    std::set<EntryValue> there;
    std::size_t differences = 0;
    for (const auto& [prefix, expires] : in_kernel) {
        there.insert(prefix);
        if (content.entries().count(prefix) != 0) continue;
        Entry entry;
        entry.at_run_time = true;
        entry.expires = expires.value_or(0);
        content.restore(prefix, entry);
        ++differences;
    }
    SetEdit gone;
    for (const auto& [value, entry] : content.entries()) {
        if (there.count(value) == 0) gone.remove.push_back(value);
    }
    content.edit(gone);
    return differences + gone.remove.size();
}

}  // namespace

std::array<std::size_t, 2> Applier::entries_in_use() const {
    std::array<std::size_t, 2> out{};
    for (const auto& [name, slot] : active_.slots.prefix_sets) {
        const auto& content = active_.sets.at(name);
        out[0] += content.count(Family::ipv4);
        out[1] += content.count(Family::ipv6);
    }
    return out;
}

Result<void> Applier::check_edit(const std::string& name, const EditResult& result,
                                 const std::array<std::size_t, 2>& before) const {
    const auto& content = active_.sets.at(name);
    const auto* set = live_set(active_, name);
    if (set != nullptr && set->max_entries && content.size() > *set->max_entries) {
        return Error{ErrorKind::kernel,
                     fmt::format("the set {} is full: it would hold {} entries, at most {}", name,
                                 content.size(), *set->max_entries),
                     "delete entries, or raise max_entries in the ruleset"};
    }
    const auto fresh = new_entries(content, result);
    for (const std::size_t family : {0, 1}) {
        const auto& map = plane_->map(family == 0 ? MapId::yett_prefixes4 : MapId::yett_prefixes6);
        if (before[family] + fresh[family] <= map.max_entries()) continue;
        return Error{
            ErrorKind::kernel,
            fmt::format("the table of sets is full: {} entries and {} new ones, at most {}",
                        before[family], fresh[family], map.max_entries()),
            "delete entries first"};
    }
    return {};
}

Result<void> Applier::write_set(const std::string& name, const EditResult& result) {
    const auto& content = active_.sets.at(name);
    if (content.type() == SetType::port) {
        return write_ports(*plane_, active_.slots.port_sets.at(name), content);
    }
    return write_prefixes(*plane_, active_.slots.prefix_sets.at(name), result.changes);
}

Result<EditResult> Applier::edit(const std::string& name, const SetEdit& edit) {
    const auto found = active_.sets.find(name);
    if (found == active_.sets.end() || !has_slot(active_, name)) {
        return Error{ErrorKind::no, "there is no set " + name, "see them with: yett show sets"};
    }
    auto& content = found->second;
    const auto before = entries_in_use();
    auto result = content.edit(edit);
    if (auto good = check_edit(name, result, before); !good) {
        content.undo(result);
        return good.error();
    }
    if (auto written = write_set(name, result); !written) {
        EditResult back;
        back.changes = content.undo(result);
        (void)write_set(name, back).ok();
        return written.error();
    }
    return result;
}

Result<std::size_t> Applier::expire(std::uint64_t now) {
    std::size_t total = 0;
    for (auto& [name, content] : active_.sets) {
        if (!content.ends_before(now) || !has_slot(active_, name)) continue;
        const auto result = content.expire(now);
        total += result.before.size();
        if (auto written = write_set(name, result); !written) return written.error();
    }
    return total;
}

Result<void> Applier::reconcile_sets(std::vector<std::string>& warnings) {
    auto in_kernel = read_prefixes(*plane_);
    if (!in_kernel) return in_kernel.error();
    for (auto& [name, content] : active_.sets) {
        if (content.type() == SetType::port) {
            if (auto done = write_ports(*plane_, active_.slots.port_sets.at(name), content);
                !done) {
                return done;
            }
            continue;
        }
        const auto slot = active_.slots.prefix_sets.at(name);
        const auto differences = reconcile(content, (*in_kernel)[slot]);
        in_kernel->erase(slot);
        if (differences == 0) continue;
        warnings.push_back(
            fmt::format("the set {} differed from its record in {} entries; what the "
                        "kernel holds is kept",
                        name, differences));
    }
    for (const auto& [slot, leftovers] : *in_kernel) {
        auto changes = leftovers;
        for (auto& change : changes)
            change.expires.reset();
        if (auto done = write_prefixes(*plane_, slot, changes); !done) return done;
    }
    return {};
}

Result<Adoption> Applier::adopt(Active saved, std::vector<std::string>& warnings) {
    const auto word = plane_->word();
    if (saved.generation == 0 || generation_of(word) != saved.generation) {
        if (auto done = adopt_unknown(std::move(saved)); !done) return done.error();
        return Adoption::unknown;
    }
    active_ = std::move(saved);
    if (auto done = reconcile_sets(warnings); !done) return done.error();
    if (auto done = refresh_interfaces(); !done) return done.error();
    const auto tables = compile(active_.ruleset, active_.slots);
    if (!tables) return Adoption::outdated;
    auto same = banks_.holds(*plane_, bank_of(word), *tables, active_.generation);
    if (!same) return same.error();
    if (!*same) return Adoption::outdated;
    active_.rule_names = tables->rule_names;
    active_.boxes = tables->boxes.size();
    return Adoption::adopted;
}

Result<void> Applier::adopt_unknown(Active saved) {
    auto in_kernel = read_prefixes(*plane_);
    if (!in_kernel) return in_kernel.error();
    active_ = Active{};
    active_.sets = std::move(saved.sets);  // without slots: only what they carry over counts
    for (const auto& [slot, prefixes] : *in_kernel) {
        const auto name = fmt::format("(slot {})", slot);
        SetContent content(SetType::prefix);
        for (const auto& change : prefixes)
            content.restore(change.prefix, Entry{});
        active_.slots.prefix_sets[name] = slot;
        active_.sets.emplace(name, std::move(content));
    }
    for (std::uint32_t slot = 1; slot < YETT_MAX_PORT_SET_SLOTS; ++slot) {
        yett_port_set ports{};
        auto found = plane_->map(MapId::yett_port_sets).lookup(&slot, &ports);
        if (!found) return found.error();
        const bool empty = std::all_of(std::begin(ports.bits), std::end(ports.bits),
                                       [](std::uint64_t bits) { return bits == 0; });
        if (empty) continue;
        const auto name = fmt::format("(port slot {})", slot);
        active_.slots.port_sets[name] = static_cast<std::uint16_t>(slot);
        active_.sets.emplace(name, SetContent(SetType::port));
    }
    return {};
}

}  // namespace yett
