// SPDX-License-Identifier: GPL-2.0-or-later
// flock(2) on a directory.
#include "base/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <thread>

namespace yett {

Result<std::optional<Fd>> lock_directory(const std::string& path,
                                         std::chrono::milliseconds patience) {
    using Clock = std::chrono::steady_clock;
    Fd lock(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!lock.valid()) {
        return Error{errno == EACCES ? ErrorKind::permission : ErrorKind::internal,
                     "cannot open " + path + ": " + std::strerror(errno), ""};
    }
    const auto end = Clock::now() + patience;
    while (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return Error{ErrorKind::internal, "cannot lock " + path + ": " + std::strerror(errno),
                         ""};
        }
        if (Clock::now() >= end) return std::optional<Fd>();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return std::optional<Fd>(std::move(lock));
}

}  // namespace yett
