// SPDX-License-Identifier: GPL-2.0-or-later
// A BPF map by descriptor, and the memory of an mmapable one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace yett {

/// Holds one reference to a map. The destructor drops it: the kernel frees the map unless it is
/// pinned or a loaded program uses it. Per-CPU maps take and give one value for each possible CPU,
/// each rounded up to 8 octets. Full maps (E2BIG, ENOSPC) come back as ErrorKind::kernel with the
/// map's bound in the message.
class Map {
  public:
    Map() = default;
    Map(Fd fd, std::string name, std::uint32_t key_size, std::uint32_t value_size,
        std::uint32_t max_entries);

    [[nodiscard]] int fd() const { return fd_.get(); }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::uint32_t key_size() const { return key_size_; }
    [[nodiscard]] std::uint32_t value_size() const { return value_size_; }
    [[nodiscard]] std::uint32_t max_entries() const { return max_entries_; }

    /// flags: BPF_ANY, BPF_NOEXIST, BPF_EXIST.
    Result<void> update(const void* key, const void* value, std::uint64_t flags = 0) const;
    /// Writes `count` elements of an array in one call; keys and values stand one after another.
    /// When it fails, some may be written.
    Result<void> update_batch(const void* keys, const void* values, std::size_t count) const;
    /// false: no such key.
    Result<bool> lookup(const void* key, void* value) const;
    /// false: no such key.
    Result<bool> erase(const void* key) const;
    /// nullptr: the first key. false: no more keys.
    Result<bool> next_key(const void* key, void* next) const;

  private:
    Fd fd_;
    std::string name_;
    std::uint32_t key_size_ = 0;
    std::uint32_t value_size_ = 0;
    std::uint32_t max_entries_ = 0;
};

/// How many values a per-CPU map takes and gives.
std::size_t possible_cpus();

/// The values of a BPF_F_MMAPABLE array, readable and writable in place. The destructor unmaps
/// them; the map stays. Each element takes value_size rounded up to 8 octets.
class MappedArray {
  public:
    static Result<MappedArray> open(const Map& map);
    MappedArray(MappedArray&& other) noexcept;
    MappedArray& operator=(MappedArray&& other) noexcept;
    ~MappedArray();

    [[nodiscard]] std::byte* data() const { return data_; }
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    MappedArray(std::byte* data, std::size_t size) : data_(data), size_(size) {}
    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace yett
