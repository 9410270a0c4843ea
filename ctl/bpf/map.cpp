// SPDX-License-Identifier: GPL-2.0-or-later
// Map operations and mapped arrays.
#include "bpf/map.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "base/posix.hpp"

namespace yett {
namespace {

/// Full maps answer E2BIG (hash) or ENOSPC (LPM trie); both mean the same to an operator.
Error map_error(const Map& map, const char* what, int code) {
    if (code == E2BIG || code == ENOSPC)
        return {ErrorKind::kernel,
                fmt::format("{} is full ({} entries)", map.name(), map.max_entries()),
                "remove entries or split the set over hosts"};
    return system_error(fmt::format("cannot {} {}", what, map.name()), code, ErrorKind::kernel);
}

}  // namespace

Map::Map(Fd fd, std::string name, std::uint32_t key_size, std::uint32_t value_size,
         std::uint32_t max_entries)
    : fd_(std::move(fd)),
      name_(std::move(name)),
      key_size_(key_size),
      value_size_(value_size),
      max_entries_(max_entries) {}

Result<void> Map::update(const void* key, const void* value, std::uint64_t flags) const {
    if (bpf_map_update_elem(fd(), key, value, flags) != 0) return map_error(*this, "write", errno);
    return {};
}

Result<void> Map::update_batch(const void* keys, const void* values, std::size_t count) const {
    auto written = static_cast<__u32>(count);
    if (bpf_map_update_batch(fd(), keys, values, &written, nullptr) != 0)
        return map_error(*this, "write", errno);
    return {};
}

Result<bool> Map::lookup(const void* key, void* value) const {
    if (bpf_map_lookup_elem(fd(), key, value) == 0) return true;
    if (errno == ENOENT) return false;
    return map_error(*this, "read", errno);
}

Result<bool> Map::erase(const void* key) const {
    if (bpf_map_delete_elem(fd(), key) == 0) return true;
    if (errno == ENOENT) return false;
    return map_error(*this, "delete from", errno);
}

Result<bool> Map::next_key(const void* key, void* next) const {
    if (bpf_map_get_next_key(fd(), key, next) == 0) return true;
    if (errno == ENOENT) return false;
    return map_error(*this, "list", errno);
}

std::size_t possible_cpus() {
    const int count = libbpf_num_possible_cpus();
    return count > 0 ? static_cast<std::size_t>(count) : 1;
}

Result<MappedArray> MappedArray::open(const Map& map) {
    const std::size_t page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t element = (map.value_size() + 7u) & ~std::size_t{7};
    const std::size_t size = (element * map.max_entries() + page - 1) / page * page;
    void* data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, map.fd(), 0);
    if (data == MAP_FAILED) return map_error(map, "map the memory of", errno);
    return MappedArray(static_cast<std::byte*>(data), size);
}

MappedArray::MappedArray(MappedArray&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedArray& MappedArray::operator=(MappedArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

MappedArray::~MappedArray() {
    if (data_) munmap(data_, size_);
}

}  // namespace yett
