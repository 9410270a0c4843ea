// SPDX-License-Identifier: GPL-2.0-or-later
// BPF maps as plain memory: arrays as arrays, everything else as a list that is searched.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "helpers.h"

#define MAPS_MOST 64
/// Entries of a map that is no array. The programs under test hold a handful.
#define ENTRIES_MOST 256

struct native_map {
    void* identity;
    unsigned char* keys;  ///< NULL: an array
    unsigned char* values;
    __u32 used;
};

static struct native_map maps[MAPS_MOST];
static __u32 map_count;
static __u64 now = 1000000000;

static bool is_array(__u32 type) {
    return type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

static void* zeroed(size_t count, size_t size) {
    void* memory = calloc(count, size);
    if (!memory) abort();
    return memory;
}

static struct native_map* map_of(void* identity, struct native_kind kind) {
    for (__u32 i = 0; i < map_count; i++)
        if (maps[i].identity == identity) return &maps[i];
    if (map_count == MAPS_MOST) abort();
    struct native_map* fresh = &maps[map_count++];
    fresh->identity = identity;
    if (is_array(kind.type)) {
        fresh->values = zeroed(kind.entries, kind.value);
    } else {
        fresh->keys = zeroed(ENTRIES_MOST, kind.key);
        fresh->values = zeroed(ENTRIES_MOST, kind.value);
    }
    return fresh;
}

/// Do the first `bits` of an LPM key's data agree?
static bool same_prefix(const unsigned char* a, const unsigned char* b, __u32 bits) {
    __u32 octets = bits / 8, rest = bits % 8;
    if (memcmp(a, b, octets) != 0) return false;
    return !rest || (a[octets] ^ b[octets]) >> (8 - rest) == 0;
}

static void* longest_prefix(struct native_map* map, struct native_kind kind, const void* key) {
    const unsigned char* wanted = (const unsigned char*)key + sizeof(__u32);
    void* best = NULL;
    __u32 best_bits = 0;
    for (__u32 i = 0; i < map->used; i++) {
        const unsigned char* entry = map->keys + (size_t)i * kind.key;
        __u32 bits;
        memcpy(&bits, entry, sizeof(bits));
        if (!same_prefix(entry + sizeof(bits), wanted, bits) || (best && bits < best_bits))
            continue;
        best = map->values + (size_t)i * kind.value;
        best_bits = bits;
    }
    return best;
}

static void* same_key(struct native_map* map, struct native_kind kind, const void* key) {
    for (__u32 i = 0; i < map->used; i++)
        if (memcmp(map->keys + (size_t)i * kind.key, key, kind.key) == 0)
            return map->values + (size_t)i * kind.value;
    return NULL;
}

void* native_lookup(void* identity, struct native_kind kind, const void* key) {
    struct native_map* map = map_of(identity, kind);
    __u32 index;
    if (kind.type == BPF_MAP_TYPE_LPM_TRIE) return longest_prefix(map, kind, key);
    if (!is_array(kind.type)) return same_key(map, kind, key);
    memcpy(&index, key, sizeof(index));
    return index < kind.entries ? map->values + (size_t)index * kind.value : NULL;
}

long native_update(void* identity, struct native_kind kind, const void* key, const void* value) {
    struct native_map* map = map_of(identity, kind);
    void* place =
        is_array(kind.type) ? native_lookup(identity, kind, key) : same_key(map, kind, key);
    if (!place && is_array(kind.type)) return -E2BIG;
    if (!place) {
        if (map->used == ENTRIES_MOST) return -E2BIG;
        memcpy(map->keys + (size_t)map->used * kind.key, key, kind.key);
        place = map->values + (size_t)map->used++ * kind.value;
    }
    memcpy(place, value, kind.value);
    return 0;
}

void native_forget_maps(void) {
    for (__u32 i = 0; i < map_count; i++) {
        free(maps[i].keys);
        free(maps[i].values);
        maps[i] = (struct native_map){};
    }
    map_count = 0;
}

__u64 native_clock(void) {
    return now++;
}

static __u64 sum_words(const void* octets, __u32 size, __u32 flip) {
    __u64 sum = 0;
    for (__u32 i = 0; i + 4 <= size; i += 4) {
        __u32 word;
        memcpy(&word, (const unsigned char*)octets + i, sizeof(word));
        sum += word ^ flip;
    }
    return sum;
}

__s64 native_checksum(const void* from, __u32 from_size, const void* to, __u32 to_size,
                      __u32 seed) {
    __u64 sum = seed + sum_words(from, from_size, 0xffffffff) + sum_words(to, to_size, 0);
    while (sum >> 32)
        sum = (sum & 0xffffffff) + (sum >> 32);
    return (__s64)sum;
}
