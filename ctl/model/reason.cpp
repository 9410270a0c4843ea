// SPDX-License-Identifier: GPL-2.0-or-later
// Names and defaults of reasons.
#include "model/reason.hpp"

namespace yett {

const std::array<ReasonInfo, YETT_REASON_COUNT> kReasons = {{
#define YETT_REASON_INFO(name, text, kind, words) {text, YETT_REASON_KIND_##kind, words},
    YETT_REASONS(YETT_REASON_INFO)
#undef YETT_REASON_INFO
}};

std::optional<yett_reason> find_reason(std::string_view name) {
    for (std::size_t i = 0; i < kReasons.size(); ++i)
        if (name == kReasons[i].name) return static_cast<yett_reason>(i);
    return std::nullopt;
}

bool can_be_excepted(yett_reason reason) {
    const yett_reason_kind kind = kReasons[reason].kind;
    return kind == YETT_REASON_KIND_EXCEPT || kind == YETT_REASON_KIND_SWITCH;
}

Verdict reason_verdict(const Ruleset& ruleset, yett_reason reason) {
    const auto found = ruleset.exceptions.find(kReasons[reason].name);
    if (can_be_excepted(reason) && found != ruleset.exceptions.end()) return found->second;
    return kReasons[reason].kind == YETT_REASON_KIND_SWITCH ? Verdict::pass : Verdict::drop;
}

}  // namespace yett
