// SPDX-License-Identifier: GPL-2.0-or-later
// The choice between XDP and TC.
#include "bpf/hook_plan.hpp"

#include <fmt/format.h>

namespace yett {
namespace {

constexpr const char* kVeth = "veth";
constexpr const char* kTap = "tun";  // a tun has no Ethernet header, and comes not here
constexpr const char* kVirtio = "virtio_net";

// drivers/net/veth.c, veth_xdp_set(): with a program, the other end sends nothing longer than the
// link carries. drivers/net/tun.c, tun_build_skb(): what is longer goes to generic XDP, uncut.
constexpr const char* kVethByDefault =
    "a veth with XDP takes TCP in single segments, at a third of the speed: attached to TC";
constexpr const char* kTapByDefault =
    "XDP on a tap takes a super-packet for one frame: attached to TC, which counts its segments";
constexpr const char* kVethNeedsTc =
    "XDP on a veth sees no VLAN tag beside the frame and its replies are lost: attached to TC, for "
    "rules that need them";
constexpr const char* kGenericTags =
    "generic XDP does not see every VLAN tag: attached to TC, for rules that need them";
constexpr const char* kFramesNeedTc =
    "XDP takes a super-packet for one frame here: attached to TC, for rules with \"len\" or "
    "\"limit\"";
constexpr const char* kSuperPackets = "XDP takes a super-packet for one frame here";
// drivers/net/virtio_net.c, virtnet_xdp_set(): switches the guest offloads off.
constexpr const char* kVirtioSplit =
    "the host hands over single segments while XDP is on: TCP between guests is slower than with "
    "\"attach\": \"tc\"";

/// Where segments come unmerged on TC and merged on XDP, or not at all: generic XDP stands behind
/// GRO of the devices below, a tap gets what a guest did not cut.
bool sees_super_packets(AttachMode mode, const std::string& driver) {
    return mode == AttachMode::xdp_generic || driver == kTap;
}

/// Why XDP of that mode does not do for the rules; empty: it does.
std::string falls_short(const Demands& demands, AttachMode mode, const std::string& driver) {
    if ((demands.tags || demands.replies) && driver == kVeth) return kVethNeedsTc;
    if (demands.tags && mode == AttachMode::xdp_generic) return kGenericTags;
    if (demands.frames && sees_super_packets(mode, driver)) return kFramesNeedTc;
    return "";
}

std::string default_note(const std::string& driver) {
    if (driver == kVeth) return kVethByDefault;
    return driver == kTap ? kTapByDefault : "";
}

std::string cost_of(AttachMode mode, const std::string& driver) {
    if (sees_super_packets(mode, driver)) return kSuperPackets;
    return driver == kVirtio ? kVirtioSplit : "";
}

std::string taken_by(const std::string& holder) {
    return fmt::format("XDP is taken by {}: attached to TC, behind it", holder);
}

}  // namespace

HookPlan plan_hook(const Demands& demands, const Circumstances& circumstances) {
    const std::string& driver = circumstances.driver;
    const std::string by_default = default_note(driver);
    if (demands.asked == AttachMode::tc)
        return {AttachMode::tc, "the ruleset asks for it: attached to TC"};
    if (!circumstances.holder.empty()) return {AttachMode::tc, taken_by(circumstances.holder)};
    if (!demands.asked && !by_default.empty()) return {AttachMode::tc, by_default};
    const AttachMode mode = demands.asked.value_or(AttachMode::xdp_native);
    if (std::string why = falls_short(demands, mode, driver); !why.empty())
        return {AttachMode::tc, std::move(why)};
    return {mode, cost_of(mode, driver)};
}

std::string note_afterwards(AttachMode mode, const Circumstances& circumstances) {
    if (mode != AttachMode::tc) return cost_of(mode, circumstances.driver);
    if (!circumstances.holder.empty()) return taken_by(circumstances.holder);
    const std::string by_default = default_note(circumstances.driver);
    return by_default.empty() ? "attached to TC, slower than XDP" : by_default;
}

}  // namespace yett
