// SPDX-License-Identifier: GPL-2.0-or-later
// A rule is out of reach when an earlier one ends the judgement of every packet that it matches.
//
// Law: key by key, each value of the later rule lies inside one value of the earlier one; or the
// later rule can be cut into pieces of one value a key, and each piece lies inside some earlier
// rule. Where an earlier rule only passes what it can read and the later one drops, a packet with
// an unreadable field gets past the earlier one: the later rule drops that and nothing else.
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

/// The earlier rule leaves the later one what cannot be read, and nothing else.
bool leaves_unreadable(const Rule& earlier, const Rule& later) {
    return !takes(earlier) && takes(later) && !(earlier.match == Match{});
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

    /// The earlier rules that leave nothing for `later`, in their order; none: it decides.
    std::vector<std::size_t> find(std::size_t later) {
        const Match& match = rules_[later].match;
        const auto src = src_.values(later), dst = dst_.values(later);
        const std::size_t whole = first_covering(match, src[0], dst[0]);
        if (whole != npos) return {whole};
        std::vector<std::size_t> found;
        // No rule alone: each packet may be taken by one, another by another.
        if (comparisons_of_pieces_ > kMostPieceComparisons) return found;
        const std::size_t before = comparisons_;
        if (!cover_pieces(match, src, dst, found)) found.clear();
        comparisons_of_pieces_ += comparisons_ - before;
        comparisons_ = before;
        return found;
    }

    [[nodiscard]] std::size_t comparisons() const { return comparisons_; }

    static constexpr std::size_t npos = static_cast<std::size_t>(-1);

  private:
    static constexpr std::size_t kMostPieces = 64;
    static constexpr std::size_t kMostPieceComparisons = 1'000'000;

    static std::uint64_t key(NodeOf src, NodeOf dst) { return std::uint64_t{src} << 32 | dst; }

    /// The first rule whose match covers `match`, of these nodes of the forests.
    std::size_t first_covering(const Match& match, NodeOf from, NodeOf to) {
        std::size_t found = first_of(broad_, match, npos);
        for (NodeOf src = from; src != kNoNode; src = src_.parent(src)) {
            for (NodeOf dst = to; dst != kNoNode; dst = dst_.parent(dst)) {
                const auto pair = pairs_.find(key(src, dst));
                if (pair != pairs_.end()) found = first_of(pair->second, match, found);
            }
        }
        return found;
    }

    std::size_t first_of(const std::vector<std::size_t>& list, const Match& later,
                         std::size_t before) {
        for (const std::size_t rule : list) {
            if (rule >= before) return before;
            comparisons_ += values_of(rules_[rule].match) * values_of(later);
            if (covers(rules_[rule].match, later)) return rule;
        }
        return before;
    }

    /// Cuts the match into pieces of one value a key, and looks for one rule around each.
    bool cover_pieces(const Match& match, std::span<const NodeOf> src, std::span<const NodeOf> dst,
                      std::vector<std::size_t>& found) {
        for (std::size_t i = 0; i < src.size(); ++i) {
            for (std::size_t j = 0; j < dst.size(); ++j) {
                Match piece = match;
                if (!match.src.empty()) piece.src = {match.src[i]};
                if (!match.dst.empty()) piece.dst = {match.dst[j]};
                std::vector<Match> pieces{std::move(piece)};
                cut_all(pieces);
                if (pieces.size() * src.size() * dst.size() > kMostPieces) return false;
                for (const Match& one : pieces) {
                    const std::size_t rule = first_covering(one, src[i], dst[j]);
                    if (rule == npos) return false;
                    if (std::find(found.begin(), found.end(), rule) == found.end())
                        found.push_back(rule);
                }
            }
        }
        std::sort(found.begin(), found.end());
        return true;
    }

    template <typename T>
    static void cut(std::vector<Match>& pieces, std::vector<T> Match::*key) {
        const std::vector<T> values = pieces.front().*key;
        if (values.size() < 2 || pieces.size() * values.size() > kMostPieces) return;
        std::vector<Match> out;
        for (const Match& piece : pieces) {
            for (const T& value : values) {
                out.push_back(piece);
                out.back().*key = {value};
            }
        }
        pieces = std::move(out);
    }

    static void cut_all(std::vector<Match>& pieces) {
        // A rule without "direction" holds in both.
        if (pieces.front().direction.empty())
            pieces.front().direction = {Direction::ingress, Direction::egress};
        cut(pieces, &Match::direction);
        cut(pieces, &Match::proto);
        cut(pieces, &Match::dport);
        cut(pieces, &Match::sport);
        cut(pieces, &Match::state);
        cut(pieces, &Match::iface);
        cut(pieces, &Match::family);
        cut(pieces, &Match::icmp_type);
        cut(pieces, &Match::tcp_flags);
    }

    const std::vector<Rule>& rules_;
    AddressForest src_, dst_;
    std::unordered_map<std::uint64_t, std::vector<std::size_t>> pairs_;
    std::vector<std::size_t> broad_;
    std::size_t comparisons_ = 0;
    std::size_t comparisons_of_pieces_ = 0;
};

