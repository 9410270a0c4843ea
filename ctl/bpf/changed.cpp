// SPDX-License-Identifier: GPL-2.0-or-later
// Settings of interfaces, and the notes of what they were.
#include "bpf/changed.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <set>

#include "bpf/interface.hpp"
#include "bpf/pins.hpp"
#include "bpf/tc.hpp"

namespace yett {
namespace {

constexpr const char* kClsact = "clsact";
constexpr const char* kOffload = "offload";

std::string read_link(const std::string& path) {
    char text[64];
    const auto size = ::readlink(path.c_str(), text, sizeof(text));
    return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : "";
}

}  // namespace

std::string ChangedSettings::path_of(std::uint32_t ifindex, const char* what) const {
    return fmt::format("{}/changed/{}_{}", directory_, ifindex, what);
}

void ChangedSettings::write_down(std::uint32_t ifindex, const char* what,
                                 const std::string& value) const {
    if (directory_.empty()) return;
    (void)::mkdir((directory_ + "/changed").c_str(), 0700);
    (void)!::symlink(value.c_str(), path_of(ifindex, what).c_str());
}

Result<void> ChangedSettings::see_tags(const std::string& interface, std::uint32_t ifindex) const {
    const auto changed = switch_off_vlan_offload(interface);
    if (!changed) return changed.error();
    // A note that stands already is older, and right: what was before the first attach.
    if (*changed != 0) write_down(ifindex, kOffload, std::to_string(*changed));
    return {};
}

bool ChangedSettings::switched_off(std::uint32_t ifindex) const {
    return !read_link(path_of(ifindex, kOffload)).empty();
}

Result<void> ChangedSettings::want_clsact(std::uint32_t ifindex) const {
    const auto made = tc::make_clsact(ifindex);
    if (!made) return made.error();
    if (*made) write_down(ifindex, kClsact, "made");
    return {};
}

Result<void> ChangedSettings::give_back_offload(const std::string& interface,
                                                std::uint32_t ifindex) const {
    const std::string path = path_of(ifindex, kOffload);
    const std::string noted = read_link(path);
    if (noted.empty()) return {};
    const auto flags = static_cast<std::uint32_t>(std::strtoul(noted.c_str(), nullptr, 10));
    if (auto done = switch_on_vlan_offload(interface, flags); !done) return done;
    ::unlink(path.c_str());
    return {};
}

Result<void> ChangedSettings::give_back_clsact(std::uint32_t ifindex) const {
    const std::string path = path_of(ifindex, kClsact);
    if (read_link(path).empty()) return {};
    const auto gone = tc::remove_unused_clsact(ifindex);
    if (!gone) return gone.error();
    ::unlink(path.c_str());
    return {};
}

void ChangedSettings::forget_gone() const {
    std::set<std::uint32_t> there;
    for (const Interface& interface : all_interfaces())
        there.insert(interface.index);
    for (const std::string& name : pins::list(directory_ + "/changed")) {
        const auto ifindex = static_cast<std::uint32_t>(std::strtoul(name.c_str(), nullptr, 10));
        if (there.count(ifindex) == 0) ::unlink((directory_ + "/changed/" + name).c_str());
    }
}

}  // namespace yett
