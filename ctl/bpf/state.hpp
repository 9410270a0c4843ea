// SPDX-License-Identifier: GPL-2.0-or-later
// What a DataPlane holds. Only the files of this folder include it.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "abi/stages.h"
#include "bpf/data_plane.hpp"
#include "bpf/hooks.hpp"
#include "bpf/owner.hpp"

namespace yett {

/// The programs that packets enter by, in the order of their pins. kTrace... are never attached.
enum EntryId { kXdpIngress, kTcIngress, kTcEgress, kXdpTrace, kTcTrace, kEntryCount };
inline constexpr std::array<const char*, kEntryCount> kEntryNames = {
    "yett_xdp_ingress", "yett_tc_ingress", "yett_tc_egress", "yett_xdp_trace", "yett_tc_trace"};

inline constexpr std::size_t kMapCount = 0
#define YETT_COUNT_MAP(name, type, key, value, entries, flags) +1
    YETT_MAPS(YETT_COUNT_MAP)
#undef YETT_COUNT_MAP
    ;

/// Programs and prog arrays of one build. While any of these descriptors or their pins live, the
/// kernel keeps the prog arrays filled (it empties one when its last user-space reference goes).
struct Programs {
    std::array<Fd, kEntryCount> entries;
    std::array<Fd, YETT_STAGE_COUNT> xdp_stages;
    std::array<Fd, YETT_STAGE_COUNT> tc_stages;
    Fd xdp_array;
    Fd tc_array;
};

/// What was last said of an attachment to ingress, and what was asked for.
struct Told {
    AttachMode mode = AttachMode::xdp_native;
    std::optional<AttachMode> asked;
    std::string note;
};

struct DataPlane::State {
    std::string pin_directory;  ///< empty: nothing is pinned
    std::string root;           ///< PIN_DIRECTORY/v<ABI>
    Owner owner;                ///< what works on these maps, of whichever build
    std::optional<PinnedHooks> hooks;
    std::vector<std::string> notes;  ///< what was amiss with the pins, and what was done
    bool adopted = false;
    std::array<Map, kMapCount> maps;
    Programs programs;
    std::optional<MappedArray> control;
    std::optional<MappedArray> trace_request;
    std::optional<MappedArray> trace_result;
    std::optional<MappedArray> rule_counters;
    std::map<std::uint32_t, Told> told;  ///< by number of the interface
    std::uint64_t next_trace_id = 1;
};

/// Creates and fills programs that use these maps.
Result<Programs> load_programs(const std::array<Map, kMapCount>& maps);
/// A name for the BPF code that is built into this binary: other code, other name.
std::string build_name();
/// Replaces the programs behind every existing attachment that runs another build. Never detaches.
Result<void> move_attachments(DataPlane::State& state);

std::uint32_t program_id(int fd);

}  // namespace yett
