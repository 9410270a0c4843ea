// SPDX-License-Identifier: GPL-2.0-or-later
// Files that are there whole or not at all.
#include "daemon/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/fd.hpp"

namespace yett {
namespace {

Error failed(const std::string& what, const std::string& path) {
    return {errno == EACCES || errno == EPERM ? ErrorKind::permission : ErrorKind::internal,
            "cannot " + what + " " + path + ": " + std::strerror(errno), ""};
}

Result<void> write_all(const Fd& fd, const std::string& content, const std::string& path) {
    std::size_t done = 0;
    while (done < content.size()) {
        const auto count = ::write(fd.get(), content.data() + done, content.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("write", path);
        done += static_cast<std::size_t>(count);
    }
    return {};
}

Result<void> sync_directory(const std::string& path) {
    const auto slash = path.rfind('/');
    const auto directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid() || ::fsync(fd.get()) != 0) return failed("sync", directory);
    return {};
}

std::string draft_of(const std::string& path) {
    return path + ".new";
}

Result<void> write_pieces(const std::string& path,
                          const std::function<Result<void>(const WritePiece&)>& make) {
    const auto beside = draft_of(path);
    const Fd fd(
        ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.valid()) return failed("make", beside);
    auto written = make([&](const std::string& piece) { return write_all(fd, piece, beside); });
    if (written && ::fsync(fd.get()) != 0) written = failed("sync", beside);
    if (!written) ::unlink(beside.c_str());
    return written;
}

}  // namespace

Result<void> write_draft(const std::string& path, const std::string& content) {
    return write_pieces(path, [&](const WritePiece& write) { return write(content); });
}

Result<void> keep_draft(const std::string& path) {
    const auto beside = draft_of(path);
    if (std::rename(beside.c_str(), path.c_str()) != 0) return failed("rename to", path);
    return sync_directory(path);
}

void drop_draft(const std::string& path) {
    ::unlink(draft_of(path).c_str());
}

Result<void> write_file(const std::string& path, const std::string& content) {
    return write_file(path, [&](const WritePiece& write) { return write(content); });
}

Result<void> write_file(const std::string& path,
                        const std::function<Result<void>(const WritePiece&)>& make) {
    if (auto written = write_pieces(path, make); !written) return written;
    return keep_draft(path);
}

Result<std::optional<std::string>> read_file(const std::string& path, std::size_t limit) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd.valid()) {
        if (errno == ENOENT) return std::optional<std::string>();
        return failed("read", path);
    }
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return failed("read", path);
    if (!S_ISREG(info.st_mode)) return Error{ErrorKind::invalid, path + " is not a file", ""};
    std::string content;
    char chunk[65536];
    for (;;) {
        const auto count = ::read(fd.get(), chunk, sizeof(chunk));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("read", path);
        if (count == 0) return std::optional<std::string>(std::move(content));
        content.append(chunk, static_cast<std::size_t>(count));
        if (content.size() > limit) {
            return Error{ErrorKind::invalid,
                         path + " has more than " + std::to_string(limit) + " octets", ""};
        }
    }
}

Result<void> make_private_directory(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed("make", path);
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return failed("look at", path);
    const bool fine = S_ISDIR(info.st_mode) && (info.st_uid == 0 || info.st_uid == ::geteuid()) &&
                      (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
    if (fine) return {};
    return Error{ErrorKind::permission, path + " is not a directory that only root can write",
                 "chown root: and chmod 0700 it, or choose another place"};
}

}  // namespace yett
