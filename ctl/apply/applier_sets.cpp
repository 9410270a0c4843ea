// SPDX-License-Identifier: GPL-2.0-or-later
// Entries of live sets, and finding out what is in the kernel after a restart.
#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "apply/applier.hpp"
#include "apply/interface_tables.hpp"
#include "apply/interfaces.hpp"
#include "apply/port_tables.hpp"

namespace yett {
namespace {

/// An edit in which `listed` takes the place of what the file listed: members that come and go.
SetEdit changes_of_file(const SetContent& content, const std::vector<EntryValue>& listed) {
    SetEdit edit;
    content.for_each([&](const EntryValue& value, const Entry& entry) {
        if (!entry.from_file || !entry.is_listed() || entry.at_run_time) return;
        if (!std::binary_search(listed.begin(), listed.end(), value)) edit.remove.push_back(value);
    });
    for (const auto& value : listed) {
        const auto entry = content.find(value);
        if (!entry.is_listed() && !entry.removed) edit.add.push_back(value);
    }
    return edit;
}

/// Members that the list loses, but that were added at run time, too: they may have an end now.
std::vector<EntryValue> no_longer_listed(const SetContent& content,
                                         const std::vector<EntryValue>& listed) {
    std::vector<EntryValue> out;
    content.for_each([&](const EntryValue& value, const Entry& entry) {
        if (!entry.from_file || !entry.at_run_time) return;
        if (!std::binary_search(listed.begin(), listed.end(), value)) out.push_back(value);
    });
    return out;
}

/// Written as a whole, bit by bit.
bool is_of_bits(SetType type) {
    return type == SetType::port || type == SetType::iface;
}

/// A table that must grow takes memory of the daemon, too.
Result<void> put_entry(SetTables& tables, const EntryValue& value, std::uint16_t slot,
                       std::uint64_t expires) {
    try {
        return tables.put(value, slot, expires);
    } catch (const std::bad_alloc&) {
        return Error{ErrorKind::kernel, "there is no memory for a larger table of sets",
                     "nothing has changed; see what takes the memory of this host"};
    }
}

using TableEntries = std::map<std::uint16_t, std::vector<std::pair<EntryValue, std::uint64_t>>>;

TableEntries entries_of(const SetTables& tables) {
    TableEntries out;
    tables.for_each([&](const EntryValue& value, std::uint16_t slot, std::uint64_t expires) {
        out[slot].emplace_back(value, expires);
    });
    return out;
}

/// Makes the record say what the kernel says. Returns how many entries differed.
std::size_t reconcile(SetContent& content,
                      const std::vector<std::pair<EntryValue, std::uint64_t>>& in_kernel) {
    std::size_t differences = 0;
    for (const auto& [value, expires] : in_kernel) {
        const auto known = content.find(value);
        if (known.is_listed() || (known.is_member() && known.expires == expires)) continue;
        Entry entry = known;
        entry.at_run_time = true;
        entry.expires = expires;
        content.restore(value, entry, content.reason(known.reason));
        ++differences;
    }
    if (content.size() == in_kernel.size()) return differences;
    std::vector<EntryValue> there;
    for (const auto& [value, expires] : in_kernel)
        there.push_back(value);
    std::sort(there.begin(), there.end());
    SetEdit gone;
    for (const auto& value : content.in_order()) {
        if (!std::binary_search(there.begin(), there.end(), value)) gone.remove.push_back(value);
    }
    content.edit(gone);
    return differences + gone.remove.size();
}

/// Slots of a map of bits, from 1, that are not empty.
template <typename Bits>
Result<std::vector<std::uint16_t>> used_slots(const Map& map, Bits bits) {
    std::vector<std::uint16_t> out;
    for (std::uint32_t slot = 1; slot < map.max_entries(); ++slot) {
        if (auto found = map.lookup(&slot, &bits); !found) return found.error();
        const bool empty = std::all_of(std::begin(bits.bits), std::end(bits.bits),
                                       [](std::uint64_t word) { return word == 0; });
        if (!empty) out.push_back(static_cast<std::uint16_t>(slot));
    }
    return out;
}

}  // namespace

Result<SetContent*> Applier::find_content(const std::string& name) {
    const auto found = active_.sets.find(name);
    if (found == active_.sets.end() ||
        active_.slots.of_sets(found->second.type()).count(name) == 0) {
        return Error{ErrorKind::no, "there is no set " + name, "see them with: yett show sets"};
    }
    return &found->second;
}

Result<void> Applier::check_edit(const std::string& name, const SetContent& content,
                                 const SetEdit& edit) const {
    const auto expected = content.preview(edit);
    const auto size = content.size() + expected.added - expected.deleted;
    const auto* set = find_set(active_.ruleset, name);
    if (set != nullptr && set->max_entries && size > *set->max_entries && expected.added > 0) {
        return Error{ErrorKind::kernel,
                     fmt::format("the set {} is full: it would hold {} entries, at most {}", name,
                                 size, *set->max_entries),
                     "delete entries, or raise max_entries in the ruleset"};
    }
    return {};
}

/// The first `written` additions become what they were.
void Applier::take_back(const SetContent& content, std::uint16_t slot, const SetEdit& edit,
                        std::size_t written) {
    for (std::size_t i = 0; i < written; ++i) {
        const auto before = content.find(edit.add[i]);
        if (!before.is_member()) {
            tables_.erase(edit.add[i], slot);
        } else {
            (void)tables_.put(edit.add[i], slot, before.until()).ok();
        }
    }
}

Result<void> Applier::make_room(const SetContent& content, const SetEdit& edit) {
    std::size_t more[2] = {};
    for (const auto& value : edit.add) {
        if (!content.find(value).is_member()) ++more[value.is_ipv4() ? 0 : 1];
    }
    return tables_.reserve(more[0], more[1]);
}

Result<void> Applier::write_changes(const SetContent& content, std::uint16_t slot,
                                    const SetEdit& edit) {
    for (std::size_t i = 0; i < edit.add.size(); ++i) {
        const bool lasts = content.find(edit.add[i]).is_listed();
        auto done = put_entry(tables_, edit.add[i], slot, lasts ? 0 : edit.end_of(i));
        if (done) continue;
        take_back(content, slot, edit, i);
        return done;
    }
    for (const auto& value : edit.remove)
        tables_.erase(value, slot);
    return {};
}

Result<void> Applier::write_bits(const std::string& name, const SetContent& content) const {
    const auto slot = active_.slots.of_sets(content.type()).at(name);
    if (content.type() == SetType::port) return write_ports(*plane_, slot, content);
    return write_interfaces(*plane_, slot, content, active_.slots.interfaces);
}

Result<void> Applier::write_interface_sets(
    const Active& of, const std::map<std::string, std::uint16_t>& interfaces) const {
    for (const auto& [name, slot] : of.slots.interface_sets) {
        auto content = of.sets.find(name);  // or else the active generation's, which is kept
        if (content == of.sets.end()) content = active_.sets.find(name);
        if (content == active_.sets.end()) continue;
        auto done = write_interfaces(*plane_, slot, content->second, interfaces);
        if (!done) return done;
    }
    return {};
}

Result<void> Applier::write_slot(const SetContent& content, std::uint16_t slot) {
    Result<void> result;
    content.for_each([&](const EntryValue& value, const Entry& entry) {
        if (result && entry.is_member()) result = tables_.put(value, slot, entry.until());
    });
    return result;
}

Result<EditResult> Applier::edit(const std::string& name, SetEdit& edit,
                                 const BeforeWrite& before_write) {
    auto content = find_content(name);
    if (!content) return content.error();
    edit.normalize();
    if (auto good = check_edit(name, **content, edit); !good) return good.error();
    const auto announce = [&] {
        if (!before_write) return;
        before_write([&](const EntrySink& sink) { (*content)->foresee(edit, sink); });
    };
    if (is_of_bits((*content)->type())) {
        SetContent next = **content;
        const auto result = next.edit(edit);
        announce();
        auto written = write_bits(name, next);
        if (!written) return written.error();
        **content = std::move(next);
        return result;
    }
    if (auto room = make_room(**content, edit); !room) return room.error();
    (*content)->reserve_for(edit);  // from here on the record takes no memory that might not be
    announce();
    auto written = write_changes(**content, active_.slots.address_sets.at(name), edit);
    if (!written) return written.error();
    return (*content)->edit(edit);
}

Result<EditResult> Applier::reload(const std::string& name, const std::vector<EntryValue>& listed,
                                   const BeforeWrite& before_write) {
    auto content = find_content(name);
    if (!content) return content.error();
    const auto edit = changes_of_file(**content, listed);
    if (auto good = check_edit(name, **content, edit); !good) return good.error();
    const auto result = (*content)->preview(edit);
    SetContent next = **content;
    next.set_file(listed);
    const bool bits = is_of_bits(next.type());
    if (auto room = bits ? Result<void>() : make_room(**content, edit); !room) return room.error();
    const auto still = no_longer_listed(**content, listed);
    if (before_write)
        before_write([&](const EntrySink& sink) { next.differences(**content, sink); });
    const auto slot = active_.slots.of_sets(next.type()).at(name);
    auto written = bits ? write_bits(name, next) : write_changes(**content, slot, edit);
    if (!written) return written.error();
    for (const auto& value : still) {
        if (!bits) (void)tables_.put(value, slot, next.find(value).until()).ok();
    }
    **content = std::move(next);
    return result;
}

Result<std::map<std::string, std::vector<EntryValue>>> Applier::expire(std::uint64_t now) {
    std::map<std::string, std::vector<EntryValue>> out;
    for (auto& [name, content] : active_.sets) {
        if (!content.ends_before(now) || !find_content(name)) continue;
        const auto gone = content.expire(now);
        if (is_of_bits(content.type())) {
            if (auto written = write_bits(name, content); !written) return written.error();
        } else {
            for (const auto& value : gone)
                tables_.erase(value, active_.slots.address_sets.at(name));
        }
        if (!gone.empty()) out.emplace(name, gone);
    }
    return out;
}

void Applier::maintain() {
    tables_.maintain();
}

Result<void> Applier::finish_change(
    const SetContent& content, std::uint16_t slot,
    const std::vector<std::pair<EntryValue, std::uint64_t>>& in_kernel) {
    std::size_t more[2] = {};
    content.for_each([&](const EntryValue& value, const Entry& entry) {
        more[value.is_ipv4() ? 0 : 1] += entry.is_member() && !tables_.find(value, slot);
    });
    if (auto room = tables_.reserve(more[0], more[1]); !room) return room;
    if (auto written = write_slot(content, slot); !written) return written;
    for (const auto& [value, expires] : in_kernel) {
        if (!content.find(value).is_member()) tables_.erase(value, slot);
    }
    return {};
}

Result<void> Applier::reconcile_sets(std::vector<std::string>& warnings, bool write_record) {
    auto in_kernel = entries_of(tables_);
    for (auto& [name, content] : active_.sets) {
        if (is_of_bits(content.type())) {
            if (!write_record) continue;
            if (auto done = write_bits(name, content); !done) return done;
            continue;
        }
        const auto slot = active_.slots.address_sets.at(name);
        const auto there = std::move(in_kernel[slot]);
        in_kernel.erase(slot);
        if (active_.unfinished.count(name) != 0) {
            const auto finished = finish_change(content, slot, there);
            if (finished) continue;
            warnings.push_back(fmt::format("a change of the set {} could not be finished: {}", name,
                                           finished.error().message));
        }
        const auto differences = reconcile(content, there);
        if (differences == 0) continue;
        warnings.push_back(
            fmt::format("the set {} differed from its record in {} entries; what the "
                        "kernel holds is kept",
                        name, differences));
    }
    std::map<std::string, std::uint16_t> leftovers;
    for (const auto& [slot, entries] : in_kernel)
        leftovers.emplace(std::to_string(slot), slot);
    tables_.clear(leftovers);
    return {};
}

Result<Adoption> Applier::adopt(Active saved, std::vector<std::string>& warnings) {
    const auto word = plane_->word();
    if (saved.generation == 0 || generation_of(word) != saved.generation) {
        if (auto done = adopt_unknown(std::move(saved)); !done) return done.error();
        return Adoption::unknown;
    }
    active_ = std::move(saved);
    if (auto done = reconcile_sets(warnings, true); !done) return done.error();
    if (auto done = refresh_interfaces(); !done) return done.error();
    auto tables = compile(active_.ruleset, active_.slots);
    if (!tables) return Adoption::outdated;
    auto same = banks_.holds(*plane_, bank_of(word), *tables, active_.generation, active_.engine);
    if (!same) return same.error();
    if (!*same) return Adoption::outdated;
    active_.rule_names = tables->rule_names;
    active_.boxes = tables->boxes.size();
    // Those that the kernel has may be patched ones, from which no patch can start.
    const EngineDigest built = digest_of(tables->ruleset, tables->engine);
    if (active_.engine.words == 0 || active_.engine == built) {
        active_.engine = built;
        tables_of_active_ = std::move(*tables);
    }
    return Adoption::adopted;
}

Result<void> Applier::hold(Active known, std::vector<std::string>& warnings) {
    active_ = std::move(known);
    tables_of_active_.reset();
    if (auto done = reconcile_sets(warnings, false); !done) return done;
    return refresh_interfaces();
}

Result<void> Applier::adopt_unknown(Active saved) {
    active_ = Active{};
    tables_of_active_.reset();
    active_.sets = std::move(saved.sets);  // without slots: only what they carry over counts
    auto interfaces = registered_interfaces(*plane_);
    if (!interfaces) return interfaces.error();
    active_.slots.interfaces = std::move(*interfaces);
    for (const auto& [slot, entries] : entries_of(tables_)) {
        const auto name = fmt::format("(slot {})", slot);
        active_.slots.address_sets[name] = slot;
        active_.sets.emplace(name, SetContent(SetType::prefix));
    }
    const auto take = [&]<typename Bits>(Bits bits, MapId map, SetType type) -> Result<void> {
        const auto slots = used_slots(plane_->map(map), bits);
        if (!slots) return slots.error();
        for (const std::uint16_t slot : *slots)
            active_.slots.of_sets(type)[fmt::format("({} slot {})", type_name(type), slot)] = slot;
        return {};
    };
    if (auto done = take(yett_port_set{}, MapId::yett_port_sets, SetType::port); !done) return done;
    return take(yett_interface_set{}, MapId::yett_interface_sets, SetType::iface);
}

}  // namespace yett
