// SPDX-License-Identifier: GPL-2.0-or-later
// Programs and maps by their ids.
#include "bpf/owner.hpp"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/fd.hpp"
#include "bpf/pins.hpp"
#include "bpf/state.hpp"

namespace yett {
namespace {

/// Programs and maps tell their id in the same place: type first, then id.
std::uint32_t id_of_pin(const std::string& path) {
    const auto fd = pins::open(path);
    if (!fd || !fd->valid()) return 0;
    struct {
        std::uint32_t type, id;
    } info{};
    std::uint32_t size = sizeof(info);
    return bpf_obj_get_info_by_fd(fd->get(), &info, &size) == 0 ? info.id : 0;
}

void add_version(Owner& owner, const std::string& root) {
    for (const std::string& map : pins::list(root + "/maps"))
        owner.add_map(id_of_pin(root + "/maps/" + map));
    const std::string programs = root + "/programs/";
    for (const std::string& build : pins::list(programs)) {
        for (const std::string& name : pins::list(programs + build)) {
            const std::uint32_t id = id_of_pin(programs + build + "/" + name);
            if (pins::is_program_array(name)) {
                owner.add_map(id);
            } else {
                owner.add_program(id);
            }
        }
    }
}

/// An entry of yett's whose program array is empty: the kernel emptied it when the last pin went.
bool is_dead(const ProgramInfo& info) {
    const auto ours = std::find(kEntryNames.begin(), kEntryNames.end(), info.name);
    if (ours == kEntryNames.end()) return false;
    for (const std::uint32_t id : info.maps) {
        const Fd fd(bpf_map_get_fd_by_id(id));
        bpf_map_info map{};
        std::uint32_t size = sizeof(map);
        if (!fd.valid() || bpf_obj_get_info_by_fd(fd.get(), &map, &size) != 0) return false;
        if (map.type != BPF_MAP_TYPE_PROG_ARRAY) continue;
        for (std::uint32_t slot = 0; slot < map.max_entries; ++slot) {
            std::uint32_t program = 0;
            if (bpf_map_lookup_elem(fd.get(), &slot, &program) == 0) return false;
        }
        return true;
    }
    return false;
}

}  // namespace

Owner Owner::of_version(const std::string& root) {
    Owner owner;
    add_version(owner, root);
    return owner;
}

Owner Owner::of_directory(const std::string& pin_directory) {
    Owner owner;
    owner.takes_dead_ = true;
    for (const std::string& root : versions_in(pin_directory))
        add_version(owner, root);
    return owner;
}

bool Owner::owns(std::uint32_t program) const {
    if (program == 0) return false;
    if (programs_.count(program) != 0) return true;
    const ProgramInfo info = program_info_of(program);
    return std::any_of(info.maps.begin(), info.maps.end(),
                       [this](std::uint32_t map) { return maps_.count(map) != 0; }) ||
           (takes_dead_ && is_dead(info));
}

std::vector<std::string> versions_in(const std::string& pin_directory) {
    std::vector<std::string> roots;
    for (const std::string& name : pins::list(pin_directory))
        if (name.size() > 1 && name[0] == 'v' && name[1] >= '0' && name[1] <= '9')
            roots.push_back(pin_directory + "/" + name);
    return roots;
}

ProgramInfo program_info(int fd) {
    bpf_prog_info info{};
    std::uint32_t size = sizeof(info);
    if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) return {};
    ProgramInfo out{info.name, std::vector<std::uint32_t>(info.nr_map_ids)};
    info = {};
    info.nr_map_ids = static_cast<std::uint32_t>(out.maps.size());
    info.map_ids = reinterpret_cast<std::uintptr_t>(out.maps.data());
    if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) out.maps.clear();
    return out;
}

ProgramInfo program_info_of(std::uint32_t id) {
    const Fd fd(bpf_prog_get_fd_by_id(id));
    return fd.valid() ? program_info(fd.get()) : ProgramInfo{};
}

std::string program_words(std::uint32_t id) {
    const std::string name = program_info_of(id).name;
    return fmt::format("{} (program {})", name.empty() ? "a program" : name, id);
}

}  // namespace yett
