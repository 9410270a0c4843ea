// SPDX-License-Identifier: GPL-2.0-or-later
// Reads with a bound, and writes all or nothing.
#include "cli/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

#include "base/fd.hpp"
#include "base/posix.hpp"

namespace yett::cli {
namespace {

Error failure(const std::string& what, const std::string& path) {
    // What an operator named and is not there is a slip of his.
    return system_error(fmt::format("cannot {} {}", what, path), errno, ErrorKind::usage);
}

bool write_all(int fd, const std::string& text) {
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t wrote = ::write(fd, text.data() + done, text.size() - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return false;
        done += static_cast<std::size_t>(wrote);
    }
    return true;
}

/// The file behind all links.
std::string real_path(const std::string& path) {
    char* real = ::realpath(path.c_str(), nullptr);
    std::string result = real ? real : path;
    std::free(real);
    return result;
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t most) {
    const bool standard = path == "-";
    Fd file(standard ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return failure("read", path);
    std::string text;
    std::size_t filled = 0;
    while (filled <= most) {
        constexpr std::size_t kChunk = 1u << 16;
        text.resize(filled + kChunk);
        const ssize_t got = ::read(file.get(), text.data() + filled, kChunk);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failure("read", path);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    text.resize(filled);
    return text;
}

Result<void> replace_file(const std::string& path, const std::string& text) {
    const std::string target = real_path(path);
    std::string temporary = target + ".XXXXXX";
    struct stat before {};
    if (::stat(target.c_str(), &before) != 0) return failure("write", path);
    Fd file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!file.valid()) return failure("write beside", path);
    const bool ready = write_all(file.get(), text) &&
                       ::fchown(file.get(), before.st_uid, before.st_gid) == 0 &&
                       ::fchmod(file.get(), before.st_mode & 07777) == 0 &&
                       ::fsync(file.get()) == 0 && ::rename(temporary.c_str(), target.c_str()) == 0;
    if (ready) return {};
    const Error error = failure("write", path);
    ::unlink(temporary.c_str());
    return error;
}

}  // namespace yett::cli
