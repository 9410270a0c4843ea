// SPDX-License-Identifier: GPL-2.0-or-later
// Attachments: pinned XDP links, and filters on clsact. Nobody else's program is ever replaced or
// removed.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/if_link.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "abi/fields.h"
#include "bpf/interface.hpp"
#include "bpf/pins.hpp"
#include "bpf/state.hpp"

namespace yett {
namespace {

/// Our place among the filters of a clsact hook: early, with a handle that spells "yett".
constexpr std::uint32_t kTcPriority = 10;
constexpr std::uint32_t kTcHandle = 0x79657474;

bpf_tc_hook tc_hook(std::uint32_t ifindex, std::uint32_t direction) {
    bpf_tc_hook hook{};
    hook.sz = sizeof(hook);
    hook.ifindex = static_cast<int>(ifindex);
    hook.attach_point = direction == YETT_EGRESS ? BPF_TC_EGRESS : BPF_TC_INGRESS;
    return hook;
}

bpf_tc_opts tc_place() {
    bpf_tc_opts options{};
    options.sz = sizeof(options);
    options.handle = kTcHandle;
    options.priority = kTcPriority;
    return options;
}

std::string program_name(std::uint32_t id) {
    const Fd fd(bpf_prog_get_fd_by_id(id));
    bpf_prog_info info{};
    std::uint32_t size = sizeof(info);
    if (!fd.valid() || bpf_obj_get_info_by_fd(fd.get(), &info, &size) != 0) return "";
    return info.name;
}

/// Program id of our filter, 0: none. A filter in our place that is not ours counts as none.
std::uint32_t tc_attached(std::uint32_t ifindex, std::uint32_t direction) {
    const bpf_tc_hook hook = tc_hook(ifindex, direction);
    bpf_tc_opts options = tc_place();
    if (bpf_tc_query(&hook, &options) != 0) return 0;
    const char* ours = kEntryNames[direction == YETT_EGRESS ? kTcEgress : kTcIngress];
    return program_name(options.prog_id) == ours ? options.prog_id : 0;
}

Result<void> tc_attach(std::uint32_t ifindex, std::uint32_t direction, int program, bool replace) {
    bpf_tc_hook hook = tc_hook(ifindex, direction);
    bpf_tc_hook both = hook;
    both.attach_point = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);
    if (const int code = bpf_tc_hook_create(&both); code != 0 && code != -EEXIST)
        return Error{ErrorKind::kernel,
                     fmt::format("cannot make a clsact hook: {}", std::strerror(-code)),
                     "the kernel needs CONFIG_NET_SCH_INGRESS and CONFIG_NET_CLS_BPF"};
    bpf_tc_opts options = tc_place();
    options.prog_fd = program;
    options.flags = replace ? BPF_TC_F_REPLACE : 0;
    if (const int code = bpf_tc_attach(&hook, &options); code != 0)
        return Error{code == -EEXIST ? ErrorKind::conflict : ErrorKind::kernel,
                     fmt::format("cannot attach to TC: {}", std::strerror(-code)),
                     code == -EEXIST
                         ? "another filter holds priority 10 with yett's handle: see `tc "
                           "filter show`"
                         : ""};
    return {};
}

bool tc_detach(std::uint32_t ifindex, std::uint32_t direction) {
    const bpf_tc_hook hook = tc_hook(ifindex, direction);
    bpf_tc_opts options = tc_place();
    return bpf_tc_detach(&hook, &options) == 0;
}

std::string link_path(const DataPlane::State& state, std::uint32_t ifindex) {
    return fmt::format("{}/links/xdp_{}", state.root, ifindex);
}

/// What an XDP link is: 0 in ifindex means that its interface is gone.
struct LinkInfo {
    std::uint32_t ifindex = 0;
    std::uint32_t program = 0;
};

std::optional<LinkInfo> link_info(int fd) {
    bpf_link_info info{};
    std::uint32_t size = sizeof(info);
    if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0 || info.type != BPF_LINK_TYPE_XDP) return {};
    return LinkInfo{info.xdp.ifindex, info.prog_id};
}

