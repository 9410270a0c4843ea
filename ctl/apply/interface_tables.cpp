// SPDX-License-Identifier: GPL-2.0-or-later
// Sets of interfaces in the kernel.
#include "apply/interface_tables.hpp"

#include <cstring>

namespace yett {

yett_interface_set to_interface_set(const SetContent& content,
                                    const std::map<std::string, std::uint16_t>& interfaces) {
    yett_interface_set out{};
    for (const auto& [name, slot] : interfaces) {
        if (slot == 0 || slot >= YETT_MAX_INTERFACES) continue;
        if (!content.find(EntryValue::of_interface(name)).is_member()) continue;
        out.bits[slot / 64] |= std::uint64_t{1} << (slot % 64);
    }
    return out;
}

Result<void> write_interfaces(const DataPlane& plane, std::uint16_t slot, const SetContent& content,
                              const std::map<std::string, std::uint16_t>& interfaces) {
    const std::uint32_t key = slot;
    const auto value = to_interface_set(content, interfaces);
    const auto& map = plane.map(MapId::yett_interface_sets);
    if (auto written = map.update(&key, &value); !written) return written;
    yett_interface_set back{};
    if (auto read = map.lookup(&key, &back); !read) return read.error();
    if (std::memcmp(&back, &value, sizeof(value)) != 0) {
        return Error{ErrorKind::kernel, "a set of interfaces reads back other than it was written",
                     ""};
    }
    return {};
}

}  // namespace yett