/// `"a"`, `"a" and "b"`, `"a", "b" and 3 more`.
std::string names_of(const std::vector<Rule>& rules, const std::vector<std::size_t>& found) {
    std::string text = quote(rules[found[0]].name);
    if (found.size() == 2) return text + " and " + quote(rules[found[1]].name);
    if (found.size() > 2)
        text += ", " + quote(rules[found[1]].name) + " and " + std::to_string(found.size() - 2) +
                " more";
    return text;
}

void tell(Findings& findings, const std::vector<Rule>& rules, std::size_t later,
          const std::vector<std::size_t>& found) {
    const std::string pointer = "/rules/" + std::to_string(later) + "/name";
    const std::string before = names_of(rules, found);
    const bool one = found.size() == 1;
    const bool opened = std::any_of(found.begin(), found.end(), [&](std::size_t rule) {
        return leaves_unreadable(rules[rule], rules[later]);
    });
    if (opened) {
        findings.warning("drop-after-pass", pointer,
                         quote(rules[later].name) + " drops nothing that can be read: " + before +
                             (one ? " passes" : " decide") + " the same packets before it",
                         "put " + quote(rules[later].name) + " first, or remove it");
        return;
    }
    findings.warning("unreachable", pointer,
                     quote(rules[later].name) + " never decides: " + before +
                         (one ? " matches" : " match") + " the same packets before it",
                     "put the narrower rule first, or remove it");
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

void check_lists(Findings& findings, const std::vector<Rule>& rules) {
    const auto open = std::find_if(rules.begin(), rules.end(), passes_what_is_open);
    for (auto rule = open; rule != rules.end() && !findings.full_of_warnings(); ++rule) {
        if (!drops_a_list(*rule) || !key_covers(open->match.direction, rule->match.direction) ||
            !key_covers(open->match.iface, rule->match.iface))
            continue;
        findings.warning("list-after-established",
                         "/rules/" + std::to_string(rule - rules.begin()) + "/name",
                         quote(rule->name) + " does not end what is open: " + quote(open->name) +
                             " passes established connections before it",
                         "put " + quote(rule->name) + " before " + quote(open->name));
    }
}

}  // namespace

void check_reach(Findings& findings, const std::vector<Rule>& rules) {
    // Enough for every pair of 2,800 rules, and for any number whose addresses differ.
    constexpr std::size_t kMostComparisons = 4'000'000;
    check_lists(findings, rules);
    Earlier earlier(rules);
    for (std::size_t later = 0; later < rules.size() && !findings.full_of_warnings(); ++later) {
        if (earlier.comparisons() > kMostComparisons) {
            findings.warning("reach-unchecked", "/rules/" + std::to_string(later) + "/name",
                             "from this rule on it is not known whether earlier rules leave "
                             "anything for them: too many have the same addresses",
                             "join rules that differ in ports only, or put the ports into a set");
            return;
        }
        const auto found = earlier.find(later);
        if (!found.empty()) tell(findings, rules, later, found);
        // What is out of reach itself covers nothing that its own cover does not.
        if (found.empty() && rules[later].action != ActionKind::count) earlier.add(later);
    }
}

}  // namespace yett
