// SPDX-License-Identifier: GPL-2.0-or-later
// The packets that a ruleset brings along, and what its author expects of them.
#include <algorithm>
#include <optional>

#include "base/quote.hpp"
#include "base/suggest.hpp"
#include "check/check.hpp"
#include "check/findings.hpp"
#include "check/judge.hpp"
#include "model/names.hpp"
#include "model/reason.hpp"

namespace yett {
namespace {

std::string at(std::size_t i, const char* key) {
    return "/tests/" + std::to_string(i) + '/' + key;
}

std::string interface_of(const Ruleset& ruleset, const PacketTest& test) {
    if (!test.iface.empty() || ruleset.interfaces.empty()) return test.iface;
    return ruleset.interfaces.front();
}

std::string_view word(Verdict verdict) {
    return verdict == Verdict::pass ? "pass" : "drop";
}

/// "dropped by rule \"x\"", "passed by the policy", "dropped for frag_later".
std::string describe(const Judgement& judgement) {
    std::string text = judgement.verdict == Verdict::pass ? "passed" : "dropped";
    if (judgement.rule_name == kPolicyName) return text + " by the policy";
    if (!judgement.rule_name.empty()) return text + " by rule " + quote(judgement.rule_name);
    return text + " for " + judgement.reason;
}

/// "; the set \"x\" lists 192.0.2.9" for each set of the deciding rule that the packet is in.
std::string sets_that_decide(const Ruleset& ruleset, const Match& match, const PacketSpec& packet) {
    std::string text;
    const auto look = [&](const std::vector<AddressTest>& tests, const Address& address) {
        for (const AddressTest& test : tests) {
            const auto* reference = std::get_if<SetReference>(&test);
            const Set* set = reference ? find_set(ruleset, reference->name) : nullptr;
            if (set && std::any_of(set->prefixes.begin(), set->prefixes.end(),
                                   [&](const Prefix& entry) { return contains(entry, address); }))
                text += "; the set " + quote(reference->name) + " lists " + to_text(address);
        }
    };
    look(match.src, packet.src);
    look(match.dst, packet.dst);
    return text;
}

std::string expectation(const PacketTest& test) {
    std::string text(word(test.expect));
    if (!test.rule.empty()) text += " by " + quote(test.rule);
    if (!test.reason.empty()) text += " for " + test.reason;
    return text;
}

bool as_expected(const PacketTest& test, const Judgement& judgement) {
    return test.expect == judgement.verdict &&
           (test.rule.empty() || test.rule == judgement.rule_name) &&
           (test.reason.empty() || test.reason == judgement.reason);
}

}  // namespace

void check_packet_tests(Findings& findings, const Ruleset& ruleset) {
    if (ruleset.tests.empty()) return;
    std::vector<std::string_view> names{kPolicyName};
    const ImpliedRules implied = implied_rules(ruleset);
    for (const auto* some : {&implied.before, &implied.after})
        for (const Rule& rule : *some)
            names.push_back(rule.name);
    for (const Rule& rule : ruleset.rules)
        names.push_back(rule.name);
    std::vector<std::string_view> reasons;
    for (const ReasonInfo& reason : kReasons)
        reasons.emplace_back(reason.name);
    std::vector<std::string_view> sorted = names;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < ruleset.tests.size() && !findings.full(); ++i) {
        const PacketTest& test = ruleset.tests[i];
        const auto packet = parse_packet(test.packet);
        if (!packet) {
            const Error& error = packet.error();
            findings.error("packet", at(i, "packet"), error.message, error.hint);
        }
        if (!test.iface.empty()) check_interface_name(findings, at(i, "iface"), test.iface);
        if (!test.rule.empty() && !std::binary_search(sorted.begin(), sorted.end(), test.rule)) {
            findings.error("unknown-rule", at(i, "rule"), "there is no rule " + quote(test.rule),
                           did_you_mean(test.rule, names));
        }
        if (!test.reason.empty() && !find_reason(test.reason)) {
            findings.error("unknown-reason", at(i, "reason"),
                           "there is no reason " + quote(test.reason),
                           hint_of(test.reason, reasons));
        }
    }
}

std::vector<Diagnostic> run_tests(const Ruleset& ruleset, std::size_t most_visits) {
    if (ruleset.tests.empty()) return {};
    std::size_t visits = 0;
    Findings findings;
    const std::vector<Rule> rules = effective_rules(ruleset);
    for (std::size_t i = 0; i < ruleset.tests.size() && !findings.full(); ++i) {
        const PacketTest& test = ruleset.tests[i];
        const auto packet = parse_packet(test.packet);
        if (!packet) continue;
        if (visits > most_visits) {
            findings.warning("tests-unjudged", at(i, "packet"),
                             "this test and those behind it were not judged: they are too many "
                             "for so many rules",
                             "yett apply runs all of them on the loaded programs");
            break;
        }
        std::optional<Ruleset> own;
        if (!test.sets.empty()) {
            own = with_sets(ruleset, test.sets);
            visits += rules.size();
        }
        const Ruleset& judged_by = own ? *own : ruleset;
        const Judgement judgement =
            judge(judged_by, rules, *packet, test.direction, interface_of(ruleset, test));
        visits += judgement.rule < 0 ? rules.size() : static_cast<std::size_t>(judgement.rule) + 1;
        if (as_expected(test, judgement)) continue;
        const std::string sets =
            judgement.rule < 0 ? ""
                               : sets_that_decide(judged_by, rules[judgement.rule].match, *packet);
        findings.error("test-failed", at(i, "packet"),
                       "this packet is " + describe(judgement) + sets,
                       "the test expects " + expectation(test));
    }
    return findings.take();
}

}  // namespace yett
