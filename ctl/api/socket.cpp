// SPDX-License-Identifier: GPL-2.0-or-later
// The unix socket itself.
#include "api/socket.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <vector>

#include "api/acl.hpp"
#include "base/posix.hpp"

namespace yett {
namespace {

Error refused(std::string message, std::string hint = "") {
    return {ErrorKind::permission, std::move(message), std::move(hint)};
}

Error failed(const std::string& what) {
    return system_error(what);
}

std::optional<gid_t> group_id(const std::string& name) {
    if (name.empty()) return std::nullopt;
    const auto* entry = ::getgrnam(name.c_str());
    if (entry == nullptr) return std::nullopt;
    return entry->gr_gid;
}

Result<void> check_directory(const std::string& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return failed("cannot look at " + path);
    if (!S_ISDIR(info.st_mode)) return refused(path + " is not a directory");
    if (info.st_uid != 0 && info.st_uid != ::geteuid()) {
        return refused(path + " belongs to uid " + std::to_string(info.st_uid),
                       "remove it, or choose another place with --socket");
    }
    if ((info.st_mode & S_IWOTH) != 0 || ((info.st_mode & S_IWGRP) != 0 && info.st_gid != 0)) {
        return refused(path + " may be written by others", "chmod 0750 " + path);
    }
    return {};
}

/// Gives it to the group of writers, where there is one, and lets that of the readers in.
Result<void> open_to_groups(const std::string& path, const Access& access, unsigned of_owner,
                            unsigned of_writers, unsigned of_readers) {
    const auto writers = group_id(access.writers);
    if (writers && ::chown(path.c_str(), static_cast<uid_t>(-1), *writers) != 0) {
        return failed("cannot give " + path + " to group " + access.writers);
    }
    return set_access(path, of_owner, {of_writers, group_id(access.readers), of_readers});
}

Result<void> make_directory(const std::string& path, const Access& access) {
    if (::mkdir(path.c_str(), 0750) == 0) {
        if (auto opened = open_to_groups(path, access, 7, 5, 1); !opened) return opened;
    } else if (errno != EEXIST) {
        return failed("cannot make " + path);
    }
    return check_directory(path);
}

Result<sockaddr_un> to_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.front() != '/' || path.size() >= sizeof(address.sun_path)) {
        return Error{ErrorKind::usage, "the socket path \"" + path + "\" does not do",
                     "an absolute path of at most 107 octets"};
    }
    std::copy(path.begin(), path.end(), address.sun_path);
    return address;
}

/// Whether somebody accepts connections there.
bool is_alive(const sockaddr_un& address) {
    const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
               0 ||
           errno == EAGAIN;
}

Result<void> clear_path(const std::string& path, const sockaddr_un& address) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) {
        if (errno == ENOENT) return {};
        return failed("cannot look at " + path);
    }
    if (!S_ISSOCK(info.st_mode)) {
        return refused(path + " is there and is not a socket", "remove it, if it is of no use");
    }
    if (info.st_uid != ::geteuid()) {
        return refused(path + " is a socket of uid " + std::to_string(info.st_uid));
    }
    if (is_alive(address)) {
        return Error{ErrorKind::conflict, "another daemon listens on " + path,
                     "stop it first, or choose another place with --socket"};
    }
    if (::unlink(path.c_str()) != 0) return failed("cannot remove the stale socket " + path);
    return {};
}

Result<void> bind_private(const Fd& fd, const sockaddr_un& address, const std::string& path) {
    const mode_t before = ::umask(0177);
    const int error =
        ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ? 0
                                                                                            : errno;
    ::umask(before);
    errno = error;
    if (error != 0) return failed("cannot bind " + path);
    return {};
}

std::vector<gid_t> peer_groups(int socket, gid_t primary) {
    std::vector<gid_t> groups(64);
    socklen_t size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0 &&
        errno == ERANGE) {
        groups.resize(size / sizeof(gid_t));
        if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0) size = 0;
    }
    groups.resize(size / sizeof(gid_t));
    groups.push_back(primary);
    return groups;
}

}  // namespace

Result<Fd> listen_unix(const std::string& path, const Access& access) {
    const auto address = to_address(path);
    if (!address) return address.error();
    const auto directory = path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
    if (auto made = make_directory(directory, access); !made) return made.error();
    if (auto clear = clear_path(path, *address); !clear) return clear.error();
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd.valid()) return failed("cannot make a socket");
    if (auto bound = bind_private(fd, *address, path); !bound) return bound.error();
    if (auto opened = open_to_groups(path, access, 6, 6, 6); !opened) return opened.error();
    // Those who knock while the loop is at work wait here, and nobody fills it alone.
    if (::listen(fd.get(), SOMAXCONN) != 0) return failed("cannot listen on " + path);
    return fd;
}

void remove_socket(const std::string& path, const Fd& listener) {
    sockaddr_un address{};
    socklen_t size = sizeof(address);
    if (::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return;
    if (path == address.sun_path) ::unlink(path.c_str());
}

Result<Peer> peer_of(int socket, const Access& access) {
    ucred credentials{};
    socklen_t size = sizeof(credentials);
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
        return failed("cannot tell who is at the other end");
    }
    Peer peer{credentials.uid, credentials.gid, credentials.pid, Role::none};
    if (peer.uid == 0 || peer.uid == ::geteuid()) {
        peer.role = Role::writer;
        return peer;
    }
    const auto groups = peer_groups(socket, peer.gid);
    const auto is_member = [&](const std::string& name) {
        const auto id = group_id(name);
        return id && std::find(groups.begin(), groups.end(), *id) != groups.end();
    };
    if (is_member(access.writers)) {
        peer.role = Role::writer;
    } else if (is_member(access.readers)) {
        peer.role = Role::reader;
    }
    return peer;
}

}  // namespace yett
