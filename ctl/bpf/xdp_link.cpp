// SPDX-License-Identifier: GPL-2.0-or-later
// Pinned XDP links.
#include "bpf/xdp_link.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/if_link.h>

#include <cerrno>
#include <cstring>

#include "bpf/owner.hpp"
#include "bpf/pins.hpp"
#include "bpf/state.hpp"

namespace yett::xdp {
namespace {

Error refused(const char* what, std::uint32_t ifindex, const char* hint) {
    return {ErrorKind::kernel,
            fmt::format("cannot {} the XDP program of interface {}: {}", what, ifindex,
                        std::strerror(errno)),
            hint};
}

}  // namespace

std::string link_path(const std::string& root, std::uint32_t ifindex) {
    return fmt::format("{}/links/xdp_{}", root, ifindex);
}

std::optional<Link> link_of(int fd) {
    bpf_link_info info{};
    std::uint32_t size = sizeof(info);
    if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0 || info.type != BPF_LINK_TYPE_XDP) return {};
    return Link{info.xdp.ifindex, info.prog_id};
}

Result<std::optional<Link>> pinned(const std::string& root, std::uint32_t ifindex) {
    auto fd = pins::open(link_path(root, ifindex));
    if (!fd) return fd.error();
    if (!fd->valid()) return std::optional<Link>();
    const auto link = link_of(fd->get());
    if (link && link->ifindex == ifindex) return link;
    if (auto gone = pins::unpin(link_path(root, ifindex)); !gone) return gone.error();
    return std::optional<Link>();
}

int attach(const std::string& root, std::uint32_t ifindex, int program, std::uint32_t flags) {
    bpf_link_create_opts options{};
    options.sz = sizeof(options);
    options.flags = flags;
    const Fd link(bpf_link_create(program, static_cast<int>(ifindex), BPF_XDP, &options));
    if (!link.valid()) return -errno;
    return pins::pin(link.get(), link_path(root, ifindex)) ? 0 : -EIO;
}

Result<void> release(const std::string& root, std::uint32_t ifindex) {
    const std::string path = link_path(root, ifindex);
    auto fd = pins::open(path);
    if (!fd) return fd.error();
    if (fd->valid() && bpf_link_detach(fd->get()) != 0)
        return refused("detach", ifindex, "it goes on filtering");
    return pins::unpin(path);
}

Result<void> update(const std::string& root, const std::string& name, int program) {
    const std::string path = root + "/links/" + name;
    auto fd = pins::open(path);
    if (!fd) return fd.error();
    const auto link = fd->valid() ? link_of(fd->get()) : std::nullopt;
    if (!link || link->ifindex == 0) return pins::unpin(path);
    if (link->program == program_id(program) || bpf_link_update(fd->get(), program, nullptr) == 0)
        return {};
    return refused("replace", link->ifindex, "the old program goes on filtering");
}

Result<void> inherit(const std::string& from, const std::string& root, std::uint32_t ifindex,
                     int program) {
    const auto link = pinned(from, ifindex);
    if (!link) return link.error();
    if (!*link) return {};
    if (auto done = update(from, fmt::format("xdp_{}", ifindex), program); !done) return done;
    return pins::move(link_path(from, ifindex), link_path(root, ifindex));
}

Result<void> forget_gone(const std::string& root) {
    for (const std::string& name : pins::list(root + "/links")) {
        const std::string path = root + "/links/" + name;
        auto fd = pins::open(path);
        if (!fd) return fd.error();
        const auto link = fd->valid() ? link_of(fd->get()) : std::nullopt;
        if (!link || link->ifindex != 0) continue;
        if (auto gone = pins::unpin(path); !gone) return gone;
    }
    return {};
}

AttachMode mode(std::uint32_t ifindex) {
    bpf_xdp_query_opts query{};
    query.sz = sizeof(query);
    if (bpf_xdp_query(static_cast<int>(ifindex), 0, &query) != 0) return AttachMode::xdp_native;
    return query.attach_mode == XDP_ATTACHED_SKB ? AttachMode::xdp_generic : AttachMode::xdp_native;
}

std::string holder(std::uint32_t ifindex) {
    std::uint32_t id = 0;
    if (bpf_xdp_query_id(static_cast<int>(ifindex), 0, &id) != 0 || id == 0) return "";
    return program_words(id);
}

}  // namespace yett::xdp
