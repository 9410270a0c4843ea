// SPDX-License-Identifier: GPL-2.0-or-later
// Segments: making, placing, mapping and removing them.
#include "bpf/segment.hpp"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <utility>

#include "abi/sets.h"
#include "base/posix.hpp"

namespace yett {
namespace {

constexpr std::size_t kSegmentBytes = sizeof(yett_set_line) * YETT_SET_SEGMENT_LINES;

Error segment_error(const char* what, int code) {
    return system_error(fmt::format("cannot {} memory for sets", what), code, ErrorKind::kernel);
}

/// The kernel waits for packets after every change of a map of maps; one batch waits once.
Result<void> place(const Map& segments, std::uint32_t first, const std::vector<Fd>& fds) {
    std::vector<std::uint32_t> keys, values;
    for (std::size_t i = 0; i < fds.size(); ++i) {
        keys.push_back(first + static_cast<std::uint32_t>(i));
        values.push_back(static_cast<std::uint32_t>(fds[i].get()));
    }
    auto count = static_cast<std::uint32_t>(keys.size());
    if (bpf_map_update_batch(segments.fd(), keys.data(), values.data(), &count, nullptr) == 0)
        return {};
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (auto done = segments.update(&keys[i], &values[i]); !done) return done;
    }
    return {};
}

}  // namespace

Result<Fd> create_segment() {
    bpf_map_create_opts options{};
    options.sz = sizeof(options);
    options.map_flags = BPF_F_MMAPABLE;
    const int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "yett_set_lines", sizeof(std::uint32_t),
                                  sizeof(yett_set_line), YETT_SET_SEGMENT_LINES, &options);
    if (fd < 0) return segment_error("get", errno);
    return Fd(fd);
}

Result<SegmentRun> SegmentRun::reserve(std::uint32_t first, std::uint32_t count) {
    SegmentRun run;
    void* data = mmap(nullptr, kSegmentBytes * count, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED) return segment_error("map", errno);
    run.data_ = static_cast<std::byte*>(data);
    run.first_ = first;
    run.count_ = count;
    return run;
}

Result<void> SegmentRun::map_in(std::uint32_t index, const Fd& segment) {
    void* at = data_ + kSegmentBytes * index;
    void* got =
        mmap(at, kSegmentBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, segment.get(), 0);
    if (got == MAP_FAILED) return segment_error("map", errno);
    return {};
}

Result<SegmentRun> SegmentRun::create(const Map& segments, std::uint32_t first,
                                      std::uint32_t count) {
    auto run = reserve(first, count);
    if (!run) return run;
    std::vector<Fd> fds;
    for (std::uint32_t i = 0; i < count; ++i) {
        auto fd = create_segment();
        if (!fd) return fd.error();
        if (auto mapped = run->map_in(i, *fd); !mapped) return mapped.error();
        fds.push_back(*std::move(fd));
    }
    if (auto placed = place(segments, first, fds); !placed) {
        (void)remove_segments(segments, first, count).ok();
        return placed.error();
    }
    return run;
}

Result<SegmentRun> SegmentRun::open(const Map& segments, std::uint32_t first, std::uint32_t count) {
    auto run = reserve(first, count);
    if (!run) return run;
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t key = first + i;
        std::uint32_t id = 0;
        auto found = segments.lookup(&key, &id);
        if (!found) return found.error();
        if (!*found)
            return Error{
                ErrorKind::invalid,
                fmt::format("segment {} of the sets is missing from the pinned data plane", key),
                "somebody else wrote to it: yett detach --all, and start yettd again"};
        const Fd fd(bpf_map_get_fd_by_id(id));
        if (!fd.valid()) return segment_error("open", errno);
        if (auto mapped = run->map_in(i, fd); !mapped) return mapped.error();
    }
    return run;
}

SegmentRun::SegmentRun(SegmentRun&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      first_(std::exchange(other.first_, 0)),
      count_(std::exchange(other.count_, 0)) {}

SegmentRun& SegmentRun::operator=(SegmentRun&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(first_, other.first_);
    std::swap(count_, other.count_);
    return *this;
}

SegmentRun::~SegmentRun() {
    if (data_) munmap(data_, kSegmentBytes * count_);
}

Result<void> remove_segments(const Map& segments, std::uint32_t first, std::uint32_t count) {
    std::vector<std::uint32_t> keys;
    for (std::uint32_t i = 0; i < count; ++i)
        keys.push_back(first + i);
    auto done = count;
    if (bpf_map_delete_batch(segments.fd(), keys.data(), &done, nullptr) == 0) return {};
    for (const std::uint32_t key : keys) {
        if (auto gone = segments.erase(&key); !gone) return gone.error();
    }
    return {};
}

Result<std::vector<bool>> used_segments(const Map& segments) {
    std::vector<bool> used(YETT_SET_SEGMENTS);
    for (std::uint32_t key = 0; key < YETT_SET_SEGMENTS; ++key) {
        std::uint32_t id = 0;
        auto found = segments.lookup(&key, &id);
        if (!found) return found.error();
        used[key] = *found;
    }
    return used;
}

}  // namespace yett
