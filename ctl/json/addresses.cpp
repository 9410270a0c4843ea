// SPDX-License-Identifier: GPL-2.0-or-later
// Addresses in match values and sets, and what people get wrong about them.
#include <algorithm>
#include <bit>

#include "json/decode.hpp"
#include "json/values.hpp"
#include "model/ranges.hpp"

namespace yett {
namespace {

bool all_in(std::string_view text, std::string_view characters) {
    return text.find_first_not_of(characters) == std::string_view::npos;
}

/// "255.255.255.0" -> 24; empty when it is no netmask.
std::optional<int> netmask_length(std::string_view text) {
    const auto mask = parse_address(text);
    if (!mask || mask->family != Family::ipv4) return std::nullopt;
    std::uint32_t bits = 0;
    for (int i = 0; i < 4; ++i)
        bits = bits << 8 | mask->octets[i];
    const int ones = std::countl_one(bits);
    if (ones + std::countr_zero(bits) != 32) return std::nullopt;
    return ones;
}

std::string address_hint(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string address(text.substr(0, slash));
    const bool good = parse_address(address).has_value();
    if (good && slash != std::string_view::npos) {
        const std::string_view length = text.substr(slash + 1);
        if (const auto ones = netmask_length(length)) {
            return "write " + quote(address + '/' + std::to_string(*ones));
        }
        const bool v6 = address.find(':') != std::string::npos;
        return v6 ? "an IPv6 prefix has a length from 0 to 128"
                  : "an IPv4 prefix has a length from 0 to 32";
    }
    const std::size_t dash = text.find('-');
    if (dash != text.npos && parse_address(text.substr(0, dash)) &&
        parse_address(text.substr(dash + 1))) {
        return "both ends of a range are IPv4, or both IPv6";
    }
    if (text.find('%') != std::string_view::npos) {
        return "leave the zone out; name the interface with \"iface\"";
    }
    if (all_in(text, "0123456789./")) {
        return "IPv4 is four numbers from 0 to 255 without leading zeros, as in 192.0.2.0/24";
    }
    if (all_in(text, "0123456789abcdefABCDEF:./")) return "IPv6 is written as in 2001:db8::/32";
    return "host names are not looked up; a set is written \"@name\"";
}

/// What follows "@".
Result<SetReference> parse_reference(std::string_view text) {
    if (text.size() == 1) return Error{ErrorKind::invalid, "the name of a set is missing", {}};
    return SetReference{std::string(text.substr(1))};
}

/// "@set" or a value of its own, as one of the alternatives of Test.
template <typename Test, typename Parse>
Result<Test> parse_test(std::string_view text, Parse parse) {
    if (text.starts_with('@')) {
        auto set = parse_reference(text);
        return set ? Result<Test>(*std::move(set)) : set.error();
    }
    auto value = parse(text);
    return value ? Result<Test>(*std::move(value)) : value.error();
}

}  // namespace

Result<AddressTest> parse_address_test(std::string_view text) {
    if (text.starts_with('@')) {
        auto set = parse_reference(text);
        return set ? Result<AddressTest>(*std::move(set)) : set.error();
    }
    if (const auto prefix = parse_prefix(text)) return AddressTest(*prefix);
    if (const auto range = parse_address_range(text)) return AddressTest(*range);
    return Error{ErrorKind::invalid, quote(text) + " is no address, prefix, range or set",
                 address_hint(text)};
}

std::string to_text(const AddressTest& test) {
    if (const auto* set = std::get_if<SetReference>(&test)) return '@' + set->name;
    if (const auto* range = std::get_if<AddressRange>(&test)) return to_text(*range);
    return to_text(std::get<Prefix>(test));
}

Result<MacRange> parse_set_mac(std::string_view text) {
    if (const auto range = parse_mac_range(text)) return *range;
    const std::size_t slash = text.find('/');
    if (slash != text.npos && parse_mac(text.substr(0, slash)))
        return Error{ErrorKind::invalid, quote(text) + " is no prefix of MAC addresses",
                     "the length is 0 to 48 bits, and the bits behind it are 0"};
    return Error{ErrorKind::invalid, quote(text) + " is no MAC address",
                 "write it like \"02:00:5e:10:00:01\", or \"02:00:5e:00:00:00/24\" for a vendor"};
}

Result<MacTest> parse_mac_test(std::string_view text) {
    return parse_test<MacTest>(text, parse_set_mac);
}

std::string to_text(const MacTest& test) {
    const auto* set = std::get_if<SetReference>(&test);
    return set ? '@' + set->name : to_text(std::get<MacRange>(test));
}

Result<InterfaceTest> parse_interface_test(std::string_view text) {
    return parse_test<InterfaceTest>(
        text, [](std::string_view name) { return Result<std::string>(std::string(name)); });
}

std::string to_text(const InterfaceTest& test) {
    const auto* set = std::get_if<SetReference>(&test);
    return set ? '@' + set->name : std::get<std::string>(test);
}

Result<std::vector<Prefix>> parse_set_addresses(std::string_view text) {
    if (const auto prefix = parse_prefix(text)) return std::vector{*prefix};
    const auto range = parse_address_range(text);
    if (!range)
        return Error{ErrorKind::invalid, quote(text) + " is no address, prefix or range",
                     address_hint(text)};
    if (range->last < range->first)
        return Error{
            ErrorKind::invalid, "the range " + quote(text) + " is reversed",
            "did you mean " + quote(to_text(AddressRange{range->last, range->first})) + '?'};
    if (const auto four = ipv4_inside(*range))
        return Error{ErrorKind::invalid,
                     to_text(*range) + " is IPv4 written as IPv6, and matches no packet of IPv4",
                     "write " + quote(to_text(*four))};
    return to_prefixes(*range);
}

Result<NumberRange> parse_set_ports(std::string_view text) {
    return parse_range(text, port_field("port"));
}

}  // namespace yett
