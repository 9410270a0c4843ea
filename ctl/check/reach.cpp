// SPDX-License-Identifier: GPL-2.0-or-later
// A rule is out of reach when an earlier one ends the judgement of every packet that it matches.
//
// Law: key by key, each value of the later rule lies inside one value of the earlier one. Where the
// earlier rule only passes what it can read and the later one drops, a packet with an unreadable
// field gets past the earlier one, so nothing is said then.
#include <algorithm>

#include "abi/limits.h"
#include "base/quote.hpp"
#include "check/findings.hpp"

namespace yett {
namespace {

bool covers(const NumberRange& wide, const NumberRange& narrow) {
    return wide.first <= narrow.first && narrow.last <= wide.last;
}
bool covers(const MacRange& wide, const MacRange& narrow) {
    return wide.first <= narrow.first && narrow.last <= wide.last;
}
bool covers(const FlagsTest& wide, const FlagsTest& narrow) {
    return (wide.mask & ~narrow.mask) == 0 && (narrow.value & wide.mask) == wide.value;
}
bool covers(const AddressTest& wide, const AddressTest& narrow) {
    const auto* prefix = std::get_if<Prefix>(&wide);
    const auto* inner = std::get_if<Prefix>(&narrow);
    if (!prefix || !inner) return wide == narrow;
    return prefix->address.family == inner->address.family && prefix->length <= inner->length &&
           contains(*prefix, inner->address);
}
bool covers(const PortTest& wide, const PortTest& narrow) {
    const auto* range = std::get_if<NumberRange>(&wide);
    const auto* inner = std::get_if<NumberRange>(&narrow);
    return range && inner ? covers(*range, *inner) : wide == narrow;
}
template <typename T>
bool covers(const T& wide, const T& narrow) {
    return wide == narrow;
}

template <typename T>
bool key_covers(const std::vector<T>& wide, const std::vector<T>& narrow) {
    if (wide.empty()) return true;
    if (narrow.empty()) return false;
    return std::all_of(narrow.begin(), narrow.end(), [&](const T& value) {
        return std::any_of(wide.begin(), wide.end(),
                           [&](const T& other) { return covers(other, value); });
    });
}

bool covers(const Match& wide, const Match& narrow) {
    const bool excluded =
        std::all_of(wide.negated.begin(), wide.negated.end(), [&](const Match& negated) {
            return std::find(narrow.negated.begin(), narrow.negated.end(), negated) !=
                   narrow.negated.end();
        });
    return excluded && key_covers(wide.dport, narrow.dport) && key_covers(wide.src, narrow.src) &&
           key_covers(wide.dst, narrow.dst) && key_covers(wide.proto, narrow.proto) &&
           key_covers(wide.sport, narrow.sport) && key_covers(wide.tcp_flags, narrow.tcp_flags) &&
           key_covers(wide.icmp_type, narrow.icmp_type) &&
           key_covers(wide.icmp_code, narrow.icmp_code) && key_covers(wide.iface, narrow.iface) &&
           key_covers(wide.direction, narrow.direction) && key_covers(wide.family, narrow.family) &&
           key_covers(wide.smac, narrow.smac) && key_covers(wide.dmac, narrow.dmac) &&
           key_covers(wide.ethertype, narrow.ethertype) && key_covers(wide.vlan, narrow.vlan) &&
           key_covers(wide.len, narrow.len) && key_covers(wide.ttl, narrow.ttl) &&
           key_covers(wide.dscp, narrow.dscp) && key_covers(wide.fragment, narrow.fragment);
}

bool takes(const Rule& rule) {
    return rule.action == ActionKind::drop || rule.action == ActionKind::ban ||
           rule.action == ActionKind::reject;
}

bool ends_before(const Rule& earlier, const Rule& later) {
    if (earlier.action == ActionKind::count) return false;
    if (!takes(earlier) && takes(later) && !(earlier.match == Match{})) return false;
    return covers(earlier.match, later.match);
}

}  // namespace

void check_reach(Findings& findings, const std::vector<Rule>& rules) {
    // Each pair is compared; more rules than that are refused anyway.
    if (rules.size() > YETT_MAX_RULES) return;
    for (std::size_t later = 1; later < rules.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            if (!ends_before(rules[earlier], rules[later])) continue;
            findings.warning("unreachable", "/rules/" + std::to_string(later) + "/name",
                             quote(rules[later].name) + " never decides: " +
                                 quote(rules[earlier].name) + " matches the same packets before it",
                             "put the narrower rule first, or remove it");
            break;
        }
    }
}

}  // namespace yett
