// SPDX-License-Identifier: GPL-2.0-or-later
// Rules that those before them leave nothing for, failsafe entries among them; and built-ins that
// the operator's rules leave nothing for.
//
// A limit takes all that its rule matches: what is over it is dropped. A rule that counts takes
// nothing. What a set holds may be anything at any time. A rule that only says what would hold
// without it, as the policy or a built-in does, is not spoken of: it has a counter and a place.
#include <algorithm>

#include "base/quote.hpp"
#include "check/earlier.hpp"
#include "check/findings.hpp"

namespace yett {
namespace {

/// The operator's rules among the effective ones.
struct Numbering {
    std::size_t begin, end;

    [[nodiscard]] bool is_own(std::size_t rule) const { return begin <= rule && rule < end; }
    [[nodiscard]] std::string pointer(std::size_t rule) const {
        return "/rules/" + std::to_string(rule - begin) + "/name";
    }
};

/// `"a"`, `"a" and "b"`, `"a", "b" and 3 more`.
std::string list_of(const std::vector<std::string>& names) {
    std::string text = quote(names[0]);
    if (names.size() == 2) return text + " and " + quote(names[1]);
    if (names.size() > 2)
        text += ", " + quote(names[1]) + " and " + std::to_string(names.size() - 2) + " more";
    return text;
}

/// Failsafe entries have one name.
std::vector<std::string> names_of(const std::vector<Rule>& rules,
                                  const std::vector<std::size_t>& found) {
    std::vector<std::string> names;
    for (const std::size_t rule : found)
        if (names.empty() || names.back() != rules[rule].name) names.push_back(rules[rule].name);
    return names;
}

bool passed_before(const std::vector<Rule>& rules, std::size_t later, const Taken& taken) {
    return takes(rules[later]) &&
           std::any_of(taken.by.begin(), taken.by.end(),
                       [&](std::size_t rule) { return !takes(rules[rule]); });
}

void tell(Findings& findings, const std::vector<Rule>& rules, const Numbering& own,
          std::size_t later, const Taken& taken) {
    const std::vector<std::string> names = names_of(rules, taken.by);
    const std::string name = quote(rules[later].name), before = list_of(names);
    const bool one = names.size() == 1;
    const bool movable = own.is_own(taken.by[0]);
    std::string hint = "narrow \"failsafe\", which comes first, or remove " + name;
    if (passed_before(rules, later, taken)) {
        if (movable) hint = "put " + name + " first, or remove it";
        const char* what = taken.remains == Remains::nothing ? " drops nothing: "
                                                             : " drops nothing that can be read: ";
        findings.warning(
            "drop-after-pass", own.pointer(later),
            name + what + before + (one ? " passes" : " decide") + " the same packets before it",
            hint);
        return;
    }
    if (movable) hint = "put the narrower rule first, or remove it";
    const bool counts = rules[later].action == ActionKind::count;
    findings.warning("unreachable", own.pointer(later),
                     name + (counts ? " never counts: " : " never decides: ") + before +
                         (one ? " matches" : " match") + " the same packets before it",
                     hint);
}

/// What is to be told, as far as there is room for it.
class Told {
  public:
    void add(const std::vector<Rule>& rules, std::size_t later, Taken taken) {
        const bool drop = passed_before(rules, later, taken);
        // Later rules that give match on nothing unreadable: that one decides about something else.
        if (!drop && taken.remains != Remains::nothing) return;
        auto& list = drop ? drops_ : others_;
        if (list.size() < kMost) list.emplace_back(later, std::move(taken));
    }
    [[nodiscard]] bool full() const { return drops_.size() >= kMost; }
    /// Drops behind passes first: they let in what was meant to stay out.
    void tell_all(Findings& findings, const std::vector<Rule>& rules, const Numbering& own) const {
        for (const auto* list : {&drops_, &others_})
            for (const auto& [later, taken] : *list)
                tell(findings, rules, own, later, taken);
    }

