// SPDX-License-Identifier: GPL-2.0-or-later
// Capabilities, bpffs, and the lock.
#include "daemon/self_test.hpp"

#include <linux/capability.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>

#include "base/lock.hpp"
#include "base/posix.hpp"
#include "bpf/pins.hpp"

namespace yett {
namespace {

constexpr const char* kBpffs = "/sys/fs/bpf";

std::uint64_t effective_capabilities() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind("CapEff:", 0) == 0) return std::stoull(line.substr(7), nullptr, 16);
    }
    return 0;
}

Result<void> check_capabilities() {
    struct Needed {
        int number;
        const char* name;
        const char* use;
    };
    static constexpr Needed needed[] = {
        {CAP_BPF, "CAP_BPF", "load programs"},
        {CAP_NET_ADMIN, "CAP_NET_ADMIN", "attach to interfaces"},
        {CAP_PERFMON, "CAP_PERFMON", "load programs that read packets"},
    };
    const auto have = effective_capabilities();
    const auto has = [&](int number) { return (have >> number & 1) != 0; };
    for (const auto& one : needed) {
        const bool by_admin = one.number != CAP_NET_ADMIN && has(CAP_SYS_ADMIN);
        if (has(one.number) || by_admin) continue;
        return Error{
            ErrorKind::permission, std::string("without ") + one.name + " yettd cannot " + one.use,
            "run it as root, or by its systemd unit; in a container, grant it the capability"};
    }
    return {};
}

/// The file system that holds `path`, or the nearest folder above it that exists.
bool is_on_bpffs(std::string path) {
    struct statfs info {};
    while (::statfs(path.c_str(), &info) != 0) {
        const auto slash = path.rfind('/');
        if (slash == std::string::npos || slash == 0) return false;
        path.resize(slash);
    }
    return static_cast<std::uint64_t>(info.f_type) == BPF_FS_MAGIC;
}

Result<void> ensure_bpffs(const std::string& pin_directory,
                          const std::function<void(const std::string&)>& tell) {
    if (is_on_bpffs(pin_directory)) return {};
    const bool is_usual = pin_directory.rfind(std::string(kBpffs) + "/", 0) == 0;
    if (is_usual &&
        ::mount("bpf", kBpffs, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=700") == 0) {
        tell(std::string("mounted a BPF file system at ") + kBpffs);
        return {};
    }
    const std::string why = is_usual ? std::string(": ") + std::strerror(errno) : "";
    return Error{
        ErrorKind::kernel,
        "there is no BPF file system at " + pin_directory + ", so nothing could be pinned" + why,
        std::string("mount -t bpf bpf ") + kBpffs + ", outside of `ip netns exec`"};
}

}  // namespace

Result<Fd> prepare_machine(const std::string& pin_directory,
                           const std::function<void(const std::string&)>& tell) {
    if (auto fine = check_capabilities(); !fine) return fine.error();
    if (auto fine = ensure_bpffs(pin_directory, tell); !fine) return fine.error();
    if (auto made = pins::make_directory(pin_directory); !made) return made.error();
    return only_daemon_on(pin_directory, "--pin-dir");
}

Result<Fd> only_daemon_on(const std::string& path, const char* option) {
    // `yett detach` without a daemon holds the lock for a moment.
    auto lock = lock_directory(path, std::chrono::seconds(1));
    if (!lock) return lock.error();
    if (*lock) return std::move(**lock);
    return Error{ErrorKind::conflict, "another yettd already works on " + path,
                 std::string("stop it first, or give this one another ") + option};
}

}  // namespace yett
