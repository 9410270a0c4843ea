// SPDX-License-Identifier: GPL-2.0-or-later
// A list that grows while connections are open ends them only before the rule that passes them.
#include <algorithm>

#include "base/quote.hpp"
#include "check/earlier.hpp"
#include "check/findings.hpp"

namespace yett {
namespace {

template <typename T>
bool holds_all(const std::vector<T>& wide, const std::vector<T>& narrow) {
    if (wide.empty()) return true;
    return !narrow.empty() && std::all_of(narrow.begin(), narrow.end(), [&](const T& value) {
        return std::find(wide.begin(), wide.end(), value) != wide.end();
    });
}

bool is_only(const std::vector<ConnectionState>& states) {
    return !states.empty() && std::all_of(states.begin(), states.end(), [](ConnectionState state) {
        return state == ConnectionState::established || state == ConnectionState::related;
    });
}

/// Asks for a source on a list, which grows while connections are open, and for nothing else.
bool drops_a_list(const Rule& rule) {
    Match rest = rule.match;
    rest.src.clear();
    rest.direction.clear();
    rest.iface.clear();
    return takes(rule) && rest == Match{} &&
           std::any_of(rule.match.src.begin(), rule.match.src.end(), [](const AddressTest& test) {
               return std::holds_alternative<SetReference>(test);
           });
}

/// Passes what is open, whoever the other side is.
bool passes_what_is_open(const Rule& rule) {
    Match rest = rule.match;
    rest.state.clear();
    rest.direction.clear();
    rest.iface.clear();
    return rule.action == ActionKind::pass && !rule.limit && rest == Match{} &&
           is_only(rule.match.state);
}

}  // namespace

void check_lists(Findings& findings, const std::vector<Rule>& rules) {
    const auto open = std::find_if(rules.begin(), rules.end(), passes_what_is_open);
    for (auto rule = open; rule != rules.end() && !findings.full_of_warnings(); ++rule) {
        if (!drops_a_list(*rule) || !holds_all(open->match.direction, rule->match.direction) ||
            !holds_all(open->match.iface, rule->match.iface))
            continue;
        findings.warning("list-after-established",
                         "/rules/" + std::to_string(rule - rules.begin()) + "/name",
                         quote(rule->name) + " does not end what is open: " + quote(open->name) +
                             " passes established connections before it",
                         "put " + quote(rule->name) + " before " + quote(open->name));
    }
}

}  // namespace yett
