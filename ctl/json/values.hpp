// SPDX-License-Identifier: GPL-2.0-or-later
// The little languages inside strings: ranges, addresses, TCP flags, durations. Read and printed in
// one place.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/names.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// How the numbers of one match key are written.
struct NumberField {
    std::string_view key;  ///< as complaints call it: "dport"
    Bounds bounds;
    std::span<const NamedNumber> names;  ///< empty: numbers only
    bool hex = false;                    ///< "0x88cc" is read, and printed
};

NumberField port_field(std::string_view key);
NumberField ethertype_field();
NumberField vlan_field();
NumberField protocol_field();
/// Both families have types of the same name and another number, so a name needs a family.
NumberField icmp_type_field(Family family);
NumberField icmp_code_field();
NumberField length_field();
NumberField ttl_field();
NumberField dscp_field();

/// Errors below are of kind invalid; message and hint are fit for an operator.

/// A number within the bounds of the field.
Result<NumberRange> to_range(std::uint32_t number, const NumberField& field);
/// "80", "8000-8100" (also reversed), ">=468", "<=63", ">1023", "<1024", or a name.
Result<NumberRange> parse_range(std::string_view text, const NumberField& field);
/// A JSON value: a number, or a string in quotes.
std::string print_range(const NumberRange& range, const NumberField& field);

/// A prefix, "first-last", or "@set".
Result<AddressTest> parse_address_test(std::string_view text);
std::string to_text(const AddressTest& test);
/// A MAC address, a prefix of one in bits, or "@set".
Result<MacTest> parse_mac_test(std::string_view text);
std::string to_text(const MacTest& test);
/// The name of an interface, which is not judged here, or "@set".
Result<InterfaceTest> parse_interface_test(std::string_view text);
std::string to_text(const InterfaceTest& test);
/// An entry of a set of prefixes: "192.0.2.1", "192.0.2.0/24", or a range, as the fewest prefixes
/// that make it up. Host bits are for the caller to judge.
Result<std::vector<Prefix>> parse_set_addresses(std::string_view text);
/// An entry of a set of ports: "80", "8000-8100", ">=1024". Reversed ranges are kept.
Result<NumberRange> parse_set_ports(std::string_view text);
/// A MAC address or a prefix of one alone.
Result<MacRange> parse_set_mac(std::string_view text);

/// "syn,!ack": flags that are set, and with "!" flags that are not. "none": not one flag is set.
Result<FlagsTest> parse_flags(std::string_view text);
std::string to_text(const FlagsTest& flags);

/// "90s", "10m", "1h", "7d": 1 s to 2^32 - 1 s, as seconds.
Result<std::uint32_t> parse_duration(std::string_view text);
/// How long an entry stays: a duration as above, digits alone as seconds, "0" or "never" as 0; at
/// most ten years.
Result<std::uint32_t> parse_timeout(std::string_view text);
inline constexpr std::uint32_t kLongestTimeout = 10 * 365 * 86400;
/// In the greatest unit that divides it.
std::string print_duration(std::uint32_t seconds);

}  // namespace yett
