// SPDX-License-Identifier: GPL-2.0-or-later
// What is left of a ruleset.
#include "daemon/lockdown.hpp"

#include <algorithm>
#include <set>

#include "api/json_text.hpp"
#include "check/check.hpp"
#include "json/reader.hpp"

namespace yett {
namespace {

constexpr const char* kLockdownName = "lockdown";
constexpr int kDeepest = 32;

template <typename Tests>
void collect(const Tests& tests, std::set<std::string>& names) {
    for (const auto& test : tests)
        if (const auto* set = std::get_if<SetReference>(&test)) names.insert(set->name);
}

void collect_from(const Match& match, std::set<std::string>& names) {
    collect(match.src, names);
    collect(match.dst, names);
    collect(match.sport, names);
    collect(match.dport, names);
    collect(match.smac, names);
    collect(match.dmac, names);
    collect(match.iface, names);
    for (const auto& inner : match.negated)
        collect_from(inner, names);
}

std::set<std::string> sets_of_failsafe(const Ruleset& ruleset) {
    std::set<std::string> names;
    for (const auto& match : ruleset.failsafe)
        collect_from(match, names);
    return names;
}

/// Receives the events of the JSON parser, and keeps what stands in two members of the outermost
/// object. What the parser had not finished when it gave up is not kept.
class Salvage {
  public:
    std::vector<Json> interfaces, failsafe;

    bool null() { return add(nullptr); }
    bool boolean(bool value) { return add(value); }
    bool number_integer(std::int64_t value) { return add(value); }
    bool number_unsigned(std::uint64_t value) { return add(value); }
    bool number_float(double value, const std::string&) { return add(value); }
    bool binary(std::vector<std::uint8_t>&) { return false; }
    bool string(std::string& value) { return add(value); }
    bool key(std::string& name) {
        if (!open_.empty()) {
            open_.back().key = name;
        } else if (depth_ == 1) {
            member_ = name;
        }
        return true;
    }
    bool start_object(std::size_t) { return begin(Json::object()); }
    bool start_array(std::size_t) {
        // The list of a member itself is no part of its items.
        return open_.empty() ? ++depth_ <= kDeepest : begin(Json::array());
    }
    bool end_object() { return end(); }
    bool end_array() { return end(); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) {
        return false;
    }

  private:
    struct Open {
        Json value;
        std::string key;
    };

    [[nodiscard]] bool is_looked_for() const {
        return member_ == "interfaces" || member_ == "failsafe";
    }

    bool begin(Json empty) {
        if (++depth_ > kDeepest) return false;
        if (depth_ > 1 && is_looked_for()) open_.push_back({std::move(empty), ""});
        return true;
    }

    bool end() {
        --depth_;
        if (open_.empty()) return true;
        Json whole = std::move(open_.back().value);
        open_.pop_back();
        return add(std::move(whole));
    }

    bool add(Json value) {
        if (!open_.empty()) {
            auto& into = open_.back();
            if (into.value.is_array()) {
                into.value.push_back(std::move(value));
            } else if (into.value.contains(into.key)) {
                return false;  // twice: what holds is not certain
            } else {
                into.value[into.key] = std::move(value);
            }
        } else if (member_ == "interfaces" && depth_ <= 2) {
            interfaces.push_back(std::move(value));
        } else if (member_ == "failsafe" && depth_ <= 2) {
            failsafe.push_back(std::move(value));
        }
        return true;
    }

    int depth_ = 0;
    std::string member_;      ///< of the outermost object
    std::vector<Open> open_;  ///< of the item that is being read
};

/// Takes over what one more member makes of a ruleset, if that is a good ruleset by itself.
void take(Ruleset& into, const char* member, const Json& item) {
    const Json whole = {{"version", 1},
                        {"name", kLockdownName},
                        {"policy", {{"ingress", "drop"}, {"egress", "drop"}}},
                        {member, Json::array({item})}};
    const auto document = read_ruleset(to_text(whole));
    if (!document.ok() || !acceptable(check(document.ruleset))) return;
    const auto& found = document.ruleset;
    into.failsafe.insert(into.failsafe.end(), found.failsafe.begin(), found.failsafe.end());
    for (const auto& name : found.interfaces)
        if (std::find(into.interfaces.begin(), into.interfaces.end(), name) ==
            into.interfaces.end())
            into.interfaces.push_back(name);
}

}  // namespace

Ruleset skeleton_of(const Ruleset& ruleset) {
    Ruleset skeleton;
    skeleton.name = ruleset.name;
    skeleton.interfaces = ruleset.interfaces;
    skeleton.policy[0] = ruleset.policy[0];
    skeleton.policy[1] = ruleset.policy[1];
    skeleton.failsafe = ruleset.failsafe;
    skeleton.sets = ruleset.sets;
    const auto asked = sets_of_failsafe(ruleset);
    for (auto& [name, set] : skeleton.sets) {
        if (asked.count(name) != 0) continue;
        set.prefixes.clear();
        set.macs.clear();
    }
    return skeleton;
}

Ruleset salvage(const std::string& text) {
    Salvage found;
    (void)nlohmann::json::sax_parse(text.begin(), text.end(), &found,
                                    nlohmann::json::input_format_t::json, true, true);
    Ruleset out;
    out.name = kLockdownName;
    for (const auto& item : found.interfaces)
        take(out, "interfaces", item);
    for (const auto& item : found.failsafe)
        take(out, "failsafe", item);
    return out;
}

Ruleset lockdown_of(const Ruleset& skeleton) {
    Ruleset lockdown;
    lockdown.name = kLockdownName;
    lockdown.comment = "the ruleset could not be brought into force";
    lockdown.interfaces = skeleton.interfaces;
    lockdown.policy[0] = lockdown.policy[1] = Verdict::drop;
    lockdown.failsafe = skeleton.failsafe;
    const auto asked = sets_of_failsafe(skeleton);
    for (const auto& [name, set] : skeleton.sets)
        if (asked.count(name) != 0) lockdown.sets.emplace_back(name, set);
    return lockdown;
}

}  // namespace yett
