// SPDX-License-Identifier: GPL-2.0-or-later
// The unix socket itself: where it may be made, and who is at the other end.
#pragma once

#include <string>

#include "api/router.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"

namespace yett {

/// Groups by name; one that does not exist gives nobody anything.
struct Access {
    std::string writers = "yett";
    std::string readers = "yett-ro";
};

/// A listening, non-blocking socket at `path`, mode 0660, of group `writers` where that exists; an
/// access list lets group `readers` in as well. Its directory is made (0750) when missing. Refused:
/// a directory that is a symlink, somebody else's, or writable by others; a path that holds
/// anything but a socket of ours; a socket on which somebody still listens (conflict). A stale own
/// socket is replaced.
Result<Fd> listen_unix(const std::string& path, const Access& access);

/// Removes the socket when it is still the one that `listener` was made as.
void remove_socket(const std::string& path, const Fd& listener);

/// SO_PEERCRED and SO_PEERGROUPS. root and whoever yettd runs as write.
Result<Peer> peer_of(int socket, const Access& access);

}  // namespace yett
