// SPDX-License-Identifier: GPL-2.0-or-later
// Whether two judges agree, and words for when they do not.
#pragma once

#include <string>

#include "check/judge.hpp"

namespace yett::testing {

inline bool same(const Judgement& a, const Judgement& b) {
    return a.verdict == b.verdict && a.rule == b.rule && a.reason == b.reason;
}

inline std::string words(const Judgement& j) {
    return std::string(j.verdict == Verdict::pass ? "pass" : "drop") + ", rule " +
           std::to_string(j.rule) + " \"" + j.rule_name + "\", reason " + j.reason;
}

}  // namespace yett::testing
