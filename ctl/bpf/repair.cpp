// SPDX-License-Identifier: GPL-2.0-or-later
// Pins that are not as yett left them: programs that are pinned must work on the maps that are, or
// packets would be judged by tables that nobody fills.
#include "bpf/repair.hpp"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "bpf/owner.hpp"
#include "bpf/pins.hpp"

namespace yett {
namespace {

using Ids = std::set<std::uint32_t>;

bpf_map_info info_of(int fd) {
    bpf_map_info info{};
    std::uint32_t size = sizeof(info);
    if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) info = {};
    return info;
}

/// Maps that some pinned program of this version works on, by their names in the kernel.
std::map<std::string, Ids> maps_in_use(const std::string& root) {
    std::map<std::string, Ids> found;
    const std::string programs = root + "/programs/";
    Ids ids;
    for (const std::string& build : pins::list(programs)) {
        for (const std::string& name : pins::list(programs + build)) {
            if (pins::is_program_array(name)) continue;
            const auto fd = pins::open(programs + build + "/" + name);
            if (!fd || !fd->valid()) continue;
            const auto maps = program_info(fd->get()).maps;
            ids.insert(maps.begin(), maps.end());
        }
    }
    for (const std::uint32_t id : ids) {
        const Fd fd(bpf_map_get_fd_by_id(id));
        if (fd.valid()) found[info_of(fd.get()).name].insert(id);
    }
    return found;
}

bool has_shape(const bpf_map_info& info, const MapShape& shape) {
    return info.type == shape.type && info.key_size == shape.key_size &&
           info.value_size == shape.value_size;
}

/// Descriptor of the one map among `ids` that has the shape.
Fd map_among(const Ids& ids, const MapShape& shape) {
    Fd found;
    for (const std::uint32_t id : ids) {
        Fd fd(bpf_map_get_fd_by_id(id));
        if (!fd.valid() || !has_shape(info_of(fd.get()), shape)) continue;
        if (found.valid()) return {};
        found = std::move(fd);
    }
    return found;
}

enum class Pin { good, mended, strange };

Result<Pin> look_at(const std::string& root, const MapShape& shape, const Ids& in_use) {
    const std::string path = fmt::format("{}/maps/{}", root, shape.name);
    const auto pinned = pins::open(path);
    if (!pinned) return pinned.error();
    const Fd used = map_among(in_use, shape);
    if (pinned->valid()) {
        const bool same = !used.valid() || info_of(used.get()).id == info_of(pinned->get()).id;
        return same ? Pin::good : Pin::strange;
    }
    if (!used.valid()) return in_use.empty() ? Pin::good : Pin::strange;
    if (auto done = pins::pin(used.get(), path); !done) return done.error();
    return Pin::mended;
}

/// A place beside the version for what goes on judging until its attachments are taken over.
Result<void> set_aside(const std::string& root) {
    for (int number = 1; number < 100; ++number) {
        const std::string aside = fmt::format("{}-aside{}", root, number);
        if (pins::list(aside).empty() && pins::remove_all(aside)) return pins::move(root, aside);
    }
    return Error{ErrorKind::conflict, root + " has been set aside too often",
                 "detach, which removes all of it: yett detach"};
}

}  // namespace

std::string kernel_name(const MapShape& shape) {
    return std::string(shape.name).substr(0, BPF_OBJ_NAME_LEN - 1);
}

Result<std::vector<std::string>> repair_pins(const std::string& root,
                                             std::span<const MapShape> shapes) {
    std::vector<std::string> notes;
    const auto in_use = maps_in_use(root);
    if (in_use.empty()) return notes;  // no programs: nothing judges by these maps
    for (const MapShape& shape : shapes) {
        const auto ids = in_use.find(kernel_name(shape));
        const auto pin = look_at(root, shape, ids == in_use.end() ? Ids{} : ids->second);
        if (!pin) return pin.error();
        if (*pin == Pin::good) continue;
        if (*pin == Pin::mended) {
            notes.push_back(fmt::format(
                "the pin of the map {} was gone: it is pinned again, programs had kept it",
                shape.name));
            continue;
        }
        notes.push_back(fmt::format(
            "the pinned map {} is not the one that the pinned programs work on: they go on "
            "judging until new ones with tables of their own take over",
            shape.name));
        if (auto aside = set_aside(root); !aside) return aside.error();
        return notes;
    }
    return notes;
}

}  // namespace yett
