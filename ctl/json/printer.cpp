// SPDX-License-Identifier: GPL-2.0-or-later
// Each part of the model as a value to be laid out.
#include "json/printer.hpp"

#include <algorithm>

#include "json/canonical.hpp"
#include "json/comments.hpp"
#include "json/layout.hpp"
#include "json/rate.hpp"
#include "json/values.hpp"
#include "model/protocol.hpp"

namespace yett {
namespace {

Value number(std::uint32_t number) {
    return Value::scalar(std::to_string(number));
}
Value verdict(Verdict verdict) {
    return Value::string(verdict == Verdict::pass ? "pass" : "drop");
}
Value boolean(bool on) {
    return Value::scalar(on ? "true" : "false");
}

/// One value alone, several as an array, none not at all.
template <typename T, typename ToValue>
void add_list(Value& object, std::string_view key, const std::vector<T>& list, ToValue to_value) {
    if (list.empty()) return;
    if (list.size() == 1) {
        object.add(key, to_value(list.front()));
        return;
    }
    Value array = Value::array();
    for (const T& element : list)
        array.add(to_value(element));
    object.add(key, std::move(array));
}

void add_numbers(Value& object, const std::vector<NumberRange>& list, const NumberField& field) {
    add_list(object, field.key, list,
             [&](const NumberRange& range) { return Value::scalar(print_range(range, field)); });
}

void add_ports(Value& object, std::string_view key, const std::vector<PortTest>& list) {
    add_list(object, key, list, [&](const PortTest& test) {
        if (const auto* set = std::get_if<SetReference>(&test)) {
            return Value::string('@' + set->name);
        }
        return Value::scalar(print_range(std::get<NumberRange>(test), port_field(key)));
    });
}

/// Values that to_text() says in a string.
template <typename Test>
void add_texts(Value& object, std::string_view key, const std::vector<Test>& list) {
    add_list(object, key, list, [](const Test& test) { return Value::string(to_text(test)); });
}

void add_string(Value& object, std::string_view key, const std::string& text) {
    if (!text.empty()) object.add(key, Value::string(text));
}

/// Names of ICMP types where the protocol says which family's they are and no other key
/// contradicts, else numbers.
NumberField icmp_type_field_of(const Match& match) {
    const auto only = [&](std::uint32_t protocol) {
        return match.proto == std::vector<NumberRange>{{protocol, protocol}};
    };
    const auto possible = [&](Family family) {
        return match.family.empty() || std::count(match.family.begin(), match.family.end(), family);
    };
    const bool icmp4 = only(kProtocolIcmp) && possible(Family::ipv4);
    const bool icmp6 = only(kProtocolIcmp6) && possible(Family::ipv6);
    NumberField field = icmp_type_field(icmp6 ? Family::ipv6 : Family::ipv4);
    if (!icmp4 && !icmp6) field.names = {};
    return field;
}

void add_fragment(Value& object, const std::vector<FragmentKind>& list) {
    if (list == std::vector{FragmentKind::first, FragmentKind::later}) {
        object.add("fragment", Value::string("any"));
        return;
    }
    constexpr std::string_view kNames[] = {"none", "first", "later"};
    add_list(object, "fragment", list,
             [&](FragmentKind kind) { return Value::string(kNames[static_cast<unsigned>(kind)]); });
}

Value to_value(const Match& match) {
    Value object = Value::object();
    add_texts(object, "iface", match.iface);
    add_list(object, "direction", match.direction, [](Direction direction) {
        return Value::string(direction == Direction::ingress ? "ingress" : "egress");
    });
    add_list(object, "family", match.family,
             [](Family family) { return Value::string(family == Family::ipv4 ? "ipv4" : "ipv6"); });
    add_texts(object, "smac", match.smac);
    add_texts(object, "dmac", match.dmac);
    add_numbers(object, match.ethertype, ethertype_field());
    add_numbers(object, match.vlan, vlan_field());
    add_texts(object, "src", match.src);
    add_texts(object, "dst", match.dst);
    add_numbers(object, match.proto, protocol_field());
    add_ports(object, "sport", match.sport);
    add_ports(object, "dport", match.dport);
    add_texts(object, "tcp_flags", match.tcp_flags);
    add_numbers(object, match.icmp_type, icmp_type_field_of(match));
    add_numbers(object, match.icmp_code, icmp_code_field());
    add_numbers(object, match.len, length_field());
    add_numbers(object, match.ttl, ttl_field());
    add_numbers(object, match.dscp, dscp_field());
    add_fragment(object, match.fragment);
    add_list(object, "state", match.state, [](ConnectionState state) {
        return Value::string(kStateNames[static_cast<unsigned>(state)]);
    });
    add_list(object, "not", match.negated, [](const Match& inner) { return to_value(inner); });
    return object;
}

Value to_value(const Limit& limit) {
    constexpr std::string_view kPer[] = {"global", "src", "dst", "tuple"};
    const Limit defaults = limit_with_defaults(limit.per);
    Value object = Value::object();
    object.add("per", Value::string(kPer[static_cast<unsigned>(limit.per)]));
    object.add("rate", Value::string(print_rate(limit.rate)));
    if (limit.burst) object.add("burst", Value::scalar(std::to_string(limit.burst)));
    if (limit.prefix4 != defaults.prefix4) object.add("prefix4", number(limit.prefix4));
    if (limit.prefix6 != defaults.prefix6) object.add("prefix6", number(limit.prefix6));
    return object;
}

Value to_value(const Rule& rule) {
    constexpr std::string_view kActions[] = {"pass", "drop", "count", "ban", "reject"};
    Value object = Value::object();
    object.add("name", Value::string(rule.name));
    object.add("match", to_value(rule.match));
    if (rule.limit) {
        object.add("limit", to_value(*rule.limit));
        object.add("over", Value::string(rule.over_bans ? "ban" : "drop"));
    }
    object.add("action", Value::string(kActions[static_cast<unsigned>(rule.action)]));
    if (rule.action == ActionKind::ban || rule.over_bans) {
        object.add("for", Value::string(print_duration(rule.ban_seconds)));
    }
    if (rule.spoofable) object.add("spoofable", boolean(true));
    if (rule.beats_bans) object.add("beats_bans", boolean(true));
    add_string(object, "comment", rule.comment);
    return object;
}

Value entries_of(const Set& set) {
    Value entries = Value::array();
    for (const Prefix& prefix : set.prefixes)
        entries.add(Value::string(to_text(prefix)));
    for (const NumberRange& ports : set.ports)
        entries.add(Value::scalar(print_range(ports, port_field("port"))));
    for (const MacRange& mac : set.macs)
        entries.add(Value::string(to_text(mac)));
    for (const std::string& name : set.ifaces)
        entries.add(Value::string(name));
    return entries;
}

Value to_value(const Set& set) {
    Value object = Value::object();
    object.add("type", Value::string(kSetTypeNames[static_cast<unsigned>(set.type)]));
    Value entries = entries_of(set);
    if (!entries.empty()) object.add("entries", std::move(entries));
    if (set.timeout_seconds) {
        object.add("timeout", Value::string(print_duration(*set.timeout_seconds)));
    }
    if (set.max_entries) object.add("max_entries", number(*set.max_entries));
    add_string(object, "file", set.file);
    if (set.max_shrink)
        object.add("max_shrink", Value::string(std::to_string(*set.max_shrink) + "%"));
    if (set.min_entries) object.add("min_entries", number(*set.min_entries));
    add_string(object, "comment", set.comment);
    return object;
}

Value to_value(const PacketTest& test) {
    Value object = Value::object();
    object.add("packet", Value::string(test.packet));
    if (test.direction == Direction::egress) object.add("direction", Value::string("egress"));
    add_string(object, "iface", test.iface);
    object.add("expect", verdict(test.expect));
    add_string(object, "rule", test.rule);
    add_string(object, "reason", test.reason);
    Value sets = Value::object();
    for (const auto& [name, set] : test.sets)
        sets.add(name, entries_of(set));
    if (!sets.empty()) object.add("sets", std::move(sets));
    return object;
}

/// One child a line; nothing when there is none.
void add_section(Value& root, std::string_view key, Value section) {
    section.broken = true;
    if (!section.empty()) root.add(key, std::move(section));
}

template <typename T>
Value to_array(const std::vector<T>& list) {
    Value array = Value::array();
    for (const T& element : list)
        array.add(to_value(element));
    return array;
}

void add_packet_options(Value& root, const Ruleset& ruleset) {
    Value inspect = Value::array();
    for (unsigned tunnel = 0; tunnel < std::size(kTunnelNames); ++tunnel)
        if (ruleset.inspect >> tunnel & 1) inspect.add(Value::string(kTunnelNames[tunnel]));
    if (!inspect.empty()) root.add("inspect", std::move(inspect));
    Value ports = Value::object();
    for (const auto& [tunnel, numbers] : ruleset.tunnel_ports)
        add_list(ports, kTunnelNames[tunnel], numbers,
                 [](std::uint16_t number) { return Value::scalar(std::to_string(number)); });
    if (!ports.empty()) root.add("tunnel_ports", std::move(ports));
    if (!ruleset.track_fragments) root.add("fragments", Value::string("drop"));
    if (ruleset.reverse_path == ReversePath::off) return;
    const bool strict = ruleset.reverse_path == ReversePath::strict;
    root.add("reverse_path", Value::string(strict ? "strict" : "loose"));
}

void add_switches(Value& root, const Ruleset& ruleset) {
    Value builtins = Value::object();
    for (const auto& [name, on] : ruleset.builtins)
        builtins.add(name, boolean(on));
    if (!builtins.empty()) root.add("builtins", std::move(builtins));
    Value exceptions = Value::object();
    for (const auto& [name, to] : ruleset.exceptions)
        exceptions.add(name, verdict(to));
    if (!exceptions.empty()) root.add("exceptions", std::move(exceptions));
    add_packet_options(root, ruleset);
    Value timeouts = Value::object();
    for (unsigned phase = 0; phase < ruleset.timeouts.size(); ++phase)
        if (const auto seconds = ruleset.timeouts[phase])
            timeouts.add(kPhaseNames[phase], Value::string(print_duration(seconds)));
    if (!timeouts.empty()) root.add("timeouts", std::move(timeouts));
}

}  // namespace

Value canonical(const Ruleset& ruleset) {
    Value root = Value::object();
    root.broken = true;
    add_string(root, "$schema", ruleset.schema);
    root.add("version", number(ruleset.version));
    add_string(root, "name", ruleset.name);
    add_string(root, "comment", ruleset.comment);
    Value interfaces = Value::array();
    for (const std::string& name : ruleset.interfaces)
        interfaces.add(Value::string(name));
    if (!interfaces.empty()) root.add("interfaces", std::move(interfaces));
    Value attach = Value::object();
    for (const auto& [name, choice] : ruleset.attach)
        attach.add(name, Value::string(kHookChoiceNames[static_cast<unsigned>(choice)]));
    if (!attach.empty()) root.add("attach", std::move(attach));
    Value& policy = root.add("policy", Value::object());
    policy.add("ingress", verdict(ruleset.policy[0]));
    policy.add("egress", verdict(ruleset.policy[1]));
    if (ruleset.never_ban) root.add("never_ban", Value::string('@' + ruleset.never_ban->name));
    add_section(root, "failsafe", to_array(ruleset.failsafe));
    add_switches(root, ruleset);
    Value sets = Value::object();
    for (const auto& [name, set] : ruleset.sets)
        sets.add(name, to_value(set));
    add_section(root, "sets", std::move(sets));
    add_section(root, "rules", to_array(ruleset.rules));
    add_section(root, "tests", to_array(ruleset.tests));
    return root;
}

std::string print(const Ruleset& ruleset) {
    return lay_out(canonical(ruleset));
}

std::string format(const Document& document) {
    Value root = canonical(document.ruleset);
    const std::vector<std::string> footer = attach_comments(document.source, root);
    std::string text = lay_out(root);
    for (const std::string& line : footer)
        (text += line) += '\n';
    return text;
}

}  // namespace yett
