// SPDX-License-Identifier: GPL-2.0-or-later
// The packets that a ruleset brings along.
#include "apply/candidate_tests.hpp"

#include <fmt/format.h>

#include "model/packet.hpp"
#include "model/reason.hpp"

namespace yett {
namespace {

const char* verdict_name(bool drop) {
    return drop ? "drop" : "pass";
}

std::uint16_t slot_of(const PacketTest& test, const Ruleset& ruleset, const Slots& slots) {
    const auto& name =
        test.iface.empty() && !ruleset.interfaces.empty() ? ruleset.interfaces[0] : test.iface;
    const auto found = slots.interfaces.find(name);
    return found == slots.interfaces.end() ? 0 : found->second;
}

std::string expectation(const PacketTest& test) {
    std::string out = verdict_name(test.expect == Verdict::drop);
    if (!test.rule.empty()) out += " by " + test.rule;
    if (!test.reason.empty()) out += " for " + test.reason;
    return out;
}

Diagnostic diagnostic(std::size_t index, std::string code, std::string message) {
    Diagnostic out;
    out.code = std::move(code);
    out.message = std::move(message);
    out.pointer = fmt::format("/tests/{}", index);
    return out;
}

}  // namespace

std::string rule_name_of(const yett_trace_result& result, const std::vector<std::string>& names) {
    if (result.rule < names.size()) return names[result.rule];
    return result.reason == YETT_REASON_POLICY ? kPolicyName : "";
}

Result<std::vector<Diagnostic>> run_candidate_tests(DataPlane& plane, const Ruleset& ruleset,
                                                    const Slots& slots,
                                                    const std::vector<std::string>& rule_names,
                                                    std::uint64_t word,
                                                    const std::vector<std::size_t>& which) {
    std::vector<Diagnostic> failures;
    for (const std::size_t i : which) {
        const auto& test = ruleset.tests[i];
        const auto packet = parse_packet(test.packet);
        if (!packet) {
            failures.push_back(diagnostic(i, "test-packet", packet.error().message));
            continue;
        }
        yett_trace_request request{};
        request.id = YETT_TRACE_BY_RULESET;
        request.word = word;
        request.iface = slot_of(test, ruleset, slots);
        request.direction = static_cast<std::uint32_t>(test.direction);
        request.state = 1 + static_cast<std::uint32_t>(state_of(*packet, test.direction));
        const auto result = plane.trace(to_frame(*packet), request);
        if (!result) return result.error();
        const bool drop = result->verdict == YETT_DROP;
        const auto rule = rule_name_of(*result, rule_names);
        const std::string reason =
            result->reason < kReasons.size() ? kReasons[result->reason].name : "unknown";
        const bool good = drop == (test.expect == Verdict::drop) &&
                          (test.rule.empty() || test.rule == rule) &&
                          (test.reason.empty() || test.reason == reason);
        if (good) continue;
        failures.push_back(
            diagnostic(i, "test-failed",
                       fmt::format("test {} expects {}, the data plane says {} by {} ({})", i + 1,
                                   expectation(test), verdict_name(drop),
                                   rule.empty() ? "no rule" : rule, reason)));
    }
    return failures;
}

}  // namespace yett
