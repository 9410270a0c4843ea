// SPDX-License-Identifier: GPL-2.0-or-later
// From values to "inside", "outside" or "both".
#include "model/explicit.hpp"

#include <algorithm>
#include <initializer_list>

#include "abi/fields.h"
#include "abi/tunnel.h"
#include "model/reason.hpp"

namespace yett {
namespace {

/// Of the packets that a value passes, those for which the reason holds.
enum class Part { none, some, all };

template <typename Test, typename Of>
bool names(const std::vector<Test>& tests, Of part_of) {
    bool any = false;
    for (const Test& test : tests) {
        const Part part = part_of(test);
        if (part == Part::some) return false;
        any |= part == Part::all;
    }
    return any;
}

constexpr std::uint64_t bit(yett_reason reason) {
    return 1ull << reason;
}

Part part_inside(const Prefix& value, std::initializer_list<const char*> prefixes) {
    for (const char* text : prefixes) {
        const Prefix prefix = *parse_prefix(text);
        if (prefix.address.family != value.address.family) continue;
        if (prefix.length <= value.length && contains(prefix, value.address)) return Part::all;
        if (contains(value, prefix.address)) return Part::some;
    }
    return Part::none;
}

Part part_inside(const AddressTest& test, std::initializer_list<const char*> prefixes) {
    if (const auto* prefix = std::get_if<Prefix>(&test)) return part_inside(*prefix, prefixes);
    const auto* range = std::get_if<AddressRange>(&test);
    if (!range) return Part::some;  // a set may hold anything
    const auto within = [&](const char* text) {
        const Prefix prefix = *parse_prefix(text);
        return prefix.address.family == range->first.family && contains(prefix, range->first) &&
               contains(prefix, range->last);
    };
    return std::any_of(prefixes.begin(), prefixes.end(), within) ? Part::all : Part::some;
}

bool names_addresses(const std::vector<AddressTest>& tests,
                     std::initializer_list<const char*> prefixes) {
    return names(tests, [&](const AddressTest& test) { return part_inside(test, prefixes); });
}

bool names_martian(const Match& match) {
    return names_addresses(match.src, {"0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4",
                                       "255.255.255.255/32", "::1/128", "::/128", "ff00::/8"}) ||
           names_addresses(match.dst, {"127.0.0.0/8", "::/127"});
}

bool names_mapped(const Match& match) {
    return names_addresses(match.src, {"::ffff:0:0/96"}) ||
           names_addresses(match.dst, {"::ffff:0:0/96"});
}

/// RFC 9293 3.10: a segment opens, resets, or acknowledges; FIN and URG come only with ACK.
bool is_sane(unsigned flags) {
    const bool ack = flags & YETT_TCP_ACK, fin = flags & YETT_TCP_FIN;
    const bool syn = flags & YETT_TCP_SYN, rst = flags & YETT_TCP_RST;
    if (flags & YETT_TCP_URG && !ack) return false;
    if (fin && !ack) return false;
    return syn + rst + fin <= 1 && (syn || rst || ack);
}

Part insane_part(const FlagsTest& test) {
    bool sane = false, insane = false;
    for (unsigned flags = 0; flags < 64; ++flags) {
        if ((flags & test.mask & 63) != (test.value & 63u)) continue;
        (is_sane(flags) ? sane : insane) = true;
    }
    if (!insane) return Part::none;
    return sane ? Part::some : Part::all;
}

/// "syn" also lets SYN+FIN through, and does not name it: such a test says nothing of the reason.
bool names_insane_flags(const Match& match) {
    return !match.tcp_flags.empty() &&
           std::all_of(match.tcp_flags.begin(), match.tcp_flags.end(),
                       [](const FlagsTest& test) { return insane_part(test) == Part::all; });
}

bool names_port_zero(const std::vector<PortTest>& ports) {
    return names(ports, [](const PortTest& test) {
        const auto* range = std::get_if<NumberRange>(&test);
        if (!range) return Part::some;
        if (range->first > 0) return Part::none;
        return range->last == 0 ? Part::all : Part::some;
    });
}

bool each_single(const std::vector<NumberRange>& values) {
    return !values.empty() &&
           std::all_of(values.begin(), values.end(),
                       [](const NumberRange& range) { return range.first == range.last; });
}

bool names_echo_to_many(const Match& match) {
    constexpr std::uint32_t kEcho = 8, kEcho6 = 128;
    constexpr std::uint64_t kGroupBit = 1ull << 40;
    const bool echo =
        std::any_of(match.icmp_type.begin(), match.icmp_type.end(), [](const NumberRange& type) {
            return type.first == type.last && (type.first == kEcho || type.first == kEcho6);
        });
    const bool frames = names(match.dmac, [](const MacTest& test) {
        const auto* range = std::get_if<MacRange>(&test);
        return range && range->first == range->last && range->first & kGroupBit ? Part::all
                                                                                : Part::some;
    });
    return echo && (frames ||
                    names_addresses(match.dst, {"224.0.0.0/4", "255.255.255.255/32", "ff00::/8"}));
}

/// It drops, rejects, bans or limits: what is inside a tunnel may be its business.
bool takes(const Rule& rule, Direction direction) {
    const auto& directions = rule.match.direction;
    const bool here = directions.empty() || std::find(directions.begin(), directions.end(),
                                                      direction) != directions.end();
    const bool gives = rule.action == ActionKind::pass || rule.action == ActionKind::count;
    return here && (!gives || rule.limit);
}

bool any_takes(const Ruleset& ruleset, Direction direction) {
    return std::any_of(ruleset.rules.begin(), ruleset.rules.end(),
                       [&](const Rule& rule) { return takes(rule, direction); });
}

}  // namespace

std::uint64_t named_exceptions(const Match& match) {
    std::uint64_t bits = 0;
    const auto add = [&](yett_reason reason, bool named) { bits |= named ? bit(reason) : 0; };
    add(YETT_REASON_TUNNEL, each_single(match.proto) || each_single(match.ethertype));
    add(YETT_REASON_MARTIAN, names_martian(match));
    add(YETT_REASON_RESERVED_SOURCE, names_addresses(match.src, {"240.0.0.0/4"}));
    add(YETT_REASON_MAPPED_ADDRESS, names_mapped(match));
    add(YETT_REASON_TCP_FLAGS, names_insane_flags(match));
    add(YETT_REASON_ZERO_PORT, names_port_zero(match.sport) || names_port_zero(match.dport));
    add(YETT_REASON_ECHO_MULTICAST, names_echo_to_many(match));
    add(YETT_REASON_FRAG_LATER, std::find(match.fragment.begin(), match.fragment.end(),
                                          FragmentKind::later) != match.fragment.end());
    return bits;
}

std::uint64_t overruled_by(const Rule& rule) {
    return rule.name.starts_with("builtin-") ? 0 : named_exceptions(rule.match);
}

std::uint64_t policy_overrules(const Ruleset& ruleset, Direction direction) {
    if (ruleset.policy[static_cast<int>(direction)] == Verdict::drop) return 0;
    const auto is_said = [&](yett_reason reason) {
        return ruleset.exceptions.count(kReasons[reason].name) != 0;
    };
    std::uint64_t bits = bit(YETT_REASON_ZERO_PORT) | bit(YETT_REASON_RESERVED_SOURCE);
    if (direction == Direction::egress || !any_takes(ruleset, direction)) {
        bits |= bit(YETT_REASON_TUNNEL);
        if (ruleset.track_fragments) bits |= bit(YETT_REASON_FRAG_LATER);
    }
    for (int reason = 0; reason < YETT_REASON_COUNT; ++reason)
        if (is_said(static_cast<yett_reason>(reason))) bits &= ~(1ull << reason);
    return bits;
}

bool judges_later_fragments(const Ruleset& ruleset) {
    const auto names_them = [](const Match& match) {
        return named_exceptions(match) >> YETT_REASON_FRAG_LATER & 1;
    };
    return reason_verdict(ruleset, YETT_REASON_FRAG_LATER) == Verdict::pass ||
           std::any_of(ruleset.failsafe.begin(), ruleset.failsafe.end(), names_them) ||
           std::any_of(ruleset.rules.begin(), ruleset.rules.end(),
                       [&](const Rule& rule) { return names_them(rule.match); });
}

std::uint32_t policy_inspects(const Ruleset& ruleset) {
    const bool passes = ruleset.policy[0] == Verdict::pass;
    const bool is_said = ruleset.exceptions.count(kReasons[YETT_REASON_TUNNEL].name) != 0;
    if (!passes || is_said || !any_takes(ruleset, Direction::ingress)) return 0;
    return 1u << YETT_TUNNEL_IPIP | 1u << YETT_TUNNEL_GRE | 1u << YETT_TUNNEL_MPLS;
}

}  // namespace yett
