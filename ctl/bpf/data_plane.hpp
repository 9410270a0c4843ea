// SPDX-License-Identifier: GPL-2.0-or-later
// The loaded data plane: maps, programs, prog arrays; and the frames one can hand to it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "abi/maps.h"
#include "base/result.hpp"
#include "bpf/map.hpp"

namespace yett {

enum class MapId {
#define YETT_MAP_ID(name, type, key, value, entries, flags) name,
    YETT_MAPS(YETT_MAP_ID)
#undef YETT_MAP_ID
};

/// How an attachment sees frames. xdp_native: in the driver. xdp_generic: after the skb is made,
/// slower. tc: on clsact. Egress is always tc.
enum class AttachMode { xdp_native, xdp_generic, tc };

struct Attachment {
    std::string interface;
    std::uint32_t ifindex = 0;
    std::uint32_t direction = 0;  ///< enum yett_direction
    AttachMode mode = AttachMode::xdp_native;
    std::string note;  ///< why it is not xdp_native, or what that costs here; empty otherwise
};

/// What a ruleset asks of an attachment to ingress that not every XDP hook can give. tags: every
/// VLAN tag is seen, also one that stands beside the frame. replies: a frame can be sent back.
/// frames: of super-packets, each segment counts.
struct Demands {
    bool tags = false;
    bool replies = false;
    bool frames = false;
    std::optional<AttachMode> asked;  ///< by name; empty: what suits the driver
};

/// Owns descriptors of everything that is loaded. With a pin directory, the destructor leaves
/// filtering as it is: the pins hold programs, maps and links. Without one (tests, `check --load`),
/// all of it goes.
class DataPlane {
  public:
    struct Options {
        /// Created with mode 0700. Refused when it exists and is not root's or others may write
        /// (hazard: bpffs roots are mode 1777). Empty: nothing is pinned.
        std::string pin_directory = "/sys/fs/bpf/yett";
        /// Connections to remember, of each family: a power of two from 1024 on. Tables that are
        /// pinned already keep their size.
        std::uint32_t connections = YETT_MAX_CONNECTIONS;
    };

    /// Adopts what is pinned by the same build; loads what is missing. A pinned data plane of the
    /// same ABI but other programs keeps its maps and attachments: the programs are replaced behind
    /// each link without a gap. What another ABI attached goes on until attach() takes it over.
    static Result<DataPlane> open(const Options& options);

    DataPlane(DataPlane&&) noexcept;
    DataPlane& operator=(DataPlane&&) noexcept;
    ~DataPlane();

    /// True when open() found everything pinned and loaded nothing.
    [[nodiscard]] bool adopted() const;
    /// What was amiss with the pins, and what was done about it.
    [[nodiscard]] const std::vector<std::string>& notes() const;
    [[nodiscard]] const Map& map(MapId id) const;

    /// The counters of rules in place: [cpu * YETT_MAX_COUNTERS + slot]. The data plane adds to
    /// them meanwhile.
    [[nodiscard]] std::span<yett_counter> rule_counters() const;

    /// The generation word (yett_control): a relaxed read, and the one atomic store that switches.
    [[nodiscard]] std::uint64_t word() const;
    void set_word(std::uint64_t word);
    /// Returns when every packet that was being judged at the call is done (an RCU grace period).
    Result<void> wait_for_packets() const;

    /// Registers nothing and needs a slot that is registered (yett_interfaces). Ingress: by
    /// plan_hook(), and on TC where that fails. Never replaces somebody else's program, and another
    /// pin directory's is somebody else's. What is attached already moves when it does not meet the
    /// demands, or is asked for elsewhere; for a moment both hooks judge, never none.
    Result<Attachment> attach(const std::string& interface, std::uint32_t direction,
                              const Demands& demands = {});
    /// Before rules with these demands are switched to: an attachment to XDP that is not what they
    /// will have goes to TC, where old rules and new ones are judged alike.
    Result<void> leave_unfit_xdp(const std::string& interface, const Demands& demands);
    /// Gives back what attaching changed. false: was not attached.
    Result<bool> detach(const std::string& interface, std::uint32_t direction);
    [[nodiscard]] Result<bool> is_attached(std::uint32_t ifindex, std::uint32_t direction) const;
    /// Pins again what somebody unpinned: without its pins, the data plane would end with this
    /// process.
    Result<void> restore_pins();
    /// Removes what is noted and pinned of interfaces that are gone: each link would hold a little
    /// memory for ever.
    Result<void> forget_gone_interfaces();
    /// Removes the pins of other versions, once nothing runs their programs.
    Result<void> forget_other_versions();
    /// What the kernel says now, not what was once asked for.
    Result<std::vector<Attachment>> attachments() const;

    /// Runs the loaded programs on a frame, as the packet of `request` (BPF_PROG_TEST_RUN). id is
    /// filled in. Needs at least 14 octets.
    Result<yett_trace_result> trace(std::span<const std::uint8_t> frame,
                                    yett_trace_request request);

    /// What the attached entry program returns for the frame, counters and bans included: an XDP_
    /// code for ingress, a TC_ACT_ code for egress or ingress_on_tc. For tests and benchmarks.
    enum class Entry { xdp_ingress, tc_ingress, tc_egress };
    struct RunResult {
        std::uint32_t action = 0;
        std::uint32_t nanoseconds = 0;  ///< average of `repeat` runs
    };
    Result<RunResult> run(Entry entry, std::span<const std::uint8_t> frame, std::uint32_t ifindex,
                          std::uint32_t repeat = 1);
    /// Descriptor of an entry program, for a test program that calls it; owned by this object.
    [[nodiscard]] int entry_program(Entry entry) const;

    struct State;

  private:
    explicit DataPlane(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace yett
