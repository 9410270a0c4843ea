// SPDX-License-Identifier: GPL-2.0-or-later
// A rule is out of reach when earlier ones end the judgement of every packet that it matches.
//
// Law of one: key by key, each value of the later rule lies inside one value of the earlier one.
// Where an earlier rule only passes what it can read and the later one drops, a packet with an
// unreadable field gets past the earlier one: the later rule drops that and nothing else. For that
// only rules whose source and destination can hold those of the later one are looked at: by a
// forest of the prefixes in use, and an index of pairs of its nodes. Law of several: cover.hpp.
#include "check/earlier.hpp"

#include <algorithm>

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
bool covers(const MacTest& wide, const MacTest& narrow) {
    const auto* range = std::get_if<MacRange>(&wide);
    const auto* inner = std::get_if<MacRange>(&narrow);
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
           key_covers(wide.dscp, narrow.dscp) && key_covers(wide.fragment, narrow.fragment) &&
           key_covers(wide.state, narrow.state);
}

/// What a comparison costs: two lists are compared value by value, and the longest ones cost most.
std::size_t values_of(const Match& match) {
    return 1 + std::max({match.src.size(), match.dst.size(), match.sport.size(), match.dport.size(),
                         match.iface.size(), match.smac.size(), match.dmac.size(),
                         match.negated.size()}) /
                   8;
}

/// The earlier rule leaves the later one what cannot be read, and nothing else.
bool leaves_unreadable(const Rule& earlier, const Rule& later) {
    return !takes(earlier) && takes(later) && !(earlier.match == Match{});
}

}  // namespace

bool takes(const Rule& rule) {
    return rule.action == ActionKind::drop || rule.action == ActionKind::ban ||
           rule.action == ActionKind::reject;
}

Earlier::Earlier(const Ruleset& ruleset, const std::vector<Rule>& rules)
    : rules_(rules), src_(rules, &Match::src), dst_(rules, &Match::dst), cover_(ruleset, rules) {}

void Earlier::add(std::size_t rule) {
    // That many pairs are not worth their room: such a rule is compared with every later one.
    constexpr std::size_t kMostPairs = 64;
    if (rules_.size() <= kFewRules) all_.push_back(rule);
    const auto src = src_.values(rule), dst = dst_.values(rule);
    if (src.size() * dst.size() > kMostPairs) return broad_.push_back(rule);
    for (const NodeOf from : src) {
        for (const NodeOf to : dst)
            pairs_[key(from, to)].push_back(rule);
    }
}

Taken Earlier::find(std::size_t later) {
    const Rule& rule = rules_[later];
    const std::size_t whole =
        first_covering(rule.match, src_.values(later)[0], dst_.values(later)[0]);
    if (whole != npos) {
        const bool unread = cover_.any_unreadable() && leaves_unreadable(rules_[whole], rule);
        return {unread ? Remains::unreadable : Remains::nothing, {whole}};
    }
    // No rule alone: each packet may be taken by one, another by another.
    Taken taken;
    const auto around = neighbours(later);
    taken.remains = cover_.remains(later, around, taken.by);
    return taken;
}

/// Calls `use` for the rules around a pair of nodes.
template <typename Use>
void Earlier::each_pair(NodeOf from, NodeOf to, Use use) const {
    for (NodeOf src = from; src != kNoNode; src = src_.parent(src)) {
        for (NodeOf dst = to; dst != kNoNode; dst = dst_.parent(dst)) {
            const auto pair = pairs_.find(key(src, dst));
            if (pair != pairs_.end()) use(pair->second);
        }
    }
}

/// The first rule whose match covers `match`, of these nodes of the forests.
std::size_t Earlier::first_covering(const Match& match, NodeOf from, NodeOf to) {
    std::size_t found = first_of(broad_, match, npos);
    each_pair(from, to, [&](const auto& list) { found = first_of(list, match, found); });
    return found;
}

std::size_t Earlier::first_of(const std::vector<std::size_t>& list, const Match& later,
                              std::size_t before) {
    for (const std::size_t rule : list) {
        if (rule >= before) return before;
        comparisons_ += values_of(rules_[rule].match) * values_of(later);
        if (covers(rules_[rule].match, later)) return rule;
    }
    return before;
}

/// Earlier rules that may take a part of `later`: all of them where there are few rules, else those
/// around its addresses.
std::vector<std::size_t> Earlier::neighbours(std::size_t later) {
    std::vector<std::size_t> out;
    const auto add_all = [&](const std::vector<std::size_t>& list) {
        for (const std::size_t rule : list) {
            if (out.size() >= kMostNeighbours || looks_ >= kMostLooks) return;
            ++looks_;
            if (cover_.may_help(rule, later)) out.push_back(rule);
        }
    };
    if (rules_.size() <= kFewRules) {
        add_all(all_);
        return out;
    }
    add_all(broad_);
    for (const NodeOf from : src_.values(later))
        for (const NodeOf to : dst_.values(later))
            each_pair(from, to, add_all);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

}  // namespace yett
