// SPDX-License-Identifier: GPL-2.0-or-later
// The sections of a rule file, one table each.
#include "json/reader.hpp"

#include <charconv>

#include <algorithm>

#include "base/quote.hpp"
#include "base/suggest.hpp"
#include "json/decode.hpp"
#include "json/read_limit.hpp"
#include "json/read_match.hpp"
#include "json/values.hpp"

namespace yett {
namespace {

void read_string(Decoder& in, NodeId id, std::string& target) {
    if (const auto text = in.string(id)) target = *text;
}

void read_duration(Decoder& in, NodeId id, std::uint32_t& seconds) {
    const auto text = in.string(id);
    if (!text) return;
    const auto result = parse_duration(*text);
    if (result) seconds = *result;
    if (!result) in.error(id, "bad-duration", result.error().message, result.error().hint);
}

/// The word of an enum at its place in `words`.
template <typename T, std::size_t N>
void read_word(Decoder& in, NodeId id, T& target, const std::string_view (&words)[N]) {
    const auto text = in.string(id);
    if (!text) return;
    const auto found = std::find(std::begin(words), std::end(words), *text);
    if (found != std::end(words)) {
        target = static_cast<T>(found - std::begin(words));
        return;
    }
    in.error(id, "bad-value", quote(*text) + " is not known here", hint_for_word(*text, words));
}

// In the order of the enums.
constexpr std::string_view kVerdicts[] = {"pass", "drop"};
constexpr std::string_view kDirectionNames[] = {"ingress", "egress"};
constexpr std::string_view kActions[] = {"pass", "drop", "count", "ban", "reject"};
constexpr std::string_view kFragmentTracking[] = {"drop", "track"};
constexpr std::string_view kReversePaths[] = {"off", "loose", "strict"};

void require(Decoder& in, NodeId id, bool present, std::string_view key, std::string_view what) {
    if (present || in.kind(id) != NodeKind::object) return;
    in.error(id, "missing-key", std::string(what) + " needs the key " + quote(key));
}

// ---- rules ----

struct RuleDraft {
    Rule& rule;
    NodeId ban = 0;    ///< the value of "for", 0: absent
    NodeId limit = 0;  ///< likewise of "limit"
    NodeId over = 0;
    NodeId spoofable = 0;
    NodeId beats_bans = 0;
};

constexpr std::uint32_t kDefaultBanSeconds = 600;

constexpr std::string_view kOver[] = {"drop", "ban"};

void read_switch(Decoder& in, NodeId id, bool& target) {
    if (const auto on = in.boolean(id)) target = *on;
}

constexpr Member<RuleDraft> kRuleMembers[] = {
    {"name",
     [](Decoder& in, NodeId id, RuleDraft& draft) { read_string(in, id, draft.rule.name); }},
    {"match",
     [](Decoder& in, NodeId id, RuleDraft& draft) { read_match(in, id, draft.rule.match); }},
    {"action", [](Decoder& in, NodeId id,
                  RuleDraft& draft) { read_word(in, id, draft.rule.action, kActions); }},
    {"limit",
     [](Decoder& in, NodeId id, RuleDraft& draft) {
         draft.limit = id;
         read_limit(in, id, draft.rule.limit.emplace());
     }},
    {"over",
     [](Decoder& in, NodeId id, RuleDraft& draft) {
         draft.over = id;
         read_word(in, id, draft.rule.over_bans, kOver);
     }},
    {"for", [](Decoder&, NodeId id, RuleDraft& draft) { draft.ban = id; }},
    {"spoofable",
     [](Decoder& in, NodeId id, RuleDraft& draft) {
         draft.spoofable = id;
         read_switch(in, id, draft.rule.spoofable);
     }},
    {"beats_bans",
     [](Decoder& in, NodeId id, RuleDraft& draft) {
         draft.beats_bans = id;
         read_switch(in, id, draft.rule.beats_bans);
     }},
    {"comment",
     [](Decoder& in, NodeId id, RuleDraft& draft) { read_string(in, id, draft.rule.comment); }},
};

/// Keys that mean something only beside another one.
void check_company(Decoder& in, const RuleDraft& draft) {
    const Rule& rule = draft.rule;
    const bool bans = rule.action == ActionKind::ban || rule.over_bans;
    if (draft.limit && rule.action != ActionKind::pass)
        // A rule that drops may match far more than its author wants to pass.
        in.error(draft.limit - 1, "limit-action", "a limit says how much a rule lets pass",
                 "let the match name only what may pass, then write \"action\": \"pass\": what is "
                 "over the limit is dropped");
    if (draft.over && !draft.limit)
        in.error(draft.over - 1, "over-without-limit", "\"over\" belongs to a limit",
                 "remove it, or add \"limit\"");
    for (const NodeId id : {draft.ban, draft.spoofable})
        if (id && !bans)
            in.error(id - 1, "for-without-ban",
                     quote(in.source().string(id - 1)) +
                         " belongs to the action \"ban\", or to \"over\": \"ban\"",
                     "remove it, or write \"action\": \"ban\"");
    if (draft.beats_bans && rule.action != ActionKind::pass)
        in.error(draft.beats_bans - 1, "beats-bans-action", "only a rule that passes beats bans",
                 "remove it");
}

void read_rule(Decoder& in, NodeId id, Rule& rule) {
    RuleDraft draft{rule};
    const auto seen = read_object(in, id, draft, kRuleMembers, "a rule");
    require(in, id, seen & 1, "name", "a rule");
    require(in, id, seen & 2, "match", "a rule");
    require(in, id, seen & 4, "action", "a rule");
    check_company(in, draft);
    if (rule.action == ActionKind::ban || rule.over_bans) rule.ban_seconds = kDefaultBanSeconds;
    if (draft.ban) read_duration(in, draft.ban, rule.ban_seconds);
}

void read_rules(Decoder& in, NodeId id, Ruleset& ruleset) {
    std::size_t count = 0;
    if (in.kind(id) == NodeKind::array)
        for (NodeId at = id + 1; at < in.source()[id].next; at = in.source()[at].next)
            ++count;
    ruleset.rules.reserve(count);
    read_array(in, id, [&](NodeId rule) { read_rule(in, rule, ruleset.rules.emplace_back()); });
}

// ---- sets ----

struct SetDraft {
    Set& set;
    NodeId entries = 0;  ///< 0: absent
};

/// "30%".
void read_percent(Decoder& in, NodeId id, std::optional<std::uint32_t>& out) {
    const auto text = in.string(id);
    if (!text) return;
    std::uint32_t value = 0;
    const char* const behind = text->data() + text->size();
    const auto [end, error] = std::from_chars(text->data(), behind, value);
    if (error == std::errc{} && std::string_view(end, behind - end) == "%" && value <= 100) {
        out = value;
        return;
    }
    in.error(id, "bad-value", quote(*text) + " is no share", "write it like \"30%\"");
}

constexpr Member<SetDraft> kSetMembers[] = {
    {"type", [](Decoder& in, NodeId id,
                SetDraft& draft) { read_word(in, id, draft.set.type, kSetTypeNames); }},
    {"entries", [](Decoder&, NodeId id, SetDraft& draft) { draft.entries = id; }},
    {"timeout",
     [](Decoder& in, NodeId id, SetDraft& draft) {
         read_duration(in, id, draft.set.timeout_seconds.emplace());
     }},
    {"max_entries",
     [](Decoder& in, NodeId id, SetDraft& draft) { draft.set.max_entries = in.integer(id); }},
    {"file", [](Decoder& in, NodeId id, SetDraft& draft) { read_string(in, id, draft.set.file); }},
    {"max_shrink",
     [](Decoder& in, NodeId id, SetDraft& draft) { read_percent(in, id, draft.set.max_shrink); }},
    {"min_entries",
     [](Decoder& in, NodeId id, SetDraft& draft) { draft.set.min_entries = in.integer(id); }},
    {"comment",
     [](Decoder& in, NodeId id, SetDraft& draft) { read_string(in, id, draft.set.comment); }},
};

/// A string that parse(text) -> Result understands.
template <typename T, typename Parse>
void read_text_entry(Decoder& in, NodeId id, std::vector<T>& entries, Parse parse) {
    const auto text = in.string(id);
    if (!text) return;
    auto entry = parse(*text);
    if (entry) entries.push_back(*std::move(entry));
    if (!entry) in.error(id, "bad-value", entry.error().message, entry.error().hint);
}

void read_port_entry(Decoder& in, NodeId id, Set& set) {
    const NumberField field = port_field("port");
    const bool number = in.kind(id) == NodeKind::number;
    if (!number && in.kind(id) != NodeKind::string)
        return in.wrong_type(id, "a number or a string");
    const auto integer = number ? in.integer(id) : std::nullopt;
    const auto text = number ? std::nullopt : in.string(id);
    if (!integer && !text) return;
    const auto range = number ? to_range(*integer, field) : parse_set_ports(*text);
    if (range) set.ports.push_back(*range);
    if (!range) in.error(id, "bad-value", range.error().message, range.error().hint);
}

/// Of a range the first prefix stands where the range did, so that complaints about entries find
/// their place; the others go behind all entries (`rest`).
void read_addresses_entry(Decoder& in, NodeId id, Set& set, std::vector<Prefix>& rest) {
    const auto text = in.string(id);
    if (!text) return;
    const auto prefixes = parse_set_addresses(*text);
    if (!prefixes)
        return in.error(id, "bad-value", prefixes.error().message, prefixes.error().hint);
    set.prefixes.push_back(prefixes->front());
    rest.insert(rest.end(), prefixes->begin() + 1, prefixes->end());
}

void read_entry(Decoder& in, NodeId id, Set& set, std::vector<Prefix>& rest) {
    switch (set.type) {
        case SetType::prefix:
            return read_addresses_entry(in, id, set, rest);
        case SetType::port:
            return read_port_entry(in, id, set);
        case SetType::mac:
            return read_text_entry(in, id, set.macs, parse_set_mac);
        case SetType::iface:
            return read_string(in, id, set.ifaces.emplace_back());
    }
}

void read_entries(Decoder& in, NodeId id, Set& set) {
    std::vector<Prefix> rest;
    read_array(in, id, [&](NodeId entry) { read_entry(in, entry, set, rest); });
    set.prefixes.insert(set.prefixes.end(), rest.begin(), rest.end());
}

void read_set(Decoder& in, NodeId id, Set& set) {
    SetDraft draft{set};
    const auto seen = read_object(in, id, draft, kSetMembers, "a set");
    require(in, id, seen & 1, "type", "a set");
    if (draft.entries && (seen & 1)) read_entries(in, draft.entries, set);
}

/// Calls read(key, value) for each member of an object with free keys.
template <typename Read>
void read_members(Decoder& in, NodeId id, Read read) {
    if (in.kind(id) != NodeKind::object) return in.wrong_type(id, "an object");
    const Source& source = in.source();
    for (NodeId key = id + 1; key < source[id].next && !in.full(); key = source[key].next)
        read(std::string(source.string(key)), key + 1);
}

void read_sets(Decoder& in, NodeId id, Ruleset& ruleset) {
    read_members(in, id, [&](std::string name, NodeId value) {
        read_set(in, value, ruleset.sets.emplace_back(std::move(name), Set{}).second);
    });
}

// ---- the rest ----

constexpr Member<Ruleset> kPolicyMembers[] = {
    {"ingress", [](Decoder& in, NodeId id,
                   Ruleset& ruleset) { read_word(in, id, ruleset.policy[0], kVerdicts); }},
    {"egress", [](Decoder& in, NodeId id,
                  Ruleset& ruleset) { read_word(in, id, ruleset.policy[1], kVerdicts); }},
};

constexpr Member<PacketTest> kTestMembers[] = {
    {"packet", [](Decoder& in, NodeId id, PacketTest& test) { read_string(in, id, test.packet); }},
    {"direction", [](Decoder& in, NodeId id,
                     PacketTest& test) { read_word(in, id, test.direction, kDirectionNames); }},
    {"iface", [](Decoder& in, NodeId id, PacketTest& test) { read_string(in, id, test.iface); }},
    {"expect",
     [](Decoder& in, NodeId id, PacketTest& test) { read_word(in, id, test.expect, kVerdicts); }},
    {"rule", [](Decoder& in, NodeId id, PacketTest& test) { read_string(in, id, test.rule); }},
    {"reason", [](Decoder& in, NodeId id, PacketTest& test) { read_string(in, id, test.reason); }},
    {"sets", [](Decoder&, NodeId, PacketTest&) {}},  // see read_sets_of_tests
};

void read_test(Decoder& in, NodeId id, PacketTest& test) {
    const auto seen = read_object(in, id, test, kTestMembers, "a test");
    require(in, id, seen & 1, "packet", "a test");
    require(in, id, seen & 8, "expect", "a test");
}

/// The value of a key of an object; 0: it has none.
NodeId find_member(const Source& source, NodeId object, std::string_view wanted) {
    if (source[object].kind != NodeKind::object) return 0;
    for (NodeId key = object + 1; key < source[object].next; key = source[key].next)
        if (source.string(key) == wanted) return key + 1;
    return 0;
}

void read_sets_of_test(Decoder& in, NodeId id, const Ruleset& ruleset, PacketTest& test) {
    read_members(in, id, [&](std::string name, NodeId value) {
        const Set* const known = find_set(ruleset, name);
        if (!known) {
            std::vector<std::string_view> names;
            for (const auto& [other, ignored] : ruleset.sets)
                names.emplace_back(other);
            return in.error(value - 1, "unknown-set", "there is no set " + quote(name),
                            did_you_mean(name, names));
        }
        Set& set = test.sets.emplace_back(std::move(name), Set{}).second;
        set.type = known->type;
        read_entries(in, value, set);
    });
}

/// When all else was read: entries are read by the type of their set, wherever that stands.
void read_sets_of_tests(Decoder& in, Ruleset& ruleset) {
    const Source& source = in.source();
    const NodeId tests = find_member(source, 0, "tests");
    if (!tests || source[tests].kind != NodeKind::array) return;
    std::size_t index = 0;
    for (NodeId id = tests + 1; id < source[tests].next && index < ruleset.tests.size();
         id = source[id].next, ++index)
        if (const NodeId sets = find_member(source, id, "sets"))
            read_sets_of_test(in, sets, ruleset, ruleset.tests[index]);
}

void read_timeout(Decoder& in, NodeId id, std::uint32_t& seconds) {
    const auto text = in.string(id);
    if (!text) return;
    read_duration(in, id, seconds);
    if (seconds == 0 || (seconds >= YETT_LEAST_TIMEOUT && seconds <= YETT_GREATEST_TIMEOUT)) return;
    in.error(id, "out-of-range", quote(*text) + " is out of range",
             "it goes from " + quote(print_duration(YETT_LEAST_TIMEOUT)) + " to " +
                 quote(print_duration(YETT_GREATEST_TIMEOUT)));
}

constexpr Member<Ruleset> kTimeoutMembers[] = {
#define YETT_TIMEOUT_MEMBER(name, text, seconds)                    \
    {text, [](Decoder& in, NodeId id, Ruleset& ruleset) {           \
         read_timeout(in, id, ruleset.timeouts[YETT_PHASE_##name]); \
     }},
    YETT_CONNECTION_PHASES(YETT_TIMEOUT_MEMBER)
#undef YETT_TIMEOUT_MEMBER
};

void read_version(Decoder& in, NodeId id, Ruleset& ruleset) {
    const auto version = in.integer(id);
    if (!version) return;
    ruleset.version = *version;
    if (*version == 1) return;
    in.error(id, "version", "this yett reads version 1 of rule files", "write \"version\": 1");
}

void read_inspect(Decoder& in, NodeId id, Ruleset& ruleset) {
    read_array(in, id, [&](NodeId name) {
        std::uint8_t tunnel = std::size(kTunnelNames);
        read_word(in, name, tunnel, kTunnelNames);
        if (tunnel < std::size(kTunnelNames)) ruleset.inspect |= 1u << tunnel;
    });
}

/// A port, and the tunnel whose port it is.
void read_tunnel_port(Decoder& in, NodeId id, std::vector<std::uint16_t>& ports) {
    const auto port = in.integer(id);
    if (!port) return;
    if (*port >= 1 && *port <= kPortBounds.greatest)
        return ports.push_back(static_cast<std::uint16_t>(*port));
    in.error(id, "bad-value", std::to_string(*port) + " is no port of a tunnel",
             "a port is a number from 1 to 65535");
}

template <std::uint8_t tunnel>
void read_tunnel_ports(Decoder& in, NodeId id, Ruleset& ruleset) {
    read_one_or_more(
        in, id, [&](NodeId port) { read_tunnel_port(in, port, ruleset.tunnel_ports[tunnel]); });
}

constexpr Member<Ruleset> kTunnelPortMembers[] = {
    {"vxlan", read_tunnel_ports<YETT_TUNNEL_VXLAN>},
    {"geneve", read_tunnel_ports<YETT_TUNNEL_GENEVE>},
    {"gue", read_tunnel_ports<YETT_TUNNEL_GUE>},
};

constexpr Member<Ruleset> kRulesetMembers[] = {
    {"$schema",
     [](Decoder& in, NodeId id, Ruleset& ruleset) { read_string(in, id, ruleset.schema); }},
    {"version", read_version},
    {"name", [](Decoder& in, NodeId id, Ruleset& ruleset) { read_string(in, id, ruleset.name); }},
    {"comment",
     [](Decoder& in, NodeId id, Ruleset& ruleset) { read_string(in, id, ruleset.comment); }},
    {"interfaces",
     [](Decoder& in, NodeId id, Ruleset& ruleset) {
         read_array(in, id,
                    [&](NodeId name) { read_string(in, name, ruleset.interfaces.emplace_back()); });
     }},
    {"attach",
     [](Decoder& in, NodeId id, Ruleset& ruleset) {
         read_members(in, id, [&](std::string name, NodeId value) {
             auto& choice = ruleset.attach.emplace_back(std::move(name), HookChoice{}).second;
             read_word(in, value, choice, kHookChoiceNames);
         });
     }},
    {"policy",
     [](Decoder& in, NodeId id, Ruleset& ruleset) {
         read_object(in, id, ruleset, kPolicyMembers, "the policy");
     }},
    {"never_ban",
     [](Decoder& in, NodeId id, Ruleset& ruleset) {
         const auto text = in.string(id);
         if (!text) return;
         if (text->size() > 1 && text->starts_with('@')) {
             ruleset.never_ban = SetReference{std::string(text->substr(1))};
             return;
         }
         in.error(id, "bad-value", quote(*text) + " is no set", "write \"@name\" of a prefix set");
     }},
    {"failsafe",
     [](Decoder& in, NodeId id, Ruleset& ruleset) {
         read_array(in, id,
                    [&](NodeId match) { read_match(in, match, ruleset.failsafe.emplace_back()); });
     }},
    {"builtins",
     [](Decoder& in, NodeId id, Ruleset& ruleset) {
         read_members(in, id, [&](std::string name, NodeId value) {
             if (const auto on = in.boolean(value)) ruleset.builtins[std::move(name)] = *on;
         });
     }},
    {"exceptions",
     [](Decoder& in, NodeId id, Ruleset& ruleset) {
         read_members(in, id, [&](std::string name, NodeId value) {
             read_word(in, value, ruleset.exceptions[std::move(name)], kVerdicts);
         });
     }},
    {"inspect", read_inspect},
    {"tunnel_ports",
     [](Decoder& in, NodeId id, Ruleset& ruleset) {
         read_object(in, id, ruleset, kTunnelPortMembers, "tunnel_ports");
     }},
    {"fragments",
     [](Decoder& in, NodeId id, Ruleset& ruleset) {
         read_word(in, id, ruleset.track_fragments, kFragmentTracking);
     }},
    {"reverse_path",
     [](Decoder& in, NodeId id, Ruleset& ruleset) {
         read_word(in, id, ruleset.reverse_path, kReversePaths);
     }},
    {"timeouts",
     [](Decoder& in, NodeId id, Ruleset& ruleset) {
         read_object(in, id, ruleset, kTimeoutMembers, "timeouts");
     }},
    {"sets", read_sets},
    {"rules", read_rules},
    {"tests",
     [](Decoder& in, NodeId id, Ruleset& ruleset) {
         read_array(in, id,
                    [&](NodeId test) { read_test(in, test, ruleset.tests.emplace_back()); });
     }},
};

void sort_by_place(std::vector<Diagnostic>& diagnostics) {
    std::stable_sort(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& a, const Diagnostic& b) {
                         const auto key = [](const Diagnostic& d) {
                             return std::pair(d.location.line, d.location.column);
                         };
                         return key(a) < key(b);
                     });
}

}  // namespace

bool Document::ok() const {
    return acceptable(diagnostics);
}

Document read_ruleset(std::string text, const JsonLimits& limits) {
    Document document;
    document.source = Source::parse(std::move(text), limits, document.diagnostics);
    const bool readable = std::all_of(
        document.diagnostics.begin(), document.diagnostics.end(),
        [](const Diagnostic& diagnostic) { return diagnostic.code == "duplicate-key"; });
    if (readable && !document.source.empty()) {
        Decoder in(document.source, limits, document.diagnostics);
        read_object(in, 0, document.ruleset, kRulesetMembers, "a ruleset");
        read_sets_of_tests(in, document.ruleset);
    }
    sort_by_place(document.diagnostics);
    return document;
}

bool acceptable(const std::vector<Diagnostic>& diagnostics) {
    return std::none_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& diagnostic) {
        return diagnostic.severity == Severity::error;
    });
}

}  // namespace yett
