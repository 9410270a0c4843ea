// SPDX-License-Identifier: GPL-2.0-or-later
// The reference judge: three-valued logic, one rule after another, nothing clever.
#include "check/judge.hpp"

#include <algorithm>

#include "abi/fields.h"
#include "check/suspects.hpp"
#include "model/explicit.hpp"
#include "model/protocol.hpp"
#include "model/reason.hpp"

namespace yett {
namespace {

/// Kleene's order: AND is the least, OR the greatest.
enum class Truth { no = 0, unknown = 1, yes = 2 };

Truth negation(Truth truth) {
    return static_cast<Truth>(2 - static_cast<int>(truth));
}

/// One key: what its values say of a field that is known, unknown or absent.
template <typename Test, typename Holds>
Truth key_truth(const PacketView& packet, std::uint32_t bit, const std::vector<Test>& tests,
                Holds holds) {
    if (tests.empty()) return Truth::yes;
    if (packet.unknown & bit) return Truth::unknown;
    if (!(packet.known & bit)) return Truth::no;
    return std::any_of(tests.begin(), tests.end(), holds) ? Truth::yes : Truth::no;
}

Truth number_truth(const PacketView& packet, std::uint32_t bit,
                   const std::vector<NumberRange>& tests, std::uint32_t value) {
    return key_truth(packet, bit, tests, [&](const NumberRange& range) {
        return range.first <= value && value <= range.last;
    });
}

template <typename Value>
Truth equal_truth(const PacketView& packet, std::uint32_t bit, const std::vector<Value>& tests,
                  const Value& value) {
    return key_truth(packet, bit, tests, [&](const Value& test) { return test == value; });
}

bool address_passes(const Ruleset& ruleset, const AddressTest& test, const Address& address) {
    if (const auto* prefix = std::get_if<Prefix>(&test)) return contains(*prefix, address);
    if (const auto* range = std::get_if<AddressRange>(&test)) return contains(*range, address);
    const Set* set = find_set(ruleset, std::get<SetReference>(test).name);
    return set && std::any_of(set->prefixes.begin(), set->prefixes.end(),
                              [&](const Prefix& entry) { return contains(entry, address); });
}

bool port_passes(const Ruleset& ruleset, const PortTest& test, std::uint32_t port) {
    const auto holds = [&](const NumberRange& range) {
        return range.first <= port && port <= range.last;
    };
    if (const auto* range = std::get_if<NumberRange>(&test)) return holds(*range);
    const Set* set = find_set(ruleset, std::get<SetReference>(test).name);
    return set && std::any_of(set->ports.begin(), set->ports.end(), holds);
}

bool mac_passes(const Ruleset& ruleset, const MacTest& test, std::uint64_t mac) {
    const auto holds = [&](const MacRange& range) {
        return range.first <= mac && mac <= range.last;
    };
    if (const auto* range = std::get_if<MacRange>(&test)) return holds(*range);
    const Set* set = find_set(ruleset, std::get<SetReference>(test).name);
    return set && std::any_of(set->macs.begin(), set->macs.end(), holds);
}

bool interface_passes(const Ruleset& ruleset, const InterfaceTest& test, const std::string& name) {
    if (const auto* one = std::get_if<std::string>(&test)) return *one == name;
    const Set* set = find_set(ruleset, std::get<SetReference>(test).name);
    return set && std::find(set->ifaces.begin(), set->ifaces.end(), name) != set->ifaces.end();
}

class Matcher {
  public:
    Matcher(const Ruleset& ruleset, const PacketView& packet)
        : ruleset_(ruleset), packet_(packet) {}

    [[nodiscard]] Truth match(const Match& match) const {
        Truth truth = std::min({link(match), network(match), transport(match)});
        for (const Match& part : match.negated)
            truth = std::min(truth, negation(this->match(part)));
        return truth;
    }

  private:
    [[nodiscard]] Truth link(const Match& m) const {
        const PacketView& p = packet_;
        return std::min({
            interfaces(m.iface),
            equal_truth(p, YETT_FIELD_BIT(DIRECTION), m.direction, p.direction),
            macs(YETT_FIELD_BIT(SMAC), m.smac, p.smac),
            macs(YETT_FIELD_BIT(DMAC), m.dmac, p.dmac),
            number_truth(p, YETT_FIELD_BIT(ETHERTYPE), m.ethertype, p.ethertype),
            number_truth(p, YETT_FIELD_BIT(VLAN), m.vlan, p.vlan),
        });
    }

