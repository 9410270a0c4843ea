// SPDX-License-Identifier: GPL-2.0-or-later
// Files that are there whole or not at all.
#include "daemon/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "base/fd.hpp"
#include "base/posix.hpp"

namespace yett {
namespace {

constexpr const char* kKeptAside = ".kept-";

Error failed(const std::string& what, const std::string& path) {
    return system_error("cannot " + what + " " + path);
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

/// And not /tmp, or whatever else was named by mistake.
bool is_of_a_gate(const std::string& path) {
    return path.ends_with("/generations") || path.ends_with("/sets") ||
           ::access((path + "/state.json").c_str(), F_OK) == 0;
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

bool has_draft(const std::string& path) {
    return ::access(draft_of(path).c_str(), F_OK) == 0;
}

Result<std::string> keep_aside(const std::string& path) {
    char date[32];
    const auto now = ::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::strftime(date, sizeof(date), "%Y%m%dT%H%M%SZ", &parts);
    const auto kept = path + kKeptAside + date;
    for (int number = 1; number < 100; ++number) {
        const auto name = number == 1 ? kept : kept + "-" + std::to_string(number);
        if (::link(path.c_str(), name.c_str()) == 0) return name;
        if (errno != EEXIST) return failed("keep aside", path);
    }
    return Error{ErrorKind::internal, "there is no name left to keep " + path + " aside", ""};
}

std::vector<std::string> files_kept_aside(const std::string& directory) {
    std::vector<std::string> out;
    DIR* open = ::opendir(directory.c_str());
    if (open == nullptr) return out;
    while (const dirent* entry = ::readdir(open)) {
        const std::string name = entry->d_name;
        if (name.find(kKeptAside) != name.npos) out.push_back(directory + "/" + name);
    }
    ::closedir(open);
    std::sort(out.begin(), out.end());
    return out;
}

std::uint64_t checksum(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325ull ^ text.size();
    while (!text.empty()) {
        std::uint64_t word = 0;
        const auto size = std::min(text.size(), sizeof(word));
        std::memcpy(&word, text.data(), size);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
        hash ^= hash >> 32;
        text.remove_prefix(size);
    }
    return hash;
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

bool is_open_directory(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) &&
           ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0 ||
            (info.st_uid != 0 && info.st_uid != ::geteuid()));
}

Result<void> make_private_directory(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed("make", path);
    struct stat info {
    }, link{};
    if (::lstat(path.c_str(), &link) != 0 || ::stat(path.c_str(), &info) != 0)
        return failed("look at", path);
    const auto is_ours = [](const struct stat& one) {
        return one.st_uid == 0 || one.st_uid == ::geteuid();
    };
    const auto is_private = [&] {
        return is_ours(info) && (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
    };
    // A link that root made may lead to another disk. Rights that somebody gave away of what is
    // the gate's for certain are taken back: a gate that reads nothing of its state is open.
    if (S_ISDIR(link.st_mode) && !(link.st_mode & S_ISVTX) && is_of_a_gate(path) && !is_private()) {
        (void)!::chown(path.c_str(), ::geteuid(), static_cast<gid_t>(-1));
        (void)!::chmod(path.c_str(), 0700);
        (void)!::stat(path.c_str(), &info);
    }
    if (S_ISDIR(info.st_mode) && is_ours(link) && is_private()) return {};
    return Error{ErrorKind::permission, path + " is not a directory that only root can write",
                 "chown root: and chmod 0700 it, or choose another place"};
}

}  // namespace yett