  private:
    static constexpr std::size_t kMost = 20;
    std::vector<std::pair<std::size_t, Taken>> drops_, others_;
};

/// A built-in in one direction, and the first rule that drops what it would pass.
struct HiddenBuiltin {
    std::size_t by;
    std::string name;
};

/// The rules of one name and direction from `i` on, and where they end. Hidden are they when
/// nothing is left of any, and some of it is dropped.
std::size_t add_hidden(const std::vector<Rule>& rules, const Numbering& own, Earlier& earlier,
                       std::size_t i, std::vector<HiddenBuiltin>& hidden) {
    const Rule& first = rules[i];
    std::size_t by = rules.size();
    bool all = true;
    for (; i < rules.size() && rules[i].name == first.name &&
           rules[i].match.direction == first.match.direction;
         ++i) {
        const Taken taken = earlier.find(i);
        all = all && taken.remains == Remains::nothing;
        for (const std::size_t rule : taken.by)
            if (takes(rules[rule]) && own.is_own(rule)) by = std::min(by, rule);
    }
    if (all && by < rules.size()) hidden.push_back({by, first.name});
    return i;
}

void check_hidden_builtins(Findings& findings, const std::vector<Rule>& rules, const Numbering& own,
                           Earlier& earlier) {
    std::vector<HiddenBuiltin> hidden;
    for (std::size_t i = own.end; i < rules.size();)
        i = add_hidden(rules, own, earlier, i, hidden);
    while (!hidden.empty()) {
        const std::size_t by = hidden.front().by;
        std::vector<std::string> names;
        for (const HiddenBuiltin& one : hidden)
            if (one.by == by && std::find(names.begin(), names.end(), one.name) == names.end())
                names.push_back(one.name);
        std::erase_if(hidden, [&](const HiddenBuiltin& one) { return one.by == by; });
        findings.warning("builtin-hidden", own.pointer(by),
                         quote(rules[by].name) + " drops what " + list_of(names) +
                             (names.size() == 1 ? " would pass behind it, which keeps"
                                                : " would pass behind it, which keep") +
                             " a host on its network",
                         "narrow it (the policy drops what no rule names), or say that it is "
                         "meant: \"builtins\": {\"" +
                             names[0] + "\": false}");
    }
}

/// Failsafe entries, the operator's rules, and built-ins, each in one direction.
std::vector<Rule> all_rules(const Ruleset& ruleset, Numbering& own) {
    auto [rules, after] = implied_rules(ruleset);
    own.begin = rules.size();
    rules.insert(rules.end(), ruleset.rules.begin(), ruleset.rules.end());
    own.end = rules.size();
    for (const Direction direction : {Direction::ingress, Direction::egress}) {
        for (const Rule& builtin : after) {
            const auto& directions = builtin.match.direction;
            if (ruleset.policy[static_cast<int>(direction)] == Verdict::pass) continue;
            if (!directions.empty() && directions[0] != direction) continue;
            rules.push_back(builtin);
            rules.back().match.direction = {direction};
        }
    }
    return rules;
}

}  // namespace

void check_reach(Findings& findings, const Ruleset& ruleset) {
    // Enough for every pair of 2,800 rules, and for any number whose addresses differ.
    constexpr std::size_t kMostComparisons = 4'000'000;
    Numbering own{};
    const std::vector<Rule> rules = all_rules(ruleset, own);
    Earlier earlier(ruleset, rules);
    for (std::size_t i = 0; i < own.begin; ++i)
        earlier.add(i);
    Told told;
    for (std::size_t later = own.begin; later < own.end && !told.full(); ++later) {
        if (earlier.comparisons() > kMostComparisons) {
            told.tell_all(findings, rules, own);
            findings.warning("reach-unchecked", own.pointer(later),
                             "from this rule on it is not known whether earlier rules leave "
                             "anything for them: too many have the same addresses",
                             "join rules that differ in ports only, or put the ports into a set");
            return;
        }
        Taken taken = earlier.find(later);
        // What is out of reach itself covers nothing that its own cover does not.
        if (taken.remains != Remains::nothing && rules[later].action != ActionKind::count)
            earlier.add(later);
        if (taken.remains != Remains::some) told.add(rules, later, std::move(taken));
    }
    told.tell_all(findings, rules, own);
    check_hidden_builtins(findings, rules, own, earlier);
}

}  // namespace yett
