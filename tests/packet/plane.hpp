// SPDX-License-Identifier: GPL-2.0-or-later
// The loaded programs in a network namespace of their own, with a ruleset in force.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "abi/maps.h"
#include "base/result.hpp"
#include "bpf/data_plane.hpp"
#include "compile/compile.hpp"
#include "packet/row.hpp"

namespace yett::corpus {

/// What the programs said of a traced frame.
struct Judged {
    Verdict verdict = Verdict::drop;
    std::string rule;    ///< name, "(policy)", or empty
    std::string reason;  ///< name
    yett_trace_result fields{};
};

/// Counters that moved, by label: "rule web", "reason policy passed", "eth0 seen" ... The process
/// enters a fresh namespace with a veth pair eth0, eth1, so that interface rows, local addresses
/// and routes are real.
class Plane {
  public:
    using Counters = std::map<std::string, yett_counter>;

    static Result<std::unique_ptr<Plane>> open();

    /// Puts a ruleset in force; nothing happens when it already is.
    Result<void> load(const std::string& ruleset_text);
    Result<Judged> trace(const Octets& frame, Direction direction, const std::string& iface);
    /// Through the entry program, counters and bans included.
    Result<std::uint32_t> run(const Octets& frame, Hook hook, const std::string& iface);
    /// What moved since the last call, or since the ruleset was put in force.
    Result<Counters> moved();
    /// From now on (not) both interfaces' packets have no Ethernet header.
    Result<void> set_bare(bool bare);
    void forget_bans();
    Result<void> forget_connections();
    Result<void> age_connections(std::uint32_t seconds);

    [[nodiscard]] const Ruleset& ruleset() const { return ruleset_; }
    [[nodiscard]] DataPlane& data_plane() { return plane_; }

  private:
    explicit Plane(DataPlane plane) : plane_(std::move(plane)) {}
    Result<void> register_interfaces() const;
    Slots slots_for(const Ruleset& ruleset) const;
    Result<std::vector<yett_counter>> read_counters() const;
    [[nodiscard]] std::string label_of(std::size_t counter) const;
    template <typename Place, typename Use>
    Result<void> each_way(MapId id, Use use);
    template <typename Use>
    Result<void> each_connection(Use use);

    DataPlane plane_;
    Ruleset ruleset_;
    std::string text_;
    Tables tables_;
    Slots slots_;
    std::vector<std::string> counters_;  ///< names by counter slot
    std::vector<yett_counter> last_;
    std::uint64_t generation_ = 0;
    bool bare_ = false;
};

/// The value of a row's expectation as the counters show it.
Plane::Counters expected_counters(const Row& row, Hook hook);
std::uint32_t expected_action(const Row& row, Hook hook);
const char* reason_name(std::uint32_t reason);

}  // namespace yett::corpus
