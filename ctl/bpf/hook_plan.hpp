// SPDX-License-Identifier: GPL-2.0-or-later
// Which hook should judge what comes in by an interface, and why, in words. Pure.
#pragma once

#include <string>

#include "bpf/data_plane.hpp"

namespace yett {

/// Of an interface that has an Ethernet header.
struct Circumstances {
    std::string driver;  ///< as `ethtool -i` says it
    std::string holder;  ///< somebody else's program that holds XDP, in words; empty: nobody's
};

struct HookPlan {
    AttachMode mode = AttachMode::xdp_native;
    std::string note;  ///< why, where it is not native XDP, or what that costs
};

/// What to try. Where XDP refuses, TC remains.
HookPlan plan_hook(const Demands& demands, const Circumstances& circumstances);

/// Why an attachment to ingress is what it is, where nobody knows any more what was asked for.
std::string note_afterwards(AttachMode mode, const Circumstances& circumstances);

/// The same for devices without Ethernet header, which XDP programs of ours cannot read.
inline constexpr const char* kBareOnTc = "its packets have no Ethernet header: attached to TC";

}  // namespace yett
