// SPDX-License-Identifier: GPL-2.0-or-later
// A rule is out of reach when an earlier one ends the judgement of every packet that it matches.
//
// Law: key by key, each value of the later rule lies inside one value of the earlier one. Where the
// earlier rule only passes what it can read and the later one drops, a packet with an unreadable
// field gets past the earlier one, so nothing is said then.
//
// Only rules whose source and destination can hold those of the later one are compared with it: by
// a forest of the prefixes in use, and an index of pairs of its nodes.
#include <algorithm>
#include <unordered_map>

#include "base/quote.hpp"
#include "check/address_forest.hpp"
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

bool takes(const Rule& rule) {
    return rule.action == ActionKind::drop || rule.action == ActionKind::ban ||
           rule.action == ActionKind::reject;
}

bool ends_before(const Rule& earlier, const Rule& later) {
    if (earlier.action == ActionKind::count) return false;
    if (!takes(earlier) && takes(later) && !(earlier.match == Match{})) return false;
    return covers(earlier.match, later.match);
}

/// Rules seen so far, by their pairs of source and destination.
class Earlier {
  public:
    explicit Earlier(const std::vector<Rule>& rules)
        : rules_(rules), src_(rules, &Match::src), dst_(rules, &Match::dst) {}

    void add(std::size_t rule) {
        // That many pairs are not worth their room: such a rule is compared with every later one.
        constexpr std::size_t kMostPairs = 64;
        const auto src = src_.values(rule), dst = dst_.values(rule);
        if (src.size() * dst.size() > kMostPairs) return broad_.push_back(rule);
        for (const NodeOf from : src) {
            for (const NodeOf to : dst)
                pairs_[key(from, to)].push_back(rule);
        }
    }

    /// The first rule that leaves nothing for `later`, or npos.
    std::size_t find(std::size_t later) {
        std::size_t found = first_of(broad_, later, npos);
        for (NodeOf src = src_.values(later)[0]; src != kNoNode; src = src_.parent(src)) {
            for (NodeOf dst = dst_.values(later)[0]; dst != kNoNode; dst = dst_.parent(dst)) {
                const auto pair = pairs_.find(key(src, dst));
                if (pair != pairs_.end()) found = first_of(pair->second, later, found);
            }
        }
        return found;
    }

    [[nodiscard]] std::size_t comparisons() const { return comparisons_; }

    static constexpr std::size_t npos = static_cast<std::size_t>(-1);

  private:
    static std::uint64_t key(NodeOf src, NodeOf dst) { return std::uint64_t{src} << 32 | dst; }

    std::size_t first_of(const std::vector<std::size_t>& list, std::size_t later,
                         std::size_t before) {
        for (const std::size_t rule : list) {
            if (rule >= before) return before;
            comparisons_ += values_of(rules_[rule].match) * values_of(rules_[later].match);
            if (ends_before(rules_[rule], rules_[later])) return rule;
        }
        return before;
    }

    const std::vector<Rule>& rules_;
    AddressForest src_, dst_;
    std::unordered_map<std::uint64_t, std::vector<std::size_t>> pairs_;
    std::vector<std::size_t> broad_;
    std::size_t comparisons_ = 0;
};

}  // namespace

void check_reach(Findings& findings, const std::vector<Rule>& rules) {
    // Enough for every pair of 2,800 rules, and for any number whose addresses differ.
    constexpr std::size_t kMostComparisons = 4'000'000;
    Earlier earlier(rules);
    for (std::size_t later = 0; later < rules.size() && !findings.full_of_warnings(); ++later) {
        const std::string pointer = "/rules/" + std::to_string(later) + "/name";
        if (earlier.comparisons() > kMostComparisons) {
            findings.warning("reach-unchecked", pointer,
                             "from this rule on it is not known whether earlier rules leave "
                             "anything for them: too many have the same addresses",
                             "join rules that differ in ports only, or put the ports into a set");
            return;
        }
        const std::size_t found = earlier.find(later);
        if (found == Earlier::npos) {
            // What is out of reach itself covers nothing that its own cover does not.
            if (rules[later].action != ActionKind::count) earlier.add(later);
            continue;
        }
        findings.warning("unreachable", pointer,
                         quote(rules[later].name) + " never decides: " + quote(rules[found].name) +
                             " matches the same packets before it",
                         "put the narrower rule first, or remove it");
    }
}

}  // namespace yett