    [[nodiscard]] Truth network(const Match& m) const {
        const PacketView& p = packet_;
        const Family family = p.family.value_or(Family::ipv4);
        return std::min({
            equal_truth(p, YETT_FIELD_BIT(FAMILY), m.family, family),
            addresses(YETT_FIELD_BIT(SRC), m.src, p.src),
            addresses(YETT_FIELD_BIT(DST), m.dst, p.dst),
            number_truth(p, YETT_FIELD_BIT(PROTO), m.proto, p.proto),
            number_truth(p, YETT_FIELD_BIT(LEN), m.len, p.len),
            number_truth(p, YETT_FIELD_BIT(TTL), m.ttl, p.ttl),
            number_truth(p, YETT_FIELD_BIT(DSCP), m.dscp, p.dscp),
            equal_truth(p, YETT_FIELD_BIT(FRAGMENT), m.fragment, p.fragment),
        });
    }

    [[nodiscard]] Truth transport(const Match& m) const {
        const PacketView& p = packet_;
        const auto flags_hold = [&](const FlagsTest& test) {
            return (p.tcp_flags & test.mask) == test.value;
        };
        return std::min({
            ports(YETT_FIELD_BIT(SPORT), m.sport, p.sport),
            ports(YETT_FIELD_BIT(DPORT), m.dport, p.dport),
            key_truth(p, YETT_FIELD_BIT(TCP_FLAGS), m.tcp_flags, flags_hold),
            number_truth(p, YETT_FIELD_BIT(ICMP_TYPE), m.icmp_type, p.icmp_type),
            number_truth(p, YETT_FIELD_BIT(ICMP_CODE), m.icmp_code, p.icmp_code),
            equal_truth(p, YETT_FIELD_BIT(STATE), m.state, p.state),
        });
    }

    [[nodiscard]] Truth interfaces(const std::vector<InterfaceTest>& tests) const {
        return key_truth(packet_, YETT_FIELD_BIT(IFACE), tests, [&](const InterfaceTest& test) {
            return interface_passes(ruleset_, test, packet_.iface);
        });
    }

    [[nodiscard]] Truth macs(std::uint32_t bit, const std::vector<MacTest>& tests,
                             std::uint64_t mac) const {
        return key_truth(packet_, bit, tests,
                         [&](const MacTest& test) { return mac_passes(ruleset_, test, mac); });
    }

    [[nodiscard]] Truth addresses(std::uint32_t bit, const std::vector<AddressTest>& tests,
                                  const Address& address) const {
        return key_truth(packet_, bit, tests, [&](const AddressTest& test) {
            return address_passes(ruleset_, test, address);
        });
    }

    [[nodiscard]] Truth ports(std::uint32_t bit, const std::vector<PortTest>& tests,
                              std::uint16_t port) const {
        return key_truth(packet_, bit, tests,
                         [&](const PortTest& test) { return port_passes(ruleset_, test, port); });
    }

