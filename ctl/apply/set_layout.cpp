// SPDX-License-Identifier: GPL-2.0-or-later
// The two layouts of lines, and the hashes that packets use, too (xdp/record/hash.h).
#include <algorithm>

#include "abi/fields.h"
#include "apply/set_lines.hpp"

namespace yett {
namespace {

std::uint64_t hash_pair(const yett_seed& seed, unsigned at, std::uint64_t a, std::uint64_t b) {
    const auto first = static_cast<std::uint32_t>(a + seed.words[at]);
    const auto second = static_cast<std::uint32_t>(b + seed.words[at + 1]);
    return std::uint64_t{first} * second;
}

std::uint64_t hash_mix(std::uint64_t sum) {
    sum ^= sum >> 32;
    sum *= 0x9e3779b97f4a7c15ull;
    return sum ^ sum >> 32;
}

template <typename Number>
void store(Number& to, Number value, std::memory_order order = std::memory_order_relaxed) {
    std::atomic_ref<Number>(to).store(value, order);
}

template <typename Number>
void add_bits(Number& to, Number bits) {
    if ((to & bits) != bits) store(to, static_cast<Number>(to | bits));
}

constexpr std::uint64_t bit(unsigned number) {
    return std::uint64_t{1} << number;
}

}  // namespace

std::uint64_t Layout4::hash(const yett_seed& seed, const SetKey& key) {
    return hash_mix(hash_pair(seed, 12, key.lo, static_cast<std::uint32_t>(bit(key.code))));
}

void Layout4::note_length(const yett_seed&, const SetKey& key, Lengths* directory,
                          yett_set_table&) {
    const auto first = static_cast<std::uint32_t>(key.lo >> 16);
    const std::uint32_t blocks = key.code > 16 ? 1u << (key.code - 16) : 1;
    for (std::uint32_t i = 0; i < blocks; ++i)
        add_bits(directory[first + i], bit(key.code));
}

bool Layout4::is_taken(const Line& line, unsigned way) {
    return line.keys[way] != 0;
}

SetEntry Layout4::read(const Line& line, unsigned way) {
    const std::uint64_t key = line.keys[way];
    return {{0, key >> 32, static_cast<std::uint8_t>(key >> YETT_SET_KEY4_HOST_BITS & 63)},
            static_cast<std::uint16_t>(key >> YETT_SET_KEY4_SLOT & 1023),
            line.expires[way]};
}

void Layout4::write(Line& line, unsigned way, const SetEntry& entry, std::uint64_t version) {
    const std::uint64_t key = entry.key.lo << 32 | std::uint64_t{entry.slot} << YETT_SET_KEY4_SLOT |
                              std::uint64_t{entry.key.code} << YETT_SET_KEY4_HOST_BITS |
                              (version & YETT_SET_KEY4_VERSIONS);
    store<__u32>(line.expires[way], entry.expires);
    store<__u64>(line.keys[way], key, std::memory_order_release);
}

void Layout4::clear(Line& line, unsigned way) {
    store<__u64>(line.keys[way], 0, std::memory_order_release);
}

std::uint64_t Layout6::hash(const yett_seed& seed, const SetKey& key) {
    return hash_mix(hash_pair(seed, 0, key.hi >> 32, key.hi) +
                    hash_pair(seed, 2, key.lo >> 32, key.lo) +
                    hash_pair(seed, 4, key.code, key.code));
}

void Layout6::note_length(const yett_seed& seed, const SetKey& key, Lengths* directory,
                          yett_set_table& table) {
    if (key.code >= YETT_SET_CODE_MAC)
        return add_bits<__u64>(table.mac_lengths, bit(key.code - YETT_SET_CODE_MAC));
    if (key.code == 128) return add_bits<__u32>(table.flags, YETT_SET_HAS_ANY6);
    if (key.code >= 96) return add_bits<__u64>(table.short_lengths, bit(key.code - 64));
    auto& here = directory[hash_pair(seed, 14, key.hi >> 32, 0) >> 48];
    if (key.code >= 64)
        add_bits<__u32>(here.high, static_cast<__u32>(bit(key.code - 64)));
    else
        add_bits<__u64>(here.low, bit(key.code));
}

bool Layout6::is_taken(const Line& line, unsigned way) {
    return line.entries[way].meta != 0;
}

SetEntry Layout6::read(const Line& line, unsigned way) {
    const auto& entry = line.entries[way];
    return {{entry.hi, entry.lo, static_cast<std::uint8_t>(entry.meta >> YETT_SET_META_CODE)},
            static_cast<std::uint16_t>(entry.meta >> YETT_SET_META_SLOT),
            line.expires[way]};
}

void Layout6::write(Line& line, unsigned way, const SetEntry& entry, std::uint64_t version) {
    store<__u64>(line.entries[way].hi, entry.key.hi);
    store<__u64>(line.entries[way].lo, entry.key.lo);
    store<__u32>(line.expires[way], entry.expires);
    store<__u64>(line.entries[way].meta,
                 std::uint64_t{entry.slot} << YETT_SET_META_SLOT |
                     std::uint64_t{entry.key.code} << YETT_SET_META_CODE |
                     (version & YETT_SET_META_VERSIONS),
                 std::memory_order_release);
}

void Layout6::clear(Line& line, unsigned way) {
    store<__u64>(line.entries[way].meta, 0, std::memory_order_release);
}

}  // namespace yett
