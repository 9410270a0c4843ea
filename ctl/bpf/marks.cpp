// SPDX-License-Identifier: GPL-2.0-or-later
// Marks as symbolic links: the name is safe for any file system, the target is the mark in words.
#include "bpf/marks.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "abi/fields.h"
#include "base/fd.hpp"
#include "bpf/pins.hpp"

namespace yett {
namespace {

constexpr const char* kEgress = " egress";
constexpr const char* kIngress = " ingress";

Error failed(const char* what, const std::string& path) {
    return {errno == EACCES || errno == EPERM ? ErrorKind::permission : ErrorKind::internal,
            fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)), ""};
}

std::string target_of(const std::string& path) {
    char text[PATH_MAX];
    const auto size = ::readlink(path.c_str(), text, sizeof(text));
    return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : "";
}

/// bpffs knows no sync, and needs none.
void sync(const std::string& directory) {
    const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.valid()) (void)::fsync(fd.get());
}

}  // namespace

std::string HandMarks::path_of(const Mark& mark) const {
    std::string name;
    for (const char octet : mark.first)
        name += fmt::format("{:02x}", static_cast<unsigned char>(octet));
    return fmt::format("{}/{}_{}", directory_, name, mark.second);
}

Result<void> HandMarks::add(const Mark& mark) const {
    if (::mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST)
        return failed("make", directory_);
    const std::string words = mark.first + (mark.second == YETT_EGRESS ? kEgress : kIngress);
    if (::symlink(words.c_str(), path_of(mark).c_str()) != 0 && errno != EEXIST)
        return failed("write", path_of(mark));
    sync(directory_);
    return {};
}

std::set<Mark> HandMarks::list() const {
    std::set<Mark> marks;
    for (const std::string& name : pins::list(directory_)) {
        const std::string words = target_of(directory_ + "/" + name);
        const auto space = words.rfind(' ');
        if (space == std::string::npos || space == 0) continue;
        const std::string direction = words.substr(space);
        if (direction != kEgress && direction != kIngress) continue;
        marks.emplace(words.substr(0, space), direction == kEgress ? YETT_EGRESS : YETT_INGRESS);
    }
    return marks;
}

Result<void> HandMarks::remove(const std::set<Mark>& marks) const {
    for (const Mark& mark : marks)
        if (::unlink(path_of(mark).c_str()) != 0 && errno != ENOENT)
            return failed("remove", path_of(mark));
    if (!marks.empty()) sync(directory_);
    return {};
}

std::string state_directory_of(const std::string& pin_directory) {
    return target_of(pin_directory + "/state");
}

Result<void> tell_state_directory(const std::string& pin_directory, const std::string& state) {
    const std::string path = pin_directory + "/state";
    if (target_of(path) == state) return {};
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed("remove", path);
    if (::symlink(state.c_str(), path.c_str()) != 0) return failed("write", path);
    return {};
}

}  // namespace yett
