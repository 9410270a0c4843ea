// SPDX-License-Identifier: GPL-2.0-or-later
// Ranges of numbers, TCP flags and durations.
#include "json/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/quote.hpp"
#include "base/suggest.hpp"
#include "json/hints.hpp"

namespace yett {
namespace {

Error invalid(std::string message, std::string hint = {}) {
    return {ErrorKind::invalid, std::move(message), std::move(hint)};
}

// What people write for a port out of habit.
constexpr NamedNumber kServices[] = {
    {"ftp", 21},    {"ssh", 22},          {"telnet", 23}, {"smtp", 25},        {"dns", 53},
    {"domain", 53}, {"bootps", 67},       {"bootpc", 68}, {"tftp", 69},        {"http", 80},
    {"pop3", 110},  {"ntp", 123},         {"imap", 143},  {"snmp", 161},       {"bgp", 179},
    {"ldap", 389},  {"https", 443},       {"imaps", 993}, {"submission", 587}, {"mysql", 3306},
    {"rdp", 3389},  {"postgresql", 5432},
};

/// Decimal without sign and leading zeros, or (hex) "0x" and hex digits.
std::optional<std::uint64_t> parse_number(std::string_view text, bool hex) {
    const bool is_hex = hex && (text.starts_with("0x") || text.starts_with("0X"));
    if (is_hex) text.remove_prefix(2);
    if (text.empty() || (!is_hex && text.size() > 1 && text[0] == '0')) return std::nullopt;
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data(), end, value, is_hex ? 16 : 10);
    if (stop != end) return std::nullopt;
    if (fault == std::errc::result_out_of_range) return UINT64_MAX;
    return value;
}

std::string key_text(const NumberField& field) {
    return std::string(field.key);
}

std::string number_text(std::uint32_t number, const NumberField& field) {
    if (!field.hex) return std::to_string(number);
    std::array<char, 8> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
    const std::string text(digits.data(), end);
    return "0x" + std::string(4 - std::min<std::size_t>(4, text.size()), '0') + text;
}

std::string bounds_text(const NumberField& field) {
    const Bounds& bounds = field.bounds;
    return key_text(field) + " goes from " + number_text(bounds.least, field) + " to " +
           number_text(bounds.greatest, field);
}

Error out_of_bounds(std::string_view number, const NumberField& field) {
    return invalid(key_text(field) + " " + std::string(number) + " is out of range",
                   bounds_text(field));
}

Result<std::uint32_t> bounded(std::string_view text, const NumberField& field) {
    const auto value = parse_number(text, field.hex);
    if (!value) return invalid(quote(text) + " is no number");
    if (*value < field.bounds.least || *value > field.bounds.greatest) {
        return out_of_bounds(text, field);
    }
    return static_cast<std::uint32_t>(*value);
}

std::optional<std::uint32_t> service(std::string_view text, const NumberField& field) {
    const bool port = field.names.empty() && !field.hex && field.bounds.greatest == 65535;
    return port ? number_of(kServices, text) : std::nullopt;
}

/// "80", "8000-8100" or a name, without a word about what is wrong.
std::optional<NumberRange> range_of(std::string_view text, const NumberField& field) {
    if (const auto number = number_of(field.names, text)) return NumberRange{*number, *number};
    const std::size_t dash = text.find('-');
    const auto first = parse_number(text.substr(0, dash), field.hex);
    const auto last = dash == text.npos ? first : parse_number(text.substr(dash + 1), field.hex);
    const Bounds& bounds = field.bounds;
    if (!first || !last || *first < bounds.least || *last > bounds.greatest || *first > *last)
        return std::nullopt;
    return NumberRange{static_cast<std::uint32_t>(*first), static_cast<std::uint32_t>(*last)};
}

/// A part of a text as a hint writes it: "8000:8100" and "080" too, and names of services.
std::optional<std::string> print_part(std::string_view text, const NumberField& field) {
    if (const auto port = service(text, field)) return std::to_string(*port);
    std::string usual;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool leads = usual.empty() || usual.back() == '-';
        const bool more = i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9';
        if (!(leads && more && text[i] == '0')) usual += text[i] == ':' ? '-' : text[i];
    }
    const auto range = range_of(usual, field);
    return range ? std::optional(print_range(*range, field)) : std::nullopt;
}

