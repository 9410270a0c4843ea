// SPDX-License-Identifier: GPL-2.0-or-later
// clsact and its filters, by libbpf; what it cannot tell is asked of rtnetlink(7).
#include "bpf/tc.hpp"

#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "abi/fields.h"
#include "base/fd.hpp"

namespace yett::tc {
namespace {

/// Our places among the filters of a clsact hook: early, with handles that spell "yett" and count.
constexpr std::uint32_t kPriority = 10;
constexpr std::uint32_t kFirstHandle = 0x79657474;
constexpr std::uint32_t kHandles = 4;

bpf_tc_hook hook_of(std::uint32_t ifindex, std::uint32_t direction) {
    bpf_tc_hook hook{};
    hook.sz = sizeof(hook);
    hook.ifindex = static_cast<int>(ifindex);
    hook.attach_point = direction == YETT_EGRESS ? BPF_TC_EGRESS : BPF_TC_INGRESS;
    return hook;
}

bpf_tc_hook both_hooks(std::uint32_t ifindex) {
    bpf_tc_hook hook = hook_of(ifindex, YETT_INGRESS);
    hook.attach_point = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);
    return hook;
}

bpf_tc_opts place(std::uint32_t handle) {
    bpf_tc_opts options{};
    options.sz = sizeof(options);
    options.handle = handle;
    options.priority = kPriority;
    return options;
}

/// Program id of the filter in that place, 0: it is free.
std::uint32_t program_at(std::uint32_t ifindex, std::uint32_t direction, std::uint32_t handle) {
    const bpf_tc_hook hook = hook_of(ifindex, direction);
    bpf_tc_opts options = place(handle);
    return bpf_tc_query(&hook, &options) == 0 ? options.prog_id : 0;
}

Error failed(int code) {
    return {ErrorKind::kernel, fmt::format("cannot attach to TC: {}", std::strerror(-code)), ""};
}

Error all_taken(std::uint32_t ifindex, std::uint32_t direction) {
    return {ErrorKind::conflict,
            fmt::format("all of yett's places at TC are taken, the first by {}",
                        program_words(program_at(ifindex, direction, kFirstHandle))),
            fmt::format("others hold priority {} with yett's handles: see `tc filter show`",
                        kPriority)};
}

/// One filter or more at this parent of the interface; -1: the kernel gave no answer.
int any_filter(std::uint32_t ifindex, std::uint32_t parent) {
    struct {
        nlmsghdr head;
        tcmsg body;
    } request{};
    request.head.nlmsg_len = sizeof(request);
    request.head.nlmsg_type = RTM_GETTFILTER;
    request.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.body.tcm_ifindex = static_cast<int>(ifindex);
    request.body.tcm_parent = parent;
    const Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (::send(socket.get(), &request, sizeof(request), 0) != sizeof(request)) return -1;
    int found = 0;
    for (;;) {
        alignas(nlmsghdr) char chunk[32768];
        auto size = ::recv(socket.get(), chunk, sizeof(chunk), 0);
        if (size <= 0) return -1;
        const auto* message = reinterpret_cast<const nlmsghdr*>(chunk);
        for (; NLMSG_OK(message, size); message = NLMSG_NEXT(message, size)) {
            if (message->nlmsg_type == NLMSG_DONE) return found;
            if (message->nlmsg_type == NLMSG_ERROR) return -1;
            if (message->nlmsg_type == RTM_NEWTFILTER) found = 1;
        }
    }
}

}  // namespace

std::optional<Filter> find(const Owner& owner, std::uint32_t ifindex, std::uint32_t direction) {
    for (std::uint32_t i = 0; i < kHandles; ++i) {
        const std::uint32_t program = program_at(ifindex, direction, kFirstHandle + i);
        if (owner.owns(program)) return Filter{kFirstHandle + i, program};
    }
    return std::nullopt;
}

Result<bool> make_clsact(std::uint32_t ifindex) {
    bpf_tc_hook both = both_hooks(ifindex);
    const int code = bpf_tc_hook_create(&both);
    if (code == 0 || code == -EEXIST) return code == 0;
    return Error{ErrorKind::kernel,
                 fmt::format("cannot make a clsact hook: {}", std::strerror(-code)),
                 "the kernel needs CONFIG_NET_SCH_INGRESS and CONFIG_NET_CLS_BPF"};
}

Result<void> add(std::uint32_t ifindex, std::uint32_t direction, int program) {
    const bpf_tc_hook hook = hook_of(ifindex, direction);
    for (std::uint32_t i = 0; i < kHandles; ++i) {
        if (program_at(ifindex, direction, kFirstHandle + i) != 0) continue;
        bpf_tc_opts options = place(kFirstHandle + i);
        options.prog_fd = program;
        const int code = bpf_tc_attach(&hook, &options);
        if (code == 0) return {};
        if (code != -EEXIST) return failed(code);
    }
    return all_taken(ifindex, direction);
}

Result<void> replace(std::uint32_t ifindex, std::uint32_t direction, std::uint32_t handle,
                     int program) {
    const bpf_tc_hook hook = hook_of(ifindex, direction);
    bpf_tc_opts options = place(handle);
    options.prog_fd = program;
    options.flags = BPF_TC_F_REPLACE;
    if (const int code = bpf_tc_attach(&hook, &options); code != 0) return failed(code);
    return {};
}

Result<bool> remove(const Owner& owner, std::uint32_t ifindex, std::uint32_t direction,
                    const Owner& keep) {
    bool any = false;
    const bpf_tc_hook hook = hook_of(ifindex, direction);
    for (std::uint32_t i = 0; i < kHandles; ++i) {
        const std::uint32_t program = program_at(ifindex, direction, kFirstHandle + i);
        if (!owner.owns(program) || keep.owns(program)) continue;
        bpf_tc_opts options = place(kFirstHandle + i);
        if (const int code = bpf_tc_detach(&hook, &options); code != 0 && code != -ENOENT)
            return Error{ErrorKind::kernel,
                         fmt::format("cannot take the filter off TC of interface {}: {}", ifindex,
                                     std::strerror(-code)),
                         "it goes on filtering"};
        any = true;
    }
    return any;
}

Result<bool> remove_unused_clsact(std::uint32_t ifindex) {
    for (const std::uint32_t end : {TC_H_MIN_INGRESS, TC_H_MIN_EGRESS})
        if (any_filter(ifindex, TC_H_MAKE(TC_H_CLSACT, end)) != 0) return false;
    bpf_tc_hook both = both_hooks(ifindex);
    const int code = bpf_tc_hook_destroy(&both);
    if (code == 0) return true;
    if (code == -ENOENT || code == -EINVAL) return false;  // somebody was faster
    return Error{
        ErrorKind::kernel,
        fmt::format("cannot remove the clsact of interface {}: {}", ifindex, std::strerror(-code)),
        ""};
}

}  // namespace yett::tc
