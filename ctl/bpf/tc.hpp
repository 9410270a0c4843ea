// SPDX-License-Identifier: GPL-2.0-or-later
// Filters on clsact. Nobody else's is ever replaced or removed.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "bpf/owner.hpp"

namespace yett::tc {

/// A filter of ours. Several yetts may share an interface: each has a handle of its own at one
/// priority, all of them judge, and what one drops is dropped.
struct Filter {
    std::uint32_t handle = 0;
    std::uint32_t program = 0;  ///< id
};

/// direction: enum yett_direction.
std::optional<Filter> find(const Owner& owner, std::uint32_t ifindex, std::uint32_t direction);
/// True: the interface had no clsact, and has one now.
Result<bool> make_clsact(std::uint32_t ifindex);
/// Takes the first free handle; conflict names who holds them all.
Result<void> add(std::uint32_t ifindex, std::uint32_t direction, int program);
/// The program behind a filter, without a gap.
Result<void> replace(std::uint32_t ifindex, std::uint32_t direction, std::uint32_t handle,
                     int program);
/// Every filter of the owner's at this hook, but those of `keep`. False: there was none.
Result<bool> remove(const Owner& owner, std::uint32_t ifindex, std::uint32_t direction,
                    const Owner& keep = {});
/// The clsact, when no filter is left at it; false: somebody uses it, or it is gone.
Result<bool> remove_unused_clsact(std::uint32_t ifindex);

}  // namespace yett::tc