/// The link pinned for this interface; the pin of a link whose interface is gone is removed.
Result<std::optional<LinkInfo>> pinned_link(const DataPlane::State& state, std::uint32_t ifindex) {
    auto fd = pins::open(link_path(state, ifindex));
    if (!fd) return fd.error();
    if (!fd->valid()) return std::optional<LinkInfo>();
    const auto info = link_info(fd->get());
    if (info && info->ifindex == ifindex) return info;
    if (auto gone = pins::unpin(link_path(state, ifindex)); !gone) return gone.error();
    return std::optional<LinkInfo>();
}

/// The link lets go of its interface now. Without its pin alone the kernel would let go later, in a
/// work queue: frames would still be judged, and the interface still be taken.
Result<void> release_link(const DataPlane::State& state, std::uint32_t ifindex) {
    const std::string path = link_path(state, ifindex);
    auto fd = pins::open(path);
    if (!fd) return fd.error();
    if (fd->valid() && bpf_link_detach(fd->get()) != 0)
        return Error{ErrorKind::kernel,
                     fmt::format("cannot detach the XDP program from interface {}: {}", ifindex,
                                 std::strerror(errno)),
                     "it goes on filtering"};
    return pins::unpin(path);
}

AttachMode xdp_mode(std::uint32_t ifindex) {
    bpf_xdp_query_opts query{};
    query.sz = sizeof(query);
    if (bpf_xdp_query(static_cast<int>(ifindex), 0, &query) != 0) return AttachMode::xdp_native;
    return query.attach_mode == XDP_ATTACHED_SKB ? AttachMode::xdp_generic : AttachMode::xdp_native;
}

std::string xdp_holder(std::uint32_t ifindex) {
    std::uint32_t id = 0;
    if (bpf_xdp_query_id(static_cast<int>(ifindex), 0, &id) != 0 || id == 0) return "";
    return fmt::format("{} (program {})", program_name(id), id);
}

constexpr const char* kVethOnTc =
    "XDP on a veth sees no VLAN tag beside the frame and its replies are lost: attached to TC, for "
    "rules that need them";

/// Why an attachment to ingress is not native XDP, as far as the kernel can tell afterwards.
std::string note_of(AttachMode mode, const Interface& interface) {
    if (mode == AttachMode::xdp_native) return "";
    if (mode == AttachMode::xdp_generic)
        return "the driver refused native XDP: generic XDP, slower";
    const std::string holder = xdp_holder(interface.index);
    if (!holder.empty())
        return fmt::format("XDP is taken by {}: attached to TC, behind it", holder);
    return is_veth(interface.name) ? kVethOnTc : "attached to TC, slower than XDP";
}

/// 0, or a negative errno. The link is pinned, or it would go with this process.
int xdp_attach(DataPlane::State& state, std::uint32_t ifindex, std::uint32_t flags) {
    bpf_link_create_opts options{};
    options.sz = sizeof(options);
    options.flags = flags;
    const Fd link(bpf_link_create(state.programs.entries[kXdpIngress].get(),
                                  static_cast<int>(ifindex), BPF_XDP, &options));
    if (!link.valid()) return -errno;
    return pins::pin(link.get(), link_path(state, ifindex)) ? 0 : -EIO;
}

Result<Attachment> attach_tc(DataPlane::State& state, Attachment attachment) {
    const EntryId entry = attachment.direction == YETT_EGRESS ? kTcEgress : kTcIngress;
    attachment.mode = AttachMode::tc;
    if (tc_attached(attachment.ifindex, attachment.direction) != 0) return attachment;
    auto done = tc_attach(attachment.ifindex, attachment.direction,
                          state.programs.entries[entry].get(), false);
    if (!done) {
        Error error = done.error();
        error.message = fmt::format("{}: {}", attachment.interface, error.message);
        return error;
    }
    return attachment;
}

/// Why XDP of that mode does not meet the demands; empty when it does. A tag stays beside the frame
/// where the driver cannot be told otherwise, where the other end of a veth sends it so, and where
/// generic XDP runs behind another interface.
std::string falls_short(const std::string& interface, AttachMode mode, const Demands& demands) {
    if ((demands.tags || demands.replies) && is_veth(interface)) return kVethOnTc;
    if (!demands.tags) return "";
    if (mode == AttachMode::xdp_generic)
        return "generic XDP does not see every VLAN tag: attached to TC, for rules that need them";
    const auto off = switch_off_vlan_offload(interface);
    return off ? "" : off.error().message + ": attached to TC, which sees them";
}