std::string shape_hint(std::string_view text, const NumberField& field) {
    std::string closed;  // "80 - 90" is one range
    for (const char c : text) {
        if ((c == '-' || c == ':') && closed.ends_with(' ')) closed.pop_back();
        if (c != ' ' || !(closed.ends_with('-') || closed.ends_with(':'))) closed += c;
    }
    return hint_for_shape(field.key, closed,
                          [&](std::string_view part) { return print_part(part, field); });
}

Error no_such_value(std::string_view text, const NumberField& field) {
    if (const auto port = service(text, field)) {
        return invalid(key_text(field) + " takes numbers, not names of services",
                       "write " + std::to_string(*port));
    }
    std::string other = hint_for_any(field.key, text);
    if (other.empty()) other = shape_hint(text, field);
    if (!other.empty()) return invalid(quote(text) + " is no " + key_text(field), other);
    std::vector<std::string_view> names;
    for (const NamedNumber& entry : field.names)
        names.push_back(entry.name);
    std::string hint = did_you_mean(text, names);
    if (hint.empty()) {
        hint = "write a number, a range \"first-last\", or \">=n\", \"<=n\"";
        if (!names.empty()) hint += ", or a name such as " + quote(names.front());
    }
    return invalid(quote(text) + " is no " + key_text(field), std::move(hint));
}

/// ">=468" and its like. `text` begins with > or <.
Result<NumberRange> parse_comparison(std::string_view text, const NumberField& field) {
    const bool greater = text[0] == '>';
    const bool equal = text.size() > 1 && text[1] == '=';
    const auto number = bounded(text.substr(equal ? 2 : 1), field);
    if (!number) return number.error();
    const Bounds& bounds = field.bounds;
    if (!equal && *number == (greater ? bounds.greatest : bounds.least)) {
        return invalid("no " + key_text(field) + " is " + std::string(text), bounds_text(field));
    }
    if (greater) return NumberRange{equal ? *number : *number + 1, bounds.greatest};
    return NumberRange{bounds.least, equal ? *number : *number - 1};
}

}  // namespace

NumberField port_field(std::string_view key) {
    return {key, kPortBounds, {}};
}
NumberField ethertype_field() {
    return {"ethertype", kEthertypeBounds, ethertype_names(), true};
}
NumberField vlan_field() {
    return {"vlan", kVlanBounds, {}};
}
NumberField protocol_field() {
    return {"proto", kProtocolBounds, protocol_names()};
}
NumberField icmp_type_field(Family family) {
    return {"icmp_type", kOctetBounds, icmp_type_names(family)};
}
NumberField icmp_code_field() {
    return {"icmp_code", kOctetBounds, {}};
}
NumberField length_field() {
    return {"len", kLengthBounds, {}};
}
NumberField ttl_field() {
    return {"ttl", kOctetBounds, {}};
}
NumberField dscp_field() {
    return {"dscp", kDscpBounds, dscp_names()};
}

Result<NumberRange> to_range(std::uint32_t number, const NumberField& field) {
    if (number < field.bounds.least || number > field.bounds.greatest) {
        return out_of_bounds(std::to_string(number), field);
    }
    return NumberRange{number, number};
}

Result<NumberRange> parse_range(std::string_view text, const NumberField& field) {
    if (const auto number = number_of(field.names, text)) return NumberRange{*number, *number};
    if (text.starts_with('>') || text.starts_with('<')) return parse_comparison(text, field);
    const std::size_t dash = text.find('-');
    const std::string_view low = text.substr(0, dash);
    const std::string_view high = dash == std::string_view::npos ? low : text.substr(dash + 1);
    if (!parse_number(low, field.hex) || !parse_number(high, field.hex)) {
        return no_such_value(text, field);
    }
    const auto first = bounded(low, field);
    if (!first) return first.error();
    const auto last = bounded(high, field);
    if (!last) return last.error();
    return NumberRange{*first, *last};
}

