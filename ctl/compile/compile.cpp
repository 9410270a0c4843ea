// SPDX-License-Identifier: GPL-2.0-or-later
// Model -> tables: names, actions, and the stages that make boxes of rules.
#include "compile/compile.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "abi/limits.h"
#include "compile/box_list.hpp"
#include "compile/change.hpp"
#include "compile/header.hpp"
#include "compile/limit.hpp"
#include "compile/patch.hpp"
#include "model/pattern.hpp"

namespace yett {
namespace {

/// A list of names, each once, in the order in which they came.
class Names {
  public:
    /// False: it is there already. The name must live as long as this does.
    bool add(const std::string& name) {
        const bool fresh = seen_.insert(name).second;
        if (fresh) list_.push_back(name);
        return fresh;
    }
    void add_interfaces(const Match& match) {
        for (const InterfaceTest& test : match.iface)
            if (const auto* name = std::get_if<std::string>(&test)) add(*name);
        for (const Match& part : match.negated)
            add_interfaces(part);
    }
    std::vector<std::string> take() { return std::move(list_); }

  private:
    std::vector<std::string> list_;
    std::unordered_set<std::string_view> seen_;
};

/// Looks up every name that a match mentions, so that the stages behind can rely on it.
class NameCheck {
  public:
    explicit NameCheck(const Slots& slots) : slots_(slots) {}

    Result<void> rule(const Rule& rule) {
        find(slots_.counters, "counter", rule.name, YETT_MAX_COUNTERS);
        if (rule.limit)
            find(slots_.counters, "counter", over_counter_name(rule.name), YETT_MAX_COUNTERS);
        match(rule.match);
        return outcome();
    }
    Result<void> prefix_set(const std::string& name) {
        find(slots_.address_sets, "prefix set", name, YETT_MAX_SET_SLOTS);
        return outcome();
    }
    Result<void> counter(const std::string& name) {
        find(slots_.counters, "counter", name, YETT_MAX_COUNTERS);
        return outcome();
    }

  private:
    template <typename Table>
    void find(const Table& slots, const char* what, const std::string& name, std::uint32_t bound) {
        const auto found = slots.find(name);
        if (found != slots.end() && found->second < bound) return;
        if (missing_.empty()) missing_ = std::string(what) + " \"" + name + "\" has no slot";
    }

    template <typename Test, typename Slot>
    void sets(const std::vector<Test>& tests, const std::map<std::string, Slot>& slots,
              const char* what, std::uint32_t bound) {
        for (const Test& test : tests)
            if (const auto* set = std::get_if<SetReference>(&test))
                find(slots, what, set->name, bound);
    }

    void match(const Match& match) {
        for (const InterfaceTest& test : match.iface)
            if (const auto* name = std::get_if<std::string>(&test))
                find(slots_.interfaces, "interface", *name, YETT_MAX_INTERFACES);
        sets(match.iface, slots_.interface_sets, "interface set", YETT_MAX_INTERFACE_SET_SLOTS);
        sets(match.smac, slots_.address_sets, "MAC set", YETT_MAX_SET_SLOTS);
        sets(match.dmac, slots_.address_sets, "MAC set", YETT_MAX_SET_SLOTS);
        sets(match.src, slots_.address_sets, "prefix set", YETT_MAX_SET_SLOTS);
        sets(match.dst, slots_.address_sets, "prefix set", YETT_MAX_SET_SLOTS);
        sets(match.sport, slots_.port_sets, "port set", YETT_MAX_PORT_SET_SLOTS);
        sets(match.dport, slots_.port_sets, "port set", YETT_MAX_PORT_SET_SLOTS);
        for (const Match& part : match.negated)
            this->match(part);
    }

    Result<void> outcome() const {
        if (missing_.empty()) return {};
        return Error{ErrorKind::internal, missing_, "check the ruleset before it is compiled"};
    }