    const Ruleset& ruleset_;
    const PacketView& packet_;
};

/// Unknown never helps the attacker: rules that take away match on it, rules that give do not.
bool applies(const Rule& rule, Truth truth) {
    const bool takes = rule.action != ActionKind::pass && rule.action != ActionKind::count;
    return truth == Truth::yes || (takes && truth == Truth::unknown);
}

constexpr std::uint32_t kLinkFields = YETT_FIELD_BIT(IFACE) | YETT_FIELD_BIT(DIRECTION) |
                                      YETT_FIELD_BIT(SMAC) | YETT_FIELD_BIT(DMAC) |
                                      YETT_FIELD_BIT(ETHERTYPE) | YETT_FIELD_BIT(VLAN);
constexpr std::uint32_t kNetworkFields =
    YETT_FIELD_BIT(FAMILY) | YETT_FIELD_BIT(SRC) | YETT_FIELD_BIT(DST) | YETT_FIELD_BIT(PROTO) |
    YETT_FIELD_BIT(LEN) | YETT_FIELD_BIT(TTL) | YETT_FIELD_BIT(DSCP) | YETT_FIELD_BIT(FRAGMENT);
constexpr std::uint32_t kPortFields = YETT_FIELD_BIT(SPORT) | YETT_FIELD_BIT(DPORT);
constexpr std::uint32_t kIcmpFields = YETT_FIELD_BIT(ICMP_TYPE) | YETT_FIELD_BIT(ICMP_CODE);

std::uint32_t transport_fields(const PacketSpec& packet) {
    std::uint32_t fields = has_ports(packet.proto) ? kPortFields : 0;
    if (packet.proto == kProtocolTcp) fields |= YETT_FIELD_BIT(TCP_FLAGS);
    const std::uint8_t icmp = packet.family == Family::ipv4 ? kProtocolIcmp : kProtocolIcmp6;
    return packet.proto == icmp ? fields | kIcmpFields : fields;
}

/// In a later IPv6 fragment even the protocol is only the sender's claim about another packet: its
/// first header may be one more extension header (RFC 8200 4.5).
std::uint32_t unreadable_fields(const PacketSpec& packet) {
    if (packet.fragment != FragmentKind::later) return 0;
    constexpr std::uint32_t kState = YETT_FIELD_BIT(STATE);
    if (packet.family == Family::ipv4) return transport_fields(packet) | kState;
    return YETT_FIELD_BIT(PROTO) | kPortFields | kIcmpFields | YETT_FIELD_BIT(TCP_FLAGS) | kState;
}

/// A third VLAN, or a ninth tag. Priority tags (VID 0) carry no VLAN.
bool too_many_tags(const PacketSpec& packet) {
    constexpr std::size_t kMostVlans = 2, kMostTags = 8;
    std::size_t vlans = 0;
    for (std::size_t i = 0; i < packet.vlans.size(); ++i) {
        vlans += packet.vlans[i] != 0;
        if (vlans > kMostVlans || i >= kMostTags) return true;
    }
    return false;
}

/// The first tag that ends the walk along the tags decides: a reserved VID, or one too many.
bool reserved_tag(const PacketSpec& packet) {
    PacketSpec before = packet;
    for (std::size_t i = 0; i < packet.vlans.size(); ++i) {
        before.vlans.resize(i);
        if (too_many_tags(before)) return false;
        if (packet.vlans[i] == 4095 && i < 8) return true;
        before.vlans = packet.vlans;
    }
    return false;
}

/// The first VLAN among the tags that are read; 0: none.
std::uint16_t vlan_of(const PacketSpec& packet) {
    constexpr std::size_t kMostTags = 8;
    for (std::size_t i = 0; i < packet.vlans.size() && i < kMostTags; ++i)
        if (packet.vlans[i] != 0) return packet.vlans[i];
    return 0;
}

/// RFC 1858, RFC 3128: a TCP fragment at offset 8 rewrites flags; none may end beyond 65535 octets.
bool bad_fragment(const PacketSpec& packet) {
    if (packet.fragment != FragmentKind::later) return false;
    const std::size_t headers = packet.family == Family::ipv4 ? 20 : 48;
    const std::size_t counted =
        packet.family == Family::ipv4 ? ip_length(packet) : ip_length(packet) - headers;
    if (packet.fragment_offset + counted > 65535) return true;
    return packet.proto == kProtocolTcp && packet.fragment_offset == 8;
}

/// Nothing behind the tags can be read; the VLAN is known when one of the tags that are read says
/// it.
void hide_inside(PacketView& view) {
    const std::uint32_t vlan = view.vlan != 0 ? YETT_FIELD_BIT(VLAN) : 0;
    view.family.reset();
    view.known = YETT_FIELD_BIT(IFACE) | YETT_FIELD_BIT(DIRECTION) | YETT_FIELD_BIT(SMAC) |
                 YETT_FIELD_BIT(DMAC) | vlan;
    view.unknown = ((1u << YETT_FIELD_COUNT) - 1) & ~view.known;
}

/// Whether what passes it has the data plane judge the inside of this tunnel.
bool looks_into(const Ruleset& ruleset, const PacketSpec& packet, Direction direction,
                bool by_policy) {
    std::uint32_t inspects = ruleset.inspect;
    if (by_policy && direction == Direction::ingress) inspects |= policy_inspects(ruleset);
    return packet.family && (inspects & tunnel_bit(packet.proto)) != 0;
}

}  // namespace

PacketView view_of(const PacketSpec& packet, Direction direction, const std::string& iface) {
    PacketView view;
    view.known = kLinkFields;
    view.iface = iface;
    view.direction = direction;
    view.family = packet.family;
    view.ethertype = packet.ethertype;
    view.vlan = vlan_of(packet);
    view.smac = packet.smac;
    view.dmac = packet.dmac;
    if (too_many_tags(packet)) hide_inside(view);
    if (!view.family) return view;
    view.known |= kNetworkFields;
    view.src = packet.src;
    view.dst = packet.dst;
    view.proto = packet.proto;
    view.len = ip_length(packet);
    view.ttl = packet.ttl;
    view.dscp = packet.dscp;
    view.fragment = packet.fragment;
    view.unknown = unreadable_fields(packet);
    view.known |= transport_fields(packet) | YETT_FIELD_BIT(STATE);
    view.known &= ~view.unknown;
    view.sport = packet.sport;
    view.dport = packet.dport;
    view.tcp_flags = packet.tcp_flags;
    view.icmp_type = packet.icmp_type;
    view.icmp_code = packet.icmp_code;
    view.state = state_of(packet, direction);
    return view;
}

std::string early_reason(const Ruleset& ruleset, const PacketSpec& packet, Direction direction) {
    const auto drops = [&](yett_reason reason) {
        return reason_verdict(ruleset, reason) == Verdict::drop;
    };
    if (reserved_tag(packet)) return "vlan_bad";
    if (too_many_tags(packet)) return drops(YETT_REASON_VLAN_DEPTH) ? "vlan_depth" : "";
    if (!packet.family) return {};
    if (bad_fragment(packet)) return "frag_bad";
    const bool later = packet.fragment == FragmentKind::later;
    const bool may_pass = judges_later_fragments(ruleset) ||
                          policy_overrules(ruleset, direction) >> YETT_REASON_FRAG_LATER & 1;
    return later && !may_pass ? "frag_later" : "";
}

Judgement judge(const Ruleset& ruleset, const std::vector<Rule>& rules, const PacketView& packet) {
    const Matcher matcher(ruleset, packet);
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const Rule& rule = rules[i];
        if (rule.action == ActionKind::count || !applies(rule, matcher.match(rule.match))) continue;
        const bool passes = rule.action == ActionKind::pass;
        return {passes ? Verdict::pass : Verdict::drop, static_cast<int>(i), rule.name, "rule"};
    }
    return {ruleset.policy[static_cast<int>(packet.direction)], -1, kPolicyName, "policy"};
}

