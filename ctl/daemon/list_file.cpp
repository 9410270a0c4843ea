// SPDX-License-Identifier: GPL-2.0-or-later
// Files that sets take entries from.
#include "daemon/list_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>
#include <utility>
#include <vector>

#include "base/fd.hpp"

namespace yett {
namespace {

constexpr off_t kLargest = off_t{512} << 20;

Error refused(const std::string& path, const std::string& why, const std::string& hint = "") {
    return {ErrorKind::invalid, fmt::format("the list {} is not read: {}", path, why), hint};
}

bool is_link(const Fd& folder, const std::string& name) {
    struct stat info {};
    return ::fstatat(folder.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISLNK(info.st_mode);
}

/// The parts of a path, without those that stay where they are.
std::vector<std::string> steps_of(const std::string& path) {
    std::vector<std::string> steps;
    std::istringstream parts(path);
    for (std::string part; std::getline(parts, part, '/');) {
        if (!part.empty() && part != ".") steps.push_back(part);
    }
    return steps;
}

Error because(std::string words) {
    return {ErrorKind::invalid, std::move(words), ""};
}

Result<Fd> open_step(const Fd& folder, const std::string& step, int flags) {
    Fd next(::openat(folder.get(), step.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
    if (next.valid()) return next;
    const int code = errno;
    if (is_link(folder, step)) return because("a symbolic link is in its path");
    return because(std::strerror(code));
}

/// Walks down step by step and follows no link. openat2(2) would do so in one call, but takes its
/// flags by a pointer: a seccomp filter that must see them (RestrictSUIDSGID= of the unit) cannot
/// let it through.
Result<Fd> walk_down(Fd directory, const std::string& path) {
    auto steps = steps_of(path);
    if (path.empty()) return because(std::strerror(ENOENT));
    if (path.front() == '/') return because("its path leaves the directory of lists");
    std::vector<Fd> folders;
    folders.push_back(std::move(directory));
    std::string file = ".";
    if (!steps.empty() && steps.back() != "..") {
        file = std::move(steps.back());
        steps.pop_back();
    }
    for (const auto& step : steps) {
        if (step == "..") {
            folders.pop_back();
            if (folders.empty()) return because("its path leaves the directory of lists");
            continue;
        }
        auto next = open_step(folders.back(), step, O_PATH | O_DIRECTORY);
        if (!next) return next;
        folders.push_back(*std::move(next));
    }
    return open_step(folders.back(), file, O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

Result<Fd> open_below(const std::string& directory, const std::string& path) {
    Fd base(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!base.valid())
        return refused(path, fmt::format("{}: {}", directory, std::strerror(errno)),
                       "name the directory with yettd --list-dir");
    auto fd = walk_down(std::move(base), path);
    if (!fd)
        return refused(path, fd.error().message, fmt::format("lists stand below {}", directory));
    return fd;
}

Result<struct stat> look_at(const Fd& fd, const std::string& path) {
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return refused(path, std::strerror(errno));
    if (!S_ISREG(info.st_mode)) return refused(path, "it is no regular file");
    if (info.st_uid != 0 && info.st_uid != ::geteuid())
        return refused(path, "it does not belong to root", "chown root: it");
    if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return refused(path, "others may write it", "chmod go-w it");
    if (info.st_size > kLargest)
        return refused(path,
                       fmt::format("it has {} octets, and {} is the most", info.st_size, kLargest));
    return info;
}

bool same_file(const struct stat& a, const struct stat& b) {
    return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
           a.st_mtim.tv_nsec == b.st_mtim.tv_nsec && a.st_ctim.tv_sec == b.st_ctim.tv_sec &&
           a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

Result<void> read_all(const Fd& fd, const std::string& path, ListReader& reader) {
    std::string chunk(1 << 18, '\0');
    off_t total = 0;
    while (true) {
        const auto count = ::read(fd.get(), chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return refused(path, std::strerror(errno));
        if (count == 0) return {};
        total += count;
        if (total > kLargest) return refused(path, "it grows while it is read");
        if (auto fed = reader.feed({chunk.data(), static_cast<std::size_t>(count)}); !fed)
            return refused(path, fed.error().message, fed.error().hint);
    }
}

}  // namespace

Result<List> read_list_file(const std::string& directory, const std::string& path, SetType type) {
    const auto fd = open_below(directory, path);
    if (!fd) return fd.error();
    const auto before = look_at(*fd, path);
    if (!before) return before.error();
    ListOptions options;
    options.type = type;
    options.may_end = false;
    ListReader reader(options);
    if (auto read = read_all(*fd, path, reader); !read) return read.error();
    const auto after = look_at(*fd, path);
    if (!after) return after.error();
    if (!same_file(*before, *after))
        return refused(path, "it changed while it was read", "write it beside, and rename it");
    auto list = reader.finish();
    if (!list) return refused(path, list.error().message, list.error().hint);
    if (auto good = check_list(*list, false); !good)
        return refused(path, good.error().message,
                       "a rule without addresses matches them all; no list is needed for that");
    return list;
}

Result<void> check_guards(const std::string& name, const Set& set, std::size_t before,
                          std::size_t after) {
    if (set.min_entries && after < *set.min_entries) {
        return Error{ErrorKind::conflict,
                     fmt::format("the new list of the set {} has {} entries, and its min_entries "
                                 "is {}",
                                 name, after, *set.min_entries),
                     "the last good list stays; look at the file, or insist with --force"};
    }
    if (after == 0 && before > 0) {
        return Error{ErrorKind::conflict,
                     fmt::format("the new list of the set {} is empty, and it has {} entries now",
                                 name, before),
                     "the last good list stays; look at the file, or insist with --force"};
    }
    if (!set.max_shrink || after >= before) return {};
    if ((before - after) * 100 <= std::size_t{*set.max_shrink} * before) return {};
    return Error{ErrorKind::conflict,
                 fmt::format("the new list of the set {} has {} entries in place of {}, and its "
                             "max_shrink is {}%",
                             name, after, before, *set.max_shrink),
                 "the last good list stays; look at the file, or insist with --force"};
}

}  // namespace yett
