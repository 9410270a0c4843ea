// SPDX-License-Identifier: GPL-2.0-or-later
// Entries of sets as numbers.
#include "apply/entry.hpp"

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

EntryValue EntryValue::from_key(const SetKey& key, Family family) {
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

SetKey EntryValue::key() const {
    return {hi_, lo_, static_cast<std::uint8_t>((is_ipv4() ? 32 : 128) - length_)};
}

EntryValue EntryValue::parent(std::uint8_t length) const {
    EntryValue out = *this;
    out.length_ = length;
    if (is_ipv4()) {
        out.lo_ &= mask64(length) >> 32;
        return out;
    }
    out.hi_ &= mask64(length < 64 ? length : 64);
    out.lo_ &= mask64(length > 64 ? length - 64 : 0);
    return out;
}

bool EntryValue::covers(const EntryValue& other) const {
    if (kind_ != other.kind_) return false;
    if (!is_prefix())
        return ports().first <= other.ports().first && other.ports().last <= ports().last;
    return length_ <= other.length_ && other.parent(length_) == *this;
}

}  // namespace yett