std::string print_range(const NumberRange& range, const NumberField& field) {
    if (range.first == range.last) {
        const std::string_view name = name_of(field.names, range.first);
        if (!name.empty()) return '"' + std::string(name) + '"';
        const std::string number = number_text(range.first, field);
        return field.hex ? '"' + number + '"' : number;
    }
    if (range.last == field.bounds.greatest && range.first > field.bounds.least) {
        return "\">=" + number_text(range.first, field) + '"';
    }
    if (range.first == field.bounds.least && range.last < field.bounds.greatest) {
        return "\"<=" + number_text(range.last, field) + '"';
    }
    return '"' + number_text(range.first, field) + '-' + number_text(range.last, field) + '"';
}

Result<FlagsTest> parse_flags(std::string_view text) {
    if (text == "none") return FlagsTest{0xff, 0};
    FlagsTest test;
    std::string_view rest = text;
    while (true) {
        const std::size_t comma = rest.find(',');
        std::string_view name = rest.substr(0, comma);
        const bool unset = name.starts_with('!');
        if (unset) name.remove_prefix(1);
        const auto bit = number_of(tcp_flag_names(), name);
        if (!bit) {
            std::vector<std::string_view> names;
            for (const NamedNumber& flag : tcp_flag_names())
                names.push_back(flag.name);
            std::string hint = did_you_mean(name, names);
            if (!hint.empty()) return invalid(quote(name) + " is no TCP flag", hint);
            return invalid(quote(name) + " is no TCP flag",
                           "flags are fin syn rst psh ack urg ece cwr, as in \"syn,!ack\", or "
                           "\"none\"");
        }
        if (test.mask & *bit) return invalid("flag " + quote(name) + " stands twice");
        test.mask |= *bit;
        if (!unset) test.value |= *bit;
        if (comma == std::string_view::npos) return test;
        rest.remove_prefix(comma + 1);
    }
}

std::string to_text(const FlagsTest& flags) {
    if (flags.mask == 0xff && flags.value == 0) return "none";
    std::string text;
    for (const NamedNumber& flag : tcp_flag_names()) {
        if (!(flags.mask & flag.number)) continue;
        if (!text.empty()) text += ',';
        if (!(flags.value & flag.number)) text += '!';
        text += flag.name;
    }
    return text;
}

namespace {

struct Unit {
    char letter;
    std::uint32_t seconds;
};
constexpr Unit kUnits[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};

}  // namespace

Result<std::uint32_t> parse_duration(std::string_view text) {
    const Error wrong = invalid(quote(text) + " is no duration",
                                "write a number and a unit: \"30s\", \"10m\", \"1h\", \"7d\"");
    if (text.empty()) return wrong;
    const auto number = parse_number(text.substr(0, text.size() - 1), false);
    if (!number) return wrong;
    for (const Unit& unit : kUnits) {
        if (unit.letter != text.back()) continue;
        if (*number == 0) return invalid("a duration of 0 has no effect", wrong.hint);
        if (*number > UINT32_MAX / unit.seconds) {
            return invalid(quote(text) + " is too long", "the longest is \"49710d\"");
        }
        return static_cast<std::uint32_t>(*number * unit.seconds);
    }
    return wrong;
}

Result<std::uint32_t> parse_timeout(std::string_view text) {
    if (text == "never") return std::uint32_t{0};
    const auto digits = parse_number(text, false);
    const auto seconds = digits ? Result<std::uint32_t>(static_cast<std::uint32_t>(
                                      std::min<std::uint64_t>(*digits, UINT32_MAX)))
                                : parse_duration(text);
    if (seconds && *seconds <= kLongestTimeout) return seconds;
    if (seconds) return invalid(quote(text) + " is too long", "the longest is ten years, 3650d");
    return invalid(quote(text) + " is no time that an entry could stay",
                   "write seconds, or a number and a unit, as in 90, 10m, 1h, 7d; 0 is for ever");
}

std::string print_duration(std::uint32_t seconds) {
    for (const Unit& unit : kUnits) {
        if (seconds % unit.seconds == 0) {
            return std::to_string(seconds / unit.seconds) + unit.letter;
        }
    }
    return {};
}

}  // namespace yett
