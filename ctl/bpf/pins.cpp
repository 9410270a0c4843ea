// SPDX-License-Identifier: GPL-2.0-or-later
// Pins below one root-only directory.
#include "bpf/pins.hpp"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/posix.hpp"

namespace yett::pins {
namespace {

constexpr long kBpfFsMagic = 0xcafe4a11;  // BPF_FS_MAGIC, linux/magic.h

Error no_bpffs(const std::string& path) {
    return {ErrorKind::kernel, fmt::format("{} is not on a BPF file system", path),
            "mount it: mount -t bpf bpf /sys/fs/bpf (inside `ip netns exec` it is hidden: use "
            "nsenter --net=)"};
}

bool on_bpffs(const std::string& path) {
    struct statfs fs {};
    return statfs(path.c_str(), &fs) == 0 && static_cast<long>(fs.f_type) == kBpfFsMagic;
}

Result<void> check_owner(const std::string& path) {
    struct stat st {};
    if (lstat(path.c_str(), &st) != 0)
        return system_error("cannot look at " + path, errno, ErrorKind::kernel);
    if (!S_ISDIR(st.st_mode))
        return Error{ErrorKind::permission, fmt::format("{} is not a directory", path),
                     "remove it, or choose another pin directory"};
    if (st.st_uid != 0 || (st.st_mode & 022) != 0)
        return Error{ErrorKind::permission,
                     fmt::format("{} belongs to uid {} with mode {:o}: others could remove the "
                                 "filter",
                                 path, st.st_uid, st.st_mode & 07777),
                     "find out who made it, then remove it"};
    return {};
}

}  // namespace

Result<void> make_directory(const std::string& path) {
    const std::filesystem::path target(path);
    if (std::error_code gone; !std::filesystem::exists(target.parent_path(), gone))
        return no_bpffs(path);
    if (!on_bpffs(target.parent_path().string())) return no_bpffs(path);
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return system_error("cannot make " + path, errno, ErrorKind::kernel);
    return check_owner(path);
}

Result<Fd> open(const std::string& path) {
    const int fd = bpf_obj_get(path.c_str());
    if (fd >= 0) return Fd(fd);
    if (errno == ENOENT) return Fd();
    return system_error("cannot open the pin " + path, errno, ErrorKind::kernel);
}

Result<void> pin(int fd, const std::string& path) {
    if (bpf_obj_pin(fd, path.c_str()) == 0) return {};
    return system_error("cannot pin " + path, errno, ErrorKind::kernel);
}

Result<void> unpin(const std::string& path) {
    if (unlink(path.c_str()) == 0 || errno == ENOENT) return {};
    return system_error("cannot remove the pin " + path, errno, ErrorKind::kernel);
}

Result<void> move(const std::string& from, const std::string& to) {
    if (std::rename(from.c_str(), to.c_str()) == 0) return {};
    return Error{ErrorKind::kernel,
                 fmt::format("cannot move the pin {} to {}: {}", from, to, std::strerror(errno)),
                 ""};
}

bool is_program_array(const std::string& name) {
    return name.ends_with("_stages");
}

std::vector<std::string> list(const std::string& directory) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

Result<void> remove_all(const std::string& path) {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (!error) return {};
    return system_error("cannot remove " + path, error.value(), ErrorKind::kernel);
}

}  // namespace yett::pins