void drop_filter(std::uint32_t ifindex) {
    if (tc_attached(ifindex, YETT_INGRESS) != 0) tc_detach(ifindex, YETT_INGRESS);
}

/// Ours already, by a pinned link. What TC must do from now on it does before XDP lets go.
Result<Attachment> keep_xdp(DataPlane::State& state, Attachment attachment,
                            const Demands& demands) {
    attachment.mode = xdp_mode(attachment.ifindex);
    attachment.note = note_of(attachment.mode, {attachment.interface, attachment.ifindex});
    const std::string why = falls_short(attachment.interface, attachment.mode, demands);
    if (why.empty()) {
        drop_filter(attachment.ifindex);  // left by a move that was cut off half way
        return attachment;
    }
    attachment.note = why;
    auto moved = attach_tc(state, attachment);
    if (!moved) return moved.error();
    if (auto gone = release_link(state, attachment.ifindex); !gone) return gone.error();
    return moved;
}

/// Ours already, on TC. Only a veth goes back to XDP by itself: other drivers may take the link
/// down for it.
Result<Attachment> keep_tc(DataPlane::State& state, Attachment attachment, const Demands& demands) {
    attachment.mode = AttachMode::tc;
    attachment.note = note_of(attachment.mode, {attachment.interface, attachment.ifindex});
    const bool may_move =
        is_veth(attachment.interface) && xdp_holder(attachment.ifindex).empty() &&
        falls_short(attachment.interface, AttachMode::xdp_native, demands).empty();
    if (!may_move || xdp_attach(state, attachment.ifindex, XDP_FLAGS_DRV_MODE) != 0)
        return attachment;
    drop_filter(attachment.ifindex);
    attachment.mode = AttachMode::xdp_native;
    attachment.note = "";
    return attachment;
}

/// Native XDP, else generic, else TC; the note says what was in the way.
Result<Attachment> attach_anew(DataPlane::State& state, Attachment attachment,
                               const Demands& demands) {
    if (const std::string holder = xdp_holder(attachment.ifindex); !holder.empty()) {
        attachment.note = fmt::format("XDP is taken by {}: attached to TC, behind it", holder);
        return attach_tc(state, attachment);
    }
    attachment.note = falls_short(attachment.interface, AttachMode::xdp_native, demands);
    if (!attachment.note.empty()) return attach_tc(state, attachment);
    const int native = xdp_attach(state, attachment.ifindex, XDP_FLAGS_DRV_MODE);
    if (native == 0) return attachment;
    const std::string why = std::strerror(-native);
    attachment.note = falls_short(attachment.interface, AttachMode::xdp_generic, demands);
    if (!attachment.note.empty()) return attach_tc(state, attachment);
    if (xdp_attach(state, attachment.ifindex, XDP_FLAGS_SKB_MODE) == 0) {
        attachment.mode = AttachMode::xdp_generic;
        attachment.note =
            fmt::format("the driver refused native XDP ({}): generic XDP, slower", why);
        return attachment;
    }
    attachment.note = fmt::format("XDP is impossible here ({}): attached to TC, slower", why);
    return attach_tc(state, attachment);
}

Result<Attachment> attach_ingress(DataPlane::State& state, const Attachment& attachment,
                                  const Demands& demands) {
    auto link = pinned_link(state, attachment.ifindex);
    if (!link) return link.error();
    if (*link) return keep_xdp(state, attachment, demands);
    if (tc_attached(attachment.ifindex, YETT_INGRESS) != 0)
        return keep_tc(state, attachment, demands);
    return attach_anew(state, attachment, demands);
}

/// XDP cannot see a tag that stands beside the frame. Gives what to say of it.
std::string look_after_vlan_offload(const std::string& interface) {
    const auto off = switch_off_vlan_offload(interface);
    if (!off) return off.error().message + "; " + off.error().hint;
    return *off ? "VLAN offload was on and is now off, so that XDP sees the tags" : "";
}

