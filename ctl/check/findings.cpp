// SPDX-License-Identifier: GPL-2.0-or-later
// Collects findings, and knows what a name may be.
#include "check/findings.hpp"

#include <algorithm>

#include "base/suggest.hpp"

namespace yett {

Scope::Scope(const Ruleset& all) : ruleset(all) {
    for (const auto& [name, set] : ruleset.sets)
        sets.emplace(name, &set);
}

std::vector<std::string_view> Scope::names_of(SetType type) const {
    std::vector<std::string_view> names;
    for (const auto& [name, set] : ruleset.sets)
        if (set.type == type) names.push_back(name);
    return names;
}

void Findings::error(std::string_view code, std::string pointer, std::string message,
                     std::string hint) {
    last_ = nullptr;
    if (errors_++ >= kMost) return;
    add(Severity::error, code, std::move(pointer), std::move(message), std::move(hint));
}

void Findings::warning(std::string_view code, std::string pointer, std::string message,
                       std::string hint) {
    last_ = nullptr;
    if (warnings_++ >= kMost) return;
    add(Severity::warning, code, std::move(pointer), std::move(message), std::move(hint));
}

void Findings::add(Severity severity, std::string_view code, std::string pointer,
                   std::string message, std::string hint) {
    Diagnostic diagnostic;
    diagnostic.severity = severity;
    diagnostic.code = code;
    diagnostic.pointer = std::move(pointer);
    diagnostic.message = std::move(message);
    diagnostic.hint = std::move(hint);
    diagnostics_.push_back(std::move(diagnostic));
    last_ = &diagnostics_.back();
}

std::string hint_of(std::string_view name, const std::vector<std::string_view>& known) {
    std::string hint = did_you_mean(name, known);
    if (!hint.empty() || known.empty()) return hint;
    hint = "there are";
    for (const std::string_view word : known)
        (hint += ' ') += word;
    return hint;
}

}  // namespace yett
