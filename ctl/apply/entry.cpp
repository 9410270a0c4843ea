// SPDX-License-Identifier: GPL-2.0-or-later
// Entries of sets as numbers.
#include "apply/entry.hpp"

#include <algorithm>
#include <bit>

namespace yett {
namespace {

std::uint64_t read_octets(const std::uint8_t* octets, unsigned count) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < count; ++i)
        value = value << 8 | octets[i];
    return value;
}

void write_octets(std::uint8_t* octets, unsigned count, std::uint64_t value) {
    for (unsigned i = count; i-- > 0; value >>= 8)
        octets[i] = static_cast<std::uint8_t>(value);
}

constexpr unsigned kMacBits = 48;

/// The highest `length` of 48 bits.
std::uint64_t mac_mask(unsigned length) {
    return length == 0 ? 0 : kGreatestMac << (kMacBits - length) & kGreatestMac;
}

/// The highest `length` of 64 bits.
std::uint64_t mask64(unsigned length) {
    return length == 0 ? 0 : ~std::uint64_t{0} << (64 - length);
}

}  // namespace

EntryValue::EntryValue(const Prefix& prefix) {
    length_ = prefix.length;
    const auto* octets = prefix.address.octets.data();
    if (prefix.address.family == Family::ipv4) {
        lo_ = read_octets(octets, 4) & mask64(prefix.length) >> 32;
        return;
    }
    kind_ = EntryKind::prefix6;
    hi_ = read_octets(octets, 8) & mask64(prefix.length < 64 ? prefix.length : 64);
    lo_ = read_octets(octets + 8, 8) & mask64(prefix.length > 64 ? prefix.length - 64 : 0);
}

EntryValue::EntryValue(const NumberRange& ports)
    : lo_(std::uint64_t{ports.first} << 16 | ports.last), kind_(EntryKind::ports) {}

EntryValue::EntryValue(const MacRange& macs)
    : hi_(macs.first),
      kind_(EntryKind::mac),
      length_(static_cast<std::uint8_t>(kMacBits - std::bit_width(macs.first ^ macs.last))) {}

EntryValue EntryValue::of_interface(std::string_view name) {
    std::uint8_t octets[16] = {};
    std::copy_n(name.begin(), std::min(name.size(), sizeof octets - 1), octets);
    return from_words(EntryKind::interface, read_octets(octets, 8), read_octets(octets + 8, 8), 0);
}

EntryValue EntryValue::from_key(const SetKey& key, Family family) {
    if (key.code >= YETT_SET_CODE_MAC)
        return from_words(EntryKind::mac, key.hi, 0,
                          static_cast<std::uint8_t>(kMacBits + YETT_SET_CODE_MAC - key.code));
    if (family == Family::ipv4)
        return from_words(EntryKind::prefix4, 0, key.lo, static_cast<std::uint8_t>(32 - key.code));
    return from_words(EntryKind::prefix6, key.hi, key.lo,
                      static_cast<std::uint8_t>(128 - key.code));
}

EntryValue EntryValue::from_words(EntryKind kind, std::uint64_t hi, std::uint64_t lo,
                                  std::uint8_t length) {
    EntryValue value;
    value.hi_ = hi;
    value.lo_ = lo;
    value.kind_ = kind;
    value.length_ = length;
    return value;
}

Prefix EntryValue::prefix() const {
    Prefix out;
    out.length = length_;
    if (is_ipv4()) {
        write_octets(out.address.octets.data(), 4, lo_);
        return out;
    }
    out.address.family = Family::ipv6;
    write_octets(out.address.octets.data(), 8, hi_);
    write_octets(out.address.octets.data() + 8, 8, lo_);
    return out;
}

NumberRange EntryValue::ports() const {
    return {static_cast<std::uint32_t>(lo_ >> 16), static_cast<std::uint32_t>(lo_ & 0xffff)};
}

MacRange EntryValue::macs() const {
    return {hi_, hi_ | (kGreatestMac & ~mac_mask(length_))};
}

std::string EntryValue::interface() const {
    char text[17] = {};
    write_octets(reinterpret_cast<std::uint8_t*>(text), 8, hi_);
    write_octets(reinterpret_cast<std::uint8_t*>(text) + 8, 8, lo_);
    return text;
}

SetKey EntryValue::key() const {
    if (kind_ == EntryKind::mac)
        return {hi_, 0, static_cast<std::uint8_t>(YETT_SET_CODE_MAC + kMacBits - length_)};
    return {hi_, lo_, static_cast<std::uint8_t>((is_ipv4() ? 32 : 128) - length_)};
}

EntryValue EntryValue::parent(std::uint8_t length) const {
    EntryValue out = *this;
    out.length_ = length;
    if (is_ipv4()) {
        out.lo_ &= mask64(length) >> 32;
    } else if (kind_ == EntryKind::mac) {
        out.hi_ &= mac_mask(length);
    } else {
        out.hi_ &= mask64(length < 64 ? length : 64);
        out.lo_ &= mask64(length > 64 ? length - 64 : 0);
    }
    return out;
}

bool EntryValue::covers(const EntryValue& other) const {
    if (kind_ != other.kind_) return false;
    if (kind_ == EntryKind::interface) return *this == other;
    if (kind_ == EntryKind::ports)
        return ports().first <= other.ports().first && other.ports().last <= ports().last;
    return length_ <= other.length_ && other.parent(length_) == *this;
}

}  // namespace yett