Result<void> move_link(DataPlane::State& state, const std::string& name) {
    const std::string path = state.root + "/links/" + name;
    auto fd = pins::open(path);
    if (!fd) return fd.error();
    const auto info = fd->valid() ? link_info(fd->get()) : std::nullopt;
    if (!info || info->ifindex == 0) return pins::unpin(path);
    const int entry = state.programs.entries[kXdpIngress].get();
    if (info->program == program_id(entry) || bpf_link_update(fd->get(), entry, nullptr) == 0)
        return {};
    return Error{ErrorKind::kernel,
                 fmt::format("cannot replace the XDP program on interface {}: {}", info->ifindex,
                             std::strerror(errno)),
                 "the old program goes on filtering"};
}

Result<void> move_filter(DataPlane::State& state, const Interface& interface,
                         std::uint32_t direction) {
    const int entry =
        state.programs.entries[direction == YETT_EGRESS ? kTcEgress : kTcIngress].get();
    const std::uint32_t attached = tc_attached(interface.index, direction);
    if (attached == 0 || attached == program_id(entry)) return {};
    return tc_attach(interface.index, direction, entry, true);
}

}  // namespace

Result<void> move_attachments(DataPlane::State& state) {
    for (const std::string& name : pins::list(state.root + "/links"))
        if (auto moved = move_link(state, name); !moved) return moved;
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
    if (direction == YETT_EGRESS) return attach_tc(*state_, attachment);
    const std::string offload = look_after_vlan_offload(interface);
    auto attached = attach_ingress(*state_, attachment, demands);
    if (attached && !offload.empty())
        attached->note += (attached->note.empty() ? "" : "; ") + offload;
    return attached;
}

Result<bool> DataPlane::detach(const std::string& interface, std::uint32_t direction) {
    auto found = find_interface(interface);
    if (!found) return found.error();
    bool detached = false;
    if (direction == YETT_INGRESS) {
        auto link = pinned_link(*state_, found->index);
        if (!link) return link.error();
        if (*link) {
            if (auto gone = release_link(*state_, found->index); !gone) return gone.error();
            detached = true;
        }
    }
    if (tc_attached(found->index, direction) != 0) detached |= tc_detach(found->index, direction);
    return detached;
}

Result<void> DataPlane::forget_gone_interfaces() {
    if (state_->root.empty()) return {};
    for (const std::string& name : pins::list(state_->root + "/links")) {
        const std::string path = state_->root + "/links/" + name;
        auto fd = pins::open(path);
        if (!fd) return fd.error();
        const auto info = fd->valid() ? link_info(fd->get()) : std::nullopt;
        if (!info || info->ifindex != 0) continue;
        if (auto gone = pins::unpin(path); !gone) return gone;
    }
    return {};
}

Result<std::vector<Attachment>> DataPlane::attachments() const {
    std::vector<Attachment> all;
    const auto add = [&](const Interface& interface, std::uint32_t direction, AttachMode mode) {
        const bool ingress = direction == YETT_INGRESS;
        all.push_back({interface.name, interface.index, direction, mode,
                       ingress ? note_of(mode, interface) : ""});
    };
    for (const Interface& interface : all_interfaces()) {
        if (!state_->root.empty()) {
            auto link = pinned_link(*state_, interface.index);
            if (!link) return link.error();
            if (*link) add(interface, YETT_INGRESS, xdp_mode(interface.index));
        }
        for (const std::uint32_t direction : {YETT_INGRESS, YETT_EGRESS})
            if (tc_attached(interface.index, direction) != 0)
                add(interface, direction, AttachMode::tc);
    }
    return all;
}

Result<void> DataPlane::remove(const Options& options) {
    for (const Interface& interface : all_interfaces())
        for (const std::uint32_t direction : {YETT_INGRESS, YETT_EGRESS})
            if (tc_attached(interface.index, direction) != 0) tc_detach(interface.index, direction);
    if (options.pin_directory.empty()) return {};
    return pins::remove_all(options.pin_directory);
}

}  // namespace yett
