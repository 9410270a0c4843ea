// SPDX-License-Identifier: GPL-2.0-or-later
// Attachments of one pin directory, seen and taken off.
#include "bpf/hooks.hpp"

#include <bpf/libbpf.h>
#include <fmt/format.h>

#include "abi/fields.h"
#include "bpf/hook_plan.hpp"
#include "bpf/pins.hpp"
#include "bpf/tc.hpp"
#include "bpf/xdp_link.hpp"

namespace yett {

std::string note_of(AttachMode mode, const Interface& interface) {
    if (const auto kind = find_interface(interface.name); kind && kind->bare) return kBareOnTc;
    return note_afterwards(mode, {driver_of(interface.name), xdp::holder(interface.index)});
}

PinnedHooks::PinnedHooks(std::string pin_directory)
    : directory_(std::move(pin_directory)), owner_(Owner::of_directory(directory_)) {
    libbpf_set_print(nullptr);  // what went wrong stands in our errors
}

Result<std::vector<Attachment>> PinnedHooks::attachments() const {
    std::vector<Attachment> all;
    const auto roots = versions_in(directory_);
    const auto add = [&](const Interface& interface, std::uint32_t direction, AttachMode mode) {
        const bool ingress = direction == YETT_INGRESS;
        all.push_back({interface.name, interface.index, direction, mode,
                       ingress ? note_of(mode, interface) : ""});
    };
    for (const Interface& interface : all_interfaces()) {
        for (const std::string& root : roots) {
            const auto link = xdp::pinned(root, interface.index);
            if (!link) return link.error();
            if (*link) add(interface, YETT_INGRESS, xdp::mode(interface.index));
        }
        for (const std::uint32_t direction : {YETT_INGRESS, YETT_EGRESS})
            if (tc::find(owner_, interface.index, direction))
                add(interface, direction, AttachMode::tc);
    }
    return all;
}

Result<bool> PinnedHooks::release_links(const Interface& interface) const {
    bool any = false;
    for (const std::string& root : versions_in(directory_)) {
        const auto link = xdp::pinned(root, interface.index);
        if (!link) return link.error();
        if (!*link) continue;
        if (auto gone = xdp::release(root, interface.index); !gone) return gone.error();
        any = true;
    }
    return any;
}

Result<void> PinnedHooks::give_back(const Interface& interface, std::uint32_t direction) const {
    const ChangedSettings changed(directory_);
    if (direction == YETT_INGRESS)
        if (auto done = changed.give_back_offload(interface.name, interface.index); !done)
            return done;
    for (const std::uint32_t other : {YETT_INGRESS, YETT_EGRESS})
        if (tc::find(owner_, interface.index, other)) return {};
    return changed.give_back_clsact(interface.index);
}

Result<bool> PinnedHooks::detach(const Interface& interface, std::uint32_t direction) const {
    bool detached = false;
    if (direction == YETT_INGRESS) {
        const auto released = release_links(interface);
        if (!released) return released;
        detached = *released;
    }
    const auto removed = tc::remove(owner_, interface.index, direction);
    if (!removed) return removed;
    detached |= *removed;
    if (!detached) return false;
    if (auto given = give_back(interface, direction); !given) return given.error();
    return true;
}

Result<void> PinnedHooks::remove_pins() const {
    const auto left = attachments();
    if (!left) return left.error();
    if (!left->empty())
        return Error{ErrorKind::conflict,
                     fmt::format("yett is still attached to {}", left->front().interface),
                     "detach it first: yett detach"};
    for (const std::string& root : versions_in(directory_)) {
        if (auto gone = xdp::forget_gone(root); !gone) return gone;
        if (!pins::list(root + "/links").empty())
            return Error{ErrorKind::conflict, "yett is attached in another network namespace",
                         "detach it from there: nsenter --net=... yett detach"};
    }
    for (const std::string& root : versions_in(directory_))
        if (auto gone = pins::remove_all(root); !gone) return gone;
    return pins::remove_all(directory_ + "/changed");
}

}  // namespace yett
