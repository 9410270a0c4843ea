// SPDX-License-Identifier: GPL-2.0-or-later
// What can stand in a set: 24 octets, whatever its type, so that a million of them fit anywhere.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "apply/set_lines.hpp"
#include "base/result.hpp"
#include "model/ruleset.hpp"

namespace yett {

enum class EntryKind : std::uint8_t { prefix4, prefix6, mac, ports, interface };
inline constexpr std::size_t kEntryKinds = 5;

/// A prefix of IP or MAC addresses without host bits, a range of ports, or the name of an
/// interface, by the type of its set. The order is the one of listings: by address or name, a
/// parent before what it covers.
class EntryValue {
  public:
    EntryValue() = default;
    /// Host bits are dropped.
    explicit EntryValue(const Prefix& prefix);
    explicit EntryValue(const NumberRange& ports);
    /// A range that is a prefix.
    explicit EntryValue(const MacRange& macs);
    /// At most 15 characters.
    static EntryValue of_interface(std::string_view name);
    static EntryValue from_key(const SetKey& key, Family family);
    static EntryValue from_words(EntryKind kind, std::uint64_t hi, std::uint64_t lo,
                                 std::uint8_t length);

    [[nodiscard]] EntryKind kind() const { return kind_; }
    /// Of IP or MAC addresses: it stands in the tables of sets.
    [[nodiscard]] bool is_prefix() const { return kind_ <= EntryKind::mac; }
    [[nodiscard]] bool is_ipv4() const { return kind_ == EntryKind::prefix4; }
    [[nodiscard]] std::uint64_t hi() const { return hi_; }
    [[nodiscard]] std::uint64_t lo() const { return lo_; }
    /// Of a prefix.
    [[nodiscard]] std::uint8_t length() const { return length_; }
    [[nodiscard]] Prefix prefix() const;  ///< of IP addresses
    [[nodiscard]] NumberRange ports() const;
    [[nodiscard]] MacRange macs() const;
    [[nodiscard]] std::string interface() const;
    /// Of a prefix, as the tables hold it.
    [[nodiscard]] SetKey key() const;

    /// The prefix of that length around this one, which is longer.
    [[nodiscard]] EntryValue parent(std::uint8_t length) const;
    /// Everything of `other` is in this one, too.
    [[nodiscard]] bool covers(const EntryValue& other) const;

    bool operator==(const EntryValue&) const = default;
    std::strong_ordering operator<=>(const EntryValue& other) const {
        if (kind_ != other.kind_) return kind_ <=> other.kind_;
        if (hi_ != other.hi_) return hi_ <=> other.hi_;
        if (lo_ != other.lo_) return lo_ <=> other.lo_;
        return length_ <=> other.length_;
    }

  private:
    std::uint64_t hi_ = 0;  ///< IPv6; a MAC address; of a name the first eight characters
    std::uint64_t lo_ = 0;  ///< IPv6; IPv4; first port << 16 | last port; the rest of a name
    EntryKind kind_ = EntryKind::prefix4;
    std::uint8_t length_ = 0;
};
static_assert(sizeof(EntryValue) == 24);

/// Fails with kind usage; the message says what is wrong with the text.
Result<EntryValue> parse_entry(SetType type, std::string_view text);
std::string to_text(const EntryValue& value);
std::string_view type_name(SetType type);

}  // namespace yett
