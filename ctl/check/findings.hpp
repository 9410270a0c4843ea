// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/check: where the findings are collected, and what the checks look things up in.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/diagnostic.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// Keeps the first 20 errors and the first 20 warnings. Words for one that is not kept can cost far
/// more than the search for it: who looks through lists asks full() first.
class Findings {
  public:
    void error(std::string_view code, std::string pointer, std::string message,
               std::string hint = {});
    void warning(std::string_view code, std::string pointer, std::string message,
                 std::string hint = {});
    /// The last finding is about a member's name, not about its value.
    void at_key() {
        if (last_) last_->at_key = true;
    }
    [[nodiscard]] bool full() const { return errors_ >= kMost; }
    [[nodiscard]] bool full_of_warnings() const { return warnings_ >= kMost; }
    std::vector<Diagnostic> take() { return std::move(diagnostics_); }

  private:
    static constexpr std::size_t kMost = 20;
    void add(Severity severity, std::string_view code, std::string pointer, std::string message,
             std::string hint);

    std::vector<Diagnostic> diagnostics_;
    Diagnostic* last_ = nullptr;  ///< the last finding, if it was kept
    std::size_t errors_ = 0;
    std::size_t warnings_ = 0;
};

/// A ruleset and an index of its sets: no search that grows with the file.
struct Scope {
    explicit Scope(const Ruleset& all);
    const Ruleset& ruleset;
    std::unordered_map<std::string_view, const Set*> sets;
    /// Names of the sets of one type.
    [[nodiscard]] std::vector<std::string_view> names_of(SetType type) const;
};

/// "did you mean ...", or all there are.
std::string hint_of(std::string_view name, const std::vector<std::string_view>& known);

/// Bits behind the length, or a length that the family does not have.
void check_prefix(Findings& findings, const Prefix& prefix, const std::string& pointer);
/// One match object; `pointer` leads to it.
void check_match(Findings& findings, const Scope& scope, const Match& match,
                 const std::string& pointer);
/// Keys that no packet can satisfy together.
void check_contradictions(Findings& findings, const Match& match, const std::string& pointer,
                          Severity severity);
/// What one rule does beyond its match: bans, and limits and rejections of what this host sends.
void check_action(Findings& findings, const Rule& rule, const std::string& pointer);
/// Rules that earlier ones leave nothing for, and built-ins that rules leave nothing for.
void check_reach(Findings& findings, const Ruleset& ruleset);
/// Lists behind a rule that passes what is open already.
void check_lists(Findings& findings, const std::vector<Rule>& rules);
/// False: it is no name (nor, where those may stand, a pattern), and an error says so.
bool check_interface_name(Findings& findings, const std::string& pointer, const std::string& name,
                          bool patterns = false);
void check_interfaces(Findings& findings, const Ruleset& ruleset);
void check_sets(Findings& findings, const Scope& scope);
/// That the embedded tests can be run.
void check_packet_tests(Findings& findings, const Ruleset& ruleset);

}  // namespace yett