    const Slots& slots_;
    std::string missing_;
};

RuleList all_rules(const ImpliedRules& implied, const std::vector<Rule>& own) {
    RuleList rules;
    rules.reserve(implied.before.size() + own.size() + implied.after.size());
    for (const auto* some : {&implied.before, &own, &implied.after})
        for (const Rule& rule : *some)
            rules.push_back(&rule);
    return rules;
}

Result<void> check_names(const Ruleset& ruleset, const RuleList& rules, const Slots& slots) {
    NameCheck check(slots);
    if (ruleset.never_ban)
        if (Result<void> named = check.prefix_set(ruleset.never_ban->name); !named) return named;
    for (const Rule* rule : rules)
        if (Result<void> named = check.rule(*rule); !named) return named;
    for (const Direction direction : {Direction::ingress, Direction::egress})
        if (Result<void> named = check.counter(policy_counter_name(direction)); !named)
            return named;
    return {};
}

Result<void> check_count(const RuleList& rules) {
    if (rules.size() <= YETT_MAX_RULES) return {};
    return Error{ErrorKind::invalid,
                 "the ruleset has " + std::to_string(rules.size()) +
                     " rules with failsafe entries and built-ins; it may have " +
                     std::to_string(YETT_MAX_RULES),
                 "join rules that differ in one value only"};
}

Result<void> check_limits(const RuleList& rules) {
    const auto count = std::count_if(rules.begin(), rules.end(),
                                     [](const Rule* rule) { return rule->limit.has_value(); });
    if (count <= YETT_MAX_LIMITS) return {};
    return Error{ErrorKind::invalid,
                 std::to_string(count) + " rules have a limit; " + std::to_string(YETT_MAX_LIMITS) +
                     " may have one",
                 "join rules that share a rate"};
}

}  // namespace

std::string policy_counter_name(Direction direction) {
    return direction == Direction::ingress ? "(policy:ingress)" : "(policy:egress)";
}

std::string over_counter_name(const std::string& rule) {
    return "(over:" + rule + ")";
}

std::vector<std::string> counter_names(const Ruleset& ruleset) {
    const ImpliedRules implied = implied_rules(ruleset);
    std::vector<std::string> names;
    std::unordered_set<std::string_view> seen;
    const auto add = [&](const Rule& rule) {
        if (!seen.insert(rule.name).second) return;
        names.push_back(rule.name);
        if (rule.limit) names.push_back(over_counter_name(rule.name));
    };
    for (const Rule* rule : all_rules(implied, ruleset.rules))
        add(*rule);
    names.push_back(policy_counter_name(Direction::ingress));
    names.push_back(policy_counter_name(Direction::egress));
    return names;
}

std::vector<std::string> interface_names(const Ruleset& ruleset) {
    Names names;
    for (const std::string& name : ruleset.interfaces)
        if (!is_pattern(name)) names.add(name);
    for (const Match& entry : ruleset.failsafe)
        names.add_interfaces(entry);
    for (const Rule& rule : ruleset.rules)
        names.add_interfaces(rule.match);
    for (const auto& [set_name, set] : ruleset.sets)
        for (const std::string& name : set.ifaces)
            names.add(name);
    return names.take();
}

Result<Tables> compile(const Ruleset& ruleset, const Slots& slots) {
    const ImpliedRules implied = implied_rules(ruleset);
    const RuleList rules = all_rules(implied, ruleset.rules);
    if (Result<void> fits = check_count(rules); !fits) return fits.error();
    if (Result<void> fits = check_limits(rules); !fits) return fits.error();
    if (Result<void> named = check_names(ruleset, rules, slots); !named) return named.error();
    Tables tables;
    fill_header(ruleset, rules, slots, tables.ruleset);
    for (std::size_t i = 0; i < rules.size(); ++i) {
        tables.actions.push_back(action_of(*rules[i], i < implied.before.size(), slots));
        if (rules[i]->limit) {
            tables.limits.push_back(limit_of(*rules[i], slots));
            tables.actions.back().limit = static_cast<__u16>(tables.limits.size());
        }
        tables.rule_names.push_back(rules[i]->name);
    }
    const Result<std::vector<BoxList>> lists = expand(ruleset, rules, slots);
    if (!lists) return lists.error();
    if (Result<void> laid = lay_out_boxes(*lists, tables); !laid) return laid.error();
    if (Result<void> built = build_engine(tables); !built) return built.error();
    return tables;
}

std::optional<Tables> recompile(const Tables& tables, const RulesetSource& before,
                                const RulesetSource& after) {
    const ImpliedRules implied = implied_rules(after.ruleset);
    if (!(implied == implied_rules(before.ruleset))) return std::nullopt;
    const auto span = changed_rules(before, after);
    if (!span) return std::nullopt;
    const auto first = after.ruleset.rules.begin() + static_cast<long>(span->first);
    RuleList come;
    for (auto rule = first; rule != first + static_cast<long>(span->come); ++rule)
        come.push_back(&*rule);
    if (!check_names(after.ruleset, come, after.slots)) return std::nullopt;
    auto change = change_of(*span, implied, come, after);
    if (!change) return std::nullopt;
    Tables next = tables;
    fill_header(after.ruleset, all_rules(implied, after.ruleset.rules), after.slots, next.ruleset);
    if (!patch(next, *change)) return std::nullopt;
    return next;
}

}  // namespace yett