Judgement judge(const Ruleset& ruleset, const PacketView& packet) {
    return judge(ruleset, effective_rules(ruleset), packet);
}

Judgement judge(const Ruleset& ruleset, const PacketSpec& packet, Direction direction,
                const std::string& iface) {
    return judge(ruleset, effective_rules(ruleset), packet, direction, iface);
}

Judgement judge(const Ruleset& ruleset, const std::vector<Rule>& rules, const PacketSpec& packet,
                Direction direction, const std::string& iface) {
    const std::string reason = early_reason(ruleset, packet, direction);
    if (!reason.empty()) return {Verdict::drop, -1, {}, reason};
    // Where no rule names later fragments, the policy decides about them.
    static const std::vector<Rule> kNone;
    const bool by_policy = packet.fragment == FragmentKind::later && !too_many_tags(packet) &&
                           !judges_later_fragments(ruleset);
    const Judgement judgement =
        judge(ruleset, by_policy ? kNone : rules, view_of(packet, direction, iface));
    const bool rule_drops = judgement.rule >= 0 && judgement.verdict == Verdict::drop;
    if (rule_drops || too_many_tags(packet)) return judgement;
    const std::uint64_t meant = judgement.rule < 0 ? policy_overrules(ruleset, direction)
                                                   : overruled_by(rules[judgement.rule]);
    auto found = suspects(packet, direction);
    if (looks_into(ruleset, packet, direction, judgement.rule < 0))
        // What is wrong with the outer packet comes before what is inside, of which nothing is
        // said.
        std::stable_partition(found.begin(), found.end(),
                              [](yett_reason one) { return one != YETT_REASON_TUNNEL; });
    for (const yett_reason suspect : found)
        if (reason_verdict(ruleset, suspect) == Verdict::drop && !(meant >> suspect & 1))
            return {Verdict::drop, -1, {}, kReasons[suspect].name};
    return judgement;
}

}  // namespace yett
