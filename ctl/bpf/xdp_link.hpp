// SPDX-License-Identifier: GPL-2.0-or-later
// XDP attachments: links, pinned as ROOT/links/xdp_<ifindex>. While its pin lives, so does the
// link.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "bpf/data_plane.hpp"

namespace yett::xdp {

std::string link_path(const std::string& root, std::uint32_t ifindex);

/// What a link is: 0 in ifindex means that its interface is gone.
struct Link {
    std::uint32_t ifindex = 0;
    std::uint32_t program = 0;  ///< id
};
std::optional<Link> link_of(int fd);

/// The link pinned for this interface; the pin of a link whose interface is gone is removed.
Result<std::optional<Link>> pinned(const std::string& root, std::uint32_t ifindex);
/// Attaches and pins. 0, or a negative errno; flags: XDP_FLAGS_DRV_MODE and the like.
int attach(const std::string& root, std::uint32_t ifindex, int program, std::uint32_t flags);
/// The link lets go of its interface now. Without its pin alone the kernel would let go later, in a
/// work queue: frames would still be judged, and the interface still be taken.
Result<void> release(const std::string& root, std::uint32_t ifindex);
/// The link that is pinned under `name` runs this program from now on; without a gap.
Result<void> update(const std::string& root, const std::string& name, int program);
/// A link of another version becomes one of `root`, with this program behind it. Without such a
/// link, nothing happens.
Result<void> inherit(const std::string& from, const std::string& root, std::uint32_t ifindex,
                     int program);
/// Removes the pins of links whose interface is gone.
Result<void> forget_gone(const std::string& root);

AttachMode mode(std::uint32_t ifindex);
/// Whose program holds XDP of the interface, in words; empty: nobody's.
std::string holder(std::uint32_t ifindex);

}  // namespace yett::xdp
