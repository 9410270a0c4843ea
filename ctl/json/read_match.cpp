// SPDX-License-Identifier: GPL-2.0-or-later
// One table of match keys, and what reads each.
#include "json/read_match.hpp"

#include "json/values.hpp"
#include "model/protocol.hpp"

namespace yett {
namespace {

/// A match on its way. What depends on its other keys waits until they are read.
struct MatchDraft {
    Match& match;
    const Match* outer = nullptr;  ///< the match around this "not"
    NodeId icmp_type = 0;          ///< the value, 0: absent
    NodeId negated = 0;            ///< the value, 0: absent
};

void read_match_in(Decoder& in, NodeId id, Match& match, const Match* outer);

void report(Decoder& in, NodeId id, const Error& error, std::string_view code = "bad-value") {
    const bool range = error.message.find("out of range") != std::string::npos;
    in.error(id, range ? "out-of-range" : code, error.message, error.hint);
}

std::optional<NumberRange> read_range(Decoder& in, NodeId id, const NumberField& field) {
    if (in.kind(id) == NodeKind::number) {
        const auto number = in.integer(id);
        if (!number) return std::nullopt;
        const auto range = to_range(*number, field);
        if (range) return *range;
        report(in, id, range.error());
        return std::nullopt;
    }
    if (in.kind(id) != NodeKind::string) {
        in.wrong_type(id, "a number or a string");
        return std::nullopt;
    }
    const auto text = in.string(id);
    if (!text) return std::nullopt;
    const auto range = parse_range(*text, field);
    if (range) return *range;
    report(in, id, range.error());
    return std::nullopt;
}

template <std::vector<NumberRange> Match::*list>
void read_numbers(Decoder& in, NodeId id, Match& match, const NumberField& field) {
    read_one_or_more(in, id, [&](NodeId value) {
        if (const auto range = read_range(in, value, field)) (match.*list).push_back(*range);
    });
}

void read_port(Decoder& in, NodeId id, std::vector<PortTest>& ports, std::string_view key) {
    read_one_or_more(in, id, [&](NodeId value) {
        const bool is_string = in.kind(value) == NodeKind::string;
        const auto text = is_string ? in.string(value) : std::nullopt;
        if (text && text->size() > 1 && text->starts_with('@')) {
            ports.emplace_back(SetReference{std::string(text->substr(1))});
        } else if (text || !is_string) {
            const auto range = read_range(in, value, port_field(key));
            if (range) ports.emplace_back(*range);
        }
    });
}

/// What no value of a match can be, whatever its key.
bool refuse_any(Decoder& in, NodeId id, std::string_view key, std::string_view text) {
    std::string hint = hint_for_any(key, text);
    // The name of an interface may hold any character, and must not be taken for a negation.
    if (hint.empty() && key == "iface" && text.starts_with('!'))
        hint = hint_for_shape(key, text, [](std::string_view name) { return quote(name); });
    if (hint.empty()) return false;
    in.error(id, "bad-value", quote(text) + " is no value of " + quote(key), hint);
    return true;
}

/// Flags in one string hold together, in a list any of them does: "syn, ack" is no list.
std::string flags_hint(std::string_view text) {
    std::string closed(text);
    std::erase(closed, ' ');
    return closed != text && parse_flags(closed) ? "write " + quote(closed) : "";
}

/// Strings, each read by parse(text) -> Result.
template <typename T, typename Parse>
void read_strings(Decoder& in, NodeId id, std::string_view key, std::vector<T>& list, Parse parse) {
    const auto print = [&](std::string_view text) {
        return parse(text) ? std::optional(quote(text)) : std::nullopt;
    };
    read_one_or_more(in, id, [&](NodeId value) {
        const auto text = in.string(value);
        if (!text || refuse_any(in, value, key, *text)) return;
        auto result = parse(*text);
        if (result) return list.push_back(*std::move(result));
        Error error = result.error();
        const std::string hint =
            key == "tcp_flags" ? flags_hint(*text) : hint_for_shape(key, *text, print);
        if (!hint.empty()) error.hint = hint;
        report(in, value, error);
    });
}

/// One of a few words.
template <typename T>
struct Word {
    std::string_view text;
    T value;
};

template <typename T, std::size_t N>
Result<T> parse_word(std::string_view text, const Word<T> (&words)[N]) {
    std::vector<std::string_view> known;
    for (const Word<T>& word : words) {
        if (word.text == text) return word.value;
        known.push_back(word.text);
    }
    return Error{ErrorKind::invalid, quote(text) + " is not known here",
                 hint_for_word(text, known)};
}

constexpr Word<Direction> kDirections[] = {{"ingress", Direction::ingress},
                                           {"egress", Direction::egress}};
constexpr Word<Family> kFamilies[] = {{"ipv4", Family::ipv4}, {"ipv6", Family::ipv6}};
constexpr Word<FragmentKind> kFragments[] = {
    {"none", FragmentKind::none}, {"first", FragmentKind::first}, {"later", FragmentKind::later}};

constexpr Word<ConnectionState> kStates[] = {{"new", ConnectionState::fresh},
                                             {"established", ConnectionState::established},
                                             {"related", ConnectionState::related},
                                             {"invalid", ConnectionState::invalid}};

void read_fragment(Decoder& in, NodeId id, std::vector<FragmentKind>& list) {
    // "any" is short for both kinds of fragments.
    if (in.kind(id) == NodeKind::string && in.source().string(id) == "any") {
        list = {FragmentKind::first, FragmentKind::later};
        return;
    }
    read_strings(in, id, "fragment", list, [](std::string_view text) -> Result<FragmentKind> {
        return parse_word(text, kFragments);
    });
}

void read_negated(Decoder& in, const MatchDraft& draft) {
    if (draft.outer) {
        return in.error(draft.negated, "nested-not", "\"not\" stands inside of \"not\"",
                        "say the inner match directly");
    }
    read_one_or_more(in, draft.negated, [&](NodeId value) {
        if (in.kind(value) == NodeKind::object && in.source()[value].next == value + 1) {
            return in.error(value, "empty-not", "\"not\" of an empty match never matches",
                            "name what must not hold");
        }
        Match inner;
        read_match_in(in, value, inner, &draft.match);
        draft.match.negated.push_back(std::move(inner));
    });
}

constexpr unsigned kIcmp4Bit = 1, kIcmp6Bit = 2;

/// Which of ICMP and ICMPv6 the keys leave possible. When they exclude both, that is for the check,
/// and "proto" says what the names mean.
unsigned icmp_families(const Match& match) {
    unsigned by_proto = match.proto.empty() ? kIcmp4Bit | kIcmp6Bit : 0;
    for (const NumberRange& range : match.proto) {
        if (range.first <= kProtocolIcmp && kProtocolIcmp <= range.last) by_proto |= kIcmp4Bit;
        if (range.first <= kProtocolIcmp6 && kProtocolIcmp6 <= range.last) by_proto |= kIcmp6Bit;
    }
    unsigned by_family = match.family.empty() ? kIcmp4Bit | kIcmp6Bit : 0;
    for (const Family family : match.family) {
        by_family |= family == Family::ipv4 ? kIcmp4Bit : kIcmp6Bit;
    }
    if (by_proto & by_family) return by_proto & by_family;
    return by_proto ? by_proto : kIcmp4Bit | kIcmp6Bit;
}

/// A name that means one type whatever the family, or an error.
Result<NumberRange> parse_icmp_either(std::string_view text) {
    const auto names4 = icmp_type_names(Family::ipv4);
    const auto names6 = icmp_type_names(Family::ipv6);
    const auto type4 = number_of(names4, text);
    const auto type6 = number_of(names6, text);
    if (!type4 && !type6) return parse_range(text, icmp_type_field(Family::ipv4));
    const auto type = type4 ? *type4 : *type6;
    const bool same = type4 && type6 && *type4 == *type6;
    const bool alone = type4 ? name_of(names6, type).empty() : name_of(names4, type).empty();
    if (same || (alone && !(type4 && type6))) return NumberRange{type, type};
    return Error{ErrorKind::invalid,
                 "icmp_type " + quote(text) + " is another number in icmp than in icmp6",
                 "add \"proto\": \"icmp\" or \"proto\": \"icmp6\""};
}

/// `by_family`: the key "family" says which, not "proto".
Result<NumberRange> parse_icmp_type(std::string_view text, unsigned families, bool by_family) {
    if (families == (kIcmp4Bit | kIcmp6Bit)) return parse_icmp_either(text);
    const Family family = families == kIcmp4Bit ? Family::ipv4 : Family::ipv6;
    const Family other = families == kIcmp4Bit ? Family::ipv6 : Family::ipv4;
    const bool here = number_of(icmp_type_names(family), text).has_value();
    if (!here && number_of(icmp_type_names(other), text)) {
        const bool v4 = family == Family::ipv4;
        const std::string_view right = by_family
                                           ? (v4 ? "\"family\": \"ipv6\"" : "\"family\": \"ipv4\"")
                                           : (v4 ? "\"proto\": \"icmp6\"" : "\"proto\": \"icmp\"");
        return Error{ErrorKind::invalid,
                     quote(text) + (v4 ? " is a type of icmp6, not of icmp"
                                       : " is a type of icmp, not of icmp6"),
                     "write " + std::string(right)};
    }
    return parse_range(text, icmp_type_field(family));
}

void read_icmp_type(Decoder& in, const MatchDraft& draft) {
    unsigned families = icmp_families(draft.match);
    if (draft.outer && draft.match.proto.empty()) families &= icmp_families(*draft.outer);
    const bool by_family =
        draft.match.proto.empty() && (!draft.outer || draft.outer->proto.empty());
    read_one_or_more(in, draft.icmp_type, [&](NodeId value) {
        std::optional<NumberRange> range;
        if (in.kind(value) != NodeKind::string) {
            range = read_range(in, value, icmp_type_field(Family::ipv4));
        } else if (const auto text = in.string(value)) {
            const auto result = parse_icmp_type(*text, families ? families : 3, by_family);
            if (result) range = *result;
            if (!result) report(in, value, result.error());
        }
        if (range) draft.match.icmp_type.push_back(*range);
    });
}

constexpr Member<MatchDraft> kMatchMembers[] = {
    {"iface",
     [](Decoder& in, NodeId id, MatchDraft& draft) {
         read_strings(in, id, "iface", draft.match.iface, parse_interface_test);
     }},
    {"direction",
     [](Decoder& in, NodeId id, MatchDraft& draft) {
         read_strings(in, id, "direction", draft.match.direction,
                      [](std::string_view text) { return parse_word(text, kDirections); });
     }},
    {"family",
     [](Decoder& in, NodeId id, MatchDraft& draft) {
         read_strings(in, id, "family", draft.match.family,
                      [](std::string_view text) { return parse_word(text, kFamilies); });
     }},
    {"smac",
     [](Decoder& in, NodeId id, MatchDraft& draft) {
         read_strings(in, id, "smac", draft.match.smac, parse_mac_test);
     },
     Chooser::sender},
    {"dmac",
     [](Decoder& in, NodeId id, MatchDraft& draft) {
         read_strings(in, id, "dmac", draft.match.dmac, parse_mac_test);
     }},
    {"ethertype",
     [](Decoder& in, NodeId id, MatchDraft& draft) {
         read_numbers<&Match::ethertype>(in, id, draft.match, ethertype_field());
     }},
    {"vlan",
     [](Decoder& in, NodeId id, MatchDraft& draft) {
         read_numbers<&Match::vlan>(in, id, draft.match, vlan_field());
     }},
    {"src",
     [](Decoder& in, NodeId id, MatchDraft& draft) {
         read_strings(in, id, "src", draft.match.src, parse_address_test);
     },
     Chooser::sender},
    {"dst",
     [](Decoder& in, NodeId id, MatchDraft& draft) {
         read_strings(in, id, "dst", draft.match.dst, parse_address_test);
     }},
    {"proto",
     [](Decoder& in, NodeId id, MatchDraft& draft) {
         read_numbers<&Match::proto>(in, id, draft.match, protocol_field());
     }},
    {"sport",
     [](Decoder& in, NodeId id, MatchDraft& draft) {
         read_port(in, id, draft.match.sport, "sport");
     },
     Chooser::sender},
    {"dport", [](Decoder& in, NodeId id,
                 MatchDraft& draft) { read_port(in, id, draft.match.dport, "dport"); }},
    {"tcp_flags",
     [](Decoder& in, NodeId id, MatchDraft& draft) {
         read_strings(in, id, "tcp_flags", draft.match.tcp_flags, parse_flags);
     }},
    {"icmp_type", [](Decoder&, NodeId id, MatchDraft& draft) { draft.icmp_type = id; }},
    {"icmp_code",
     [](Decoder& in, NodeId id, MatchDraft& draft) {
         read_numbers<&Match::icmp_code>(in, id, draft.match, icmp_code_field());
     }},
    {"len",
     [](Decoder& in, NodeId id, MatchDraft& draft) {
         read_numbers<&Match::len>(in, id, draft.match, length_field());
     }},
    {"ttl", [](Decoder& in, NodeId id,
               MatchDraft& draft) { read_numbers<&Match::ttl>(in, id, draft.match, ttl_field()); }},
    {"dscp",
     [](Decoder& in, NodeId id, MatchDraft& draft) {
         read_numbers<&Match::dscp>(in, id, draft.match, dscp_field());
     }},
    {"fragment", [](Decoder& in, NodeId id,
                    MatchDraft& draft) { read_fragment(in, id, draft.match.fragment); }},
    {"state",
     [](Decoder& in, NodeId id, MatchDraft& draft) {
         read_strings(in, id, "state", draft.match.state,
                      [](std::string_view text) { return parse_word(text, kStates); });
     }},
    {"not", [](Decoder&, NodeId id, MatchDraft& draft) { draft.negated = id; }},
};

void read_match_in(Decoder& in, NodeId id, Match& match, const Match* outer) {
    MatchDraft draft{match, outer};
    read_object(in, id, draft, kMatchMembers, "a match");
    if (draft.icmp_type) read_icmp_type(in, draft);
    if (draft.negated) read_negated(in, draft);
}

}  // namespace

void read_match(Decoder& in, NodeId id, Match& match) {
    read_match_in(in, id, match, nullptr);
}

}  // namespace yett
