// SPDX-License-Identifier: GPL-2.0-or-later
// Attachments: pinned XDP links, and filters on clsact. Nobody else's program is ever replaced or
// removed. What stands pinned under another version of yett is taken over behind its link or
// filter.
#include <fmt/format.h>
#include <linux/if_link.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "abi/fields.h"
#include "bpf/changed.hpp"
#include "bpf/hook_plan.hpp"
#include "bpf/hooks.hpp"
#include "bpf/interface.hpp"
#include "bpf/owner.hpp"
#include "bpf/pins.hpp"
#include "bpf/state.hpp"
#include "bpf/tc.hpp"
#include "bpf/xdp_link.hpp"

namespace yett {
namespace {

Error at(const std::string& interface, Error error) {
    error.message = fmt::format("{}: {}", interface, error.message);
    return error;
}

/// A GRE device without a fixed other end shows TC the outer header first, and only Linux 6.2 and
/// later tell programs where the packet begins.
Result<void> can_be_read(const Interface& interface) {
    utsname kernel{};
    unsigned major = 0, minor = 0;
    if (!interface.gre || uname(&kernel) != 0 ||
        std::sscanf(kernel.release, "%u.%u", &major, &minor) != 2 || major * 1000 + minor >= 6002)
        return {};
    return Error{ErrorKind::usage,
                 fmt::format("{} is a GRE device, which this kernel ({}) shows to filters with "
                             "headers in front",
                             interface.name, kernel.release),
                 "yett filters it on Linux 6.2 and later; or filter the interface below, with "
                 "\"inspect\": [\"gre\"]"};
}

/// What stands there of ours stays; what another version attached gets our program behind it.
Result<void> ensure_filter(DataPlane::State& state, std::uint32_t ifindex,
                           std::uint32_t direction) {
    const int entry =
        state.programs.entries[direction == YETT_EGRESS ? kTcEgress : kTcIngress].get();
    if (tc::find(state.owner, ifindex, direction)) return {};
    if (const auto other = tc::find(state.hooks->owner(), ifindex, direction))
        return tc::replace(ifindex, direction, other->handle, entry);
    if (auto made = ChangedSettings(state.pin_directory).want_clsact(ifindex); !made) return made;
    return tc::add(ifindex, direction, entry);
}

Result<Attachment> attach_tc(DataPlane::State& state, Attachment attachment) {
    attachment.mode = AttachMode::tc;
    const auto done = ensure_filter(state, attachment.ifindex, attachment.direction);
    if (!done) return at(attachment.interface, done.error());
    const auto rest =
        tc::remove(state.hooks->owner(), attachment.ifindex, attachment.direction, state.owner);
    if (!rest) return at(attachment.interface, rest.error());
    return attachment;
}

int attach_xdp(DataPlane::State& state, std::uint32_t ifindex, std::uint32_t flags) {
    return xdp::attach(state.root, ifindex, state.programs.entries[kXdpIngress].get(), flags);
}

Result<void> drop_filter(const DataPlane::State& state, std::uint32_t ifindex) {
    const auto gone = tc::remove(state.hooks->owner(), ifindex, YETT_INGRESS);
    if (!gone) return gone.error();
    return {};
}

/// A tag stays beside the frame where the driver cannot be told otherwise.
HookPlan plan_of(const DataPlane::State& state, const Attachment& attachment,
                 const Demands& demands, const std::string& holder) {
    HookPlan plan = plan_hook(demands, {driver_of(attachment.interface), holder});
    if (plan.mode == AttachMode::tc || !demands.tags) return plan;
    const auto seen =
        ChangedSettings(state.pin_directory).see_tags(attachment.interface, attachment.ifindex);
    if (seen) return plan;
    return {AttachMode::tc, seen.error().message + ": attached to TC, which sees them"};
}

std::string refusal(const Demands& demands, AttachMode mode, int error) {
    const char* const which = mode == AttachMode::xdp_generic ? "generic" : "native";
    return fmt::format("{}XDP is impossible here in its {} form ({}): attached to TC",
                       demands.asked ? "the ruleset asks for what cannot be: " : "", which,
                       std::strerror(error));
}

/// From TC, or from nowhere. TC lets go when XDP judges.
Result<Attachment> enter_xdp(DataPlane::State& state, Attachment attachment, const Demands& demands,
                             const HookPlan& plan) {
    const bool generic = plan.mode == AttachMode::xdp_generic;
    const int made =
        attach_xdp(state, attachment.ifindex, generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE);
    if (made != 0) {
        attachment.note = refusal(demands, plan.mode, -made);
        return attach_tc(state, attachment);
    }
    if (auto gone = drop_filter(state, attachment.ifindex); !gone) return gone.error();
    attachment.mode = plan.mode;
    return attachment;
}

/// Ours, by a pinned link. What TC must do from now on it does before XDP lets go.
Result<Attachment> leave_xdp(DataPlane::State& state, const Attachment& attachment) {
    auto moved = attach_tc(state, attachment);
    if (!moved) return moved;
    if (auto gone = xdp::release(state.root, attachment.ifindex); !gone) return gone.error();
    return moved;
}

Result<Attachment> keep_xdp(DataPlane::State& state, Attachment attachment, const Demands& demands,
                            const HookPlan& plan) {
    attachment.mode = xdp::mode(attachment.ifindex);
    if (attachment.mode == plan.mode) {
        // One may be left by a move that was cut off half way.
        if (auto gone = drop_filter(state, attachment.ifindex); !gone) return gone.error();
        return attachment;
    }
    auto moved = leave_xdp(state, attachment);
    if (!moved || plan.mode == AttachMode::tc) return moved;
    return enter_xdp(state, *moved, demands, plan);
}

/// Ours already, on TC. Nothing goes back to XDP by itself: drivers may take the link down for it.
/// Where the ruleset asks for it, or has ceased to ask for TC, the operator does.
Result<Attachment> keep_tc(DataPlane::State& state, Attachment attachment, const Demands& demands,
                           const HookPlan& plan) {
    const auto told = state.told.find(attachment.ifindex);
    const bool other_word = told != state.told.end() && told->second.asked != demands.asked;
    if (plan.mode != AttachMode::tc && (demands.asked || other_word))
        return enter_xdp(state, attachment, demands, plan);
    attachment.mode = AttachMode::tc;
    if (plan.mode != AttachMode::tc)
        attachment.note = told != state.told.end() && told->second.mode == AttachMode::tc
                              ? told->second.note
                              : "attached to TC, slower than XDP";
    return attachment;
}

/// Links of other versions get our program behind them.
Result<void> inherit_links(const DataPlane::State& state, std::uint32_t ifindex) {
    for (const std::string& other : versions_in(state.pin_directory)) {
        if (other == state.root) continue;
        auto done =
            xdp::inherit(other, state.root, ifindex, state.programs.entries[kXdpIngress].get());
        if (!done) return done;
    }
    return {};
}

Result<Attachment> attach_ingress(DataPlane::State& state, Attachment attachment,
                                  const Demands& demands) {
    if (auto done = inherit_links(state, attachment.ifindex); !done) return done.error();
    auto link = xdp::pinned(state.root, attachment.ifindex);
    if (!link) return link.error();
    const std::string holder = *link ? "" : xdp::holder(attachment.ifindex);
    const HookPlan plan = plan_of(state, attachment, demands, holder);
    attachment.note = plan.note;
    if (*link) return keep_xdp(state, attachment, demands, plan);
    if (tc::find(state.hooks->owner(), attachment.ifindex, YETT_INGRESS)) {
        if (auto taken = attach_tc(state, attachment); !taken) return taken;
        return keep_tc(state, attachment, demands, plan);
    }
    if (plan.mode == AttachMode::tc) return attach_tc(state, attachment);
    return enter_xdp(state, attachment, demands, plan);
}

/// XDP cannot see a tag that stands beside the frame; TC can. Says what was done about it.
void look_after_tags(const ChangedSettings& changed, bool told, Attachment& attachment) {
    if (attachment.mode == AttachMode::tc) return;
    const auto seen = changed.see_tags(attachment.interface, attachment.ifindex);
    std::string text;
    if (!seen) {
        text = seen.error().message + "; " + seen.error().hint;
    } else if (!told && changed.switched_off(attachment.ifindex)) {
        text = "VLAN offload was on and is now off, so that XDP sees the tags";
    }
    if (!text.empty()) attachment.note += (attachment.note.empty() ? "" : "; ") + text;
}

/// Only what works on our own maps: other versions' programs stay until their tables are filled
/// here (attach()).
Result<void> move_filter(DataPlane::State& state, const Interface& interface,
                         std::uint32_t direction) {
    const int entry =
        state.programs.entries[direction == YETT_EGRESS ? kTcEgress : kTcIngress].get();
    const auto filter = tc::find(state.owner, interface.index, direction);
    if (!filter || filter->program == program_id(entry)) return {};
    return tc::replace(interface.index, direction, filter->handle, entry);
}

bool judges_anything(const Owner& owner) {
    for (const Interface& interface : all_interfaces())
        for (const std::uint32_t direction : {YETT_INGRESS, YETT_EGRESS})
            if (tc::find(owner, interface.index, direction)) return true;
    return false;
}

}  // namespace

Result<void> move_attachments(DataPlane::State& state) {
    const int entry = state.programs.entries[kXdpIngress].get();
    for (const std::string& name : pins::list(state.root + "/links"))
        if (auto moved = xdp::update(state.root, name, entry); !moved) return moved;
    for (const Interface& interface : all_interfaces())
        for (const std::uint32_t direction : {YETT_INGRESS, YETT_EGRESS})
            if (auto moved = move_filter(state, interface, direction); !moved) return moved;
    return {};
}

Result<Attachment> DataPlane::attach(const std::string& interface, std::uint32_t direction,
                                     const Demands& demands) {
    if (state_->root.empty())
        return Error{ErrorKind::internal, "an attachment needs a pin directory", ""};
    auto found = find_interface(interface);
    if (!found) return found.error();
    Attachment attachment{interface, found->index, direction, AttachMode::xdp_native, ""};
    if (auto readable = can_be_read(*found); !readable) return readable.error();
    if (found->bare && direction == YETT_INGRESS) attachment.note = kBareOnTc;
    if (direction == YETT_EGRESS || found->bare) return attach_tc(*state_, attachment);
    const ChangedSettings changed(state_->pin_directory);
    const bool told = changed.switched_off(found->index);
    auto attached = attach_ingress(*state_, attachment, demands);
    if (!attached) return attached;
    look_after_tags(changed, told, *attached);
    state_->told[found->index] = {attached->mode, demands.asked, attached->note};
    return attached;
}

Result<void> DataPlane::leave_unfit_xdp(const std::string& interface, const Demands& demands) {
    const auto found = find_interface(interface);
    if (!found || state_->root.empty()) return {};
    const auto link = xdp::pinned(state_->root, found->index);
    if (!link) return link.error();
    if (!*link) return {};
    Attachment attachment{interface, found->index, YETT_INGRESS, xdp::mode(found->index), ""};
    const HookPlan plan = plan_of(*state_, attachment, demands, "");
    if (plan.mode == attachment.mode) return {};
    if (auto left = leave_xdp(*state_, attachment); !left) return left.error();
    return {};
}

Result<bool> DataPlane::detach(const std::string& interface, std::uint32_t direction) {
    auto found = find_interface(interface);
    if (!found) return found.error();
    return state_->hooks->detach(*found, direction);
}

Result<bool> DataPlane::is_attached(std::uint32_t ifindex, std::uint32_t direction) const {
    if (state_->root.empty()) return false;
    if (direction == YETT_INGRESS) {
        const auto link = xdp::pinned(state_->root, ifindex);
        if (!link) return link.error();
        if (*link) return true;
    }
    return tc::find(state_->owner, ifindex, direction).has_value();
}

Result<void> DataPlane::forget_gone_interfaces() {
    if (state_->root.empty()) return {};
    if (auto done = xdp::forget_gone(state_->root); !done) return done;
    const auto there = all_interfaces();
    std::erase_if(state_->told, [&](const auto& one) {
        return std::none_of(there.begin(), there.end(),
                            [&](const Interface& other) { return other.index == one.first; });
    });
    ChangedSettings(state_->pin_directory).forget_gone();
    return {};
}

Result<void> DataPlane::forget_other_versions() {
    for (const std::string& other : versions_in(state_->pin_directory)) {
        if (other == state_->root) continue;
        if (auto done = xdp::forget_gone(other); !done) return done;
        if (!pins::list(other + "/links").empty() || judges_anything(Owner::of_version(other)))
            continue;
        if (auto gone = pins::remove_all(other); !gone) return gone;
        state_->hooks.emplace(state_->pin_directory);
    }
    return {};
}

Result<std::vector<Attachment>> DataPlane::attachments() const {
    auto all = state_->hooks->attachments();
    if (!all) return all;
    for (Attachment& one : *all) {
        const auto told = state_->told.find(one.ifindex);
        if (one.direction == YETT_INGRESS && told != state_->told.end() &&
            told->second.mode == one.mode)
            one.note = told->second.note;
    }
    return all;
}

}  // namespace yett
