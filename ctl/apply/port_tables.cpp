// SPDX-License-Identifier: GPL-2.0-or-later
// Sets of ports in the kernel.
#include "apply/port_tables.hpp"

#include <cstring>

namespace yett {

yett_port_set to_port_set(const SetContent& content) {
    yett_port_set out{};
    content.for_each([&](const EntryValue& value, const Entry& entry) {
        if (!entry.is_member()) return;
        const auto range = value.ports();
        for (std::uint32_t port = range.first; port <= range.last; ++port)
            out.bits[port / 64] |= std::uint64_t{1} << (port % 64);
    });
    return out;
}

Result<void> write_ports(const DataPlane& plane, std::uint16_t slot, const SetContent& content) {
    const std::uint32_t key = slot;
    const auto value = to_port_set(content);
    const auto& map = plane.map(MapId::yett_port_sets);
    if (auto written = map.update(&key, &value); !written) return written;
    yett_port_set back{};
    if (auto read = map.lookup(&key, &back); !read) return read.error();
    if (std::memcmp(&back, &value, sizeof(value)) != 0) {
        return Error{ErrorKind::kernel, "a port set reads back other than it was written", ""};
    }
    return {};
}

}  // namespace yett
