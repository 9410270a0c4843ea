// SPDX-License-Identifier: GPL-2.0-or-later
// Entries of sets as text.
#include <fmt/format.h>

#include <charconv>

#include <optional>

#include "apply/entry.hpp"
#include "model/names.hpp"

namespace yett {
namespace {

constexpr std::uint32_t kLastPort = 65535;

Error wrong(std::string message, std::string hint = "") {
    return {ErrorKind::usage, std::move(message), std::move(hint)};
}

std::optional<std::uint32_t> parse_port(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    if (value > kLastPort || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    return value;
}

Result<EntryValue> parse_ports(std::string_view text) {
    const auto dash = text.find('-');
    const auto first = parse_port(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_port(text.substr(dash + 1));
    if (!first || !last) {
        return wrong(fmt::format("\"{}\" is not a port or a range of ports", text),
                     "ports are 0 to 65535, a range is written 8000-8100");
    }
    if (*first > *last) {
        return wrong(fmt::format("the range {} is reversed", text),
                     fmt::format("did you mean {}-{}?", *last, *first));
    }
    return EntryValue(NumberRange{*first, *last});
}

Result<EntryValue> parse_one_prefix(std::string_view text) {
    const auto prefix = parse_prefix(text);
    if (!prefix) {
        return wrong(fmt::format("\"{}\" is not an address or a prefix", text),
                     "write it like 192.0.2.1, 192.0.2.0/24 or 2001:db8::/32");
    }
    if (has_host_bits(*prefix)) {
        return wrong(fmt::format("{} has bits set behind its length", text),
                     "did you mean " + to_text(without_host_bits(*prefix)) + "?");
    }
    return EntryValue(*prefix);
}

Result<EntryValue> parse_macs(std::string_view text) {
    if (const auto macs = parse_mac_range(text)) return EntryValue(*macs);
    return wrong(fmt::format("\"{}\" is not a MAC address or a prefix of one", text),
                 "write it like 02:00:5e:10:00:01, or 02:00:5e:00:00:00/24 for a vendor");
}

Result<EntryValue> parse_interface(std::string_view text) {
    if (is_interface_name(text)) return EntryValue::of_interface(text);
    return wrong(fmt::format("\"{}\" is not a name of an interface", text),
                 "at most 15 characters, no space, no '/', no ':' and no leading '@'");
}

std::string to_text(const NumberRange& ports) {
    if (ports.first == ports.last) return std::to_string(ports.first);
    return fmt::format("{}-{}", ports.first, ports.last);
}

}  // namespace

Result<EntryValue> parse_entry(SetType type, std::string_view text) {
    switch (type) {
        case SetType::prefix:
            return parse_one_prefix(text);
        case SetType::port:
            return parse_ports(text);
        case SetType::mac:
            return parse_macs(text);
        case SetType::iface:
            return parse_interface(text);
    }
    return wrong("there is no such type of set");
}

std::string_view type_name(SetType type) {
    return kSetTypeNames[static_cast<unsigned>(type)];
}

std::string to_text(const EntryValue& value) {
    switch (value.kind()) {
        case EntryKind::ports:
            return to_text(value.ports());
        case EntryKind::mac:
            return to_text(value.macs());
        case EntryKind::interface:
            return value.interface();
        default:
            return to_text(value.prefix());
    }
}

}  // namespace yett
