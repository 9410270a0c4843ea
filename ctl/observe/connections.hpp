// SPDX-License-Identifier: GPL-2.0-or-later
// The connections that the data plane knows, as values.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "abi/connection.h"
#include "base/result.hpp"
#include "bpf/data_plane.hpp"
#include "model/address.hpp"

namespace yett {

struct Connection {
    Address source;                      ///< who sent the first packet
    Address destination;                 ///< to whom
    std::uint16_t source_port = 0;       ///< 0 where the protocol has none; ICMP: the identifier
    std::uint16_t destination_port = 0;  ///< ICMP: the type of the question, 0 for echo
    std::uint8_t proto = 0;
    yett_connection_phase phase = YETT_PHASE_NONE;
    bool proven = false;        ///< both ends are who they say
    bool inner = false;         ///< inside an inspected tunnel
    std::uint32_t idle = 0;     ///< seconds since its last packet, to about one
    std::uint32_t expires = 0;  ///< seconds until it is forgotten
};

/// What is asked for; an empty member asks for nothing.
struct ConnectionFilter {
    std::optional<std::uint8_t> proto;
    std::optional<yett_connection_phase> phase;
    std::optional<Prefix> source, destination;
    std::optional<std::uint16_t> port;  ///< of either end
    std::size_t most = 1000;            ///< connections to give back
};

struct ConnectionTable {
    std::uint64_t capacity[2] = {};  ///< by Family
    std::uint64_t known[2] = {};     ///< that have not ended
    yett_connection_counters counters{};
    std::uint64_t matching = 0;           ///< that the filter asks for
    std::vector<Connection> connections;  ///< of those, the `most` that spoke last
};

/// Reads the tables while packets change them: a connection that begins or ends meanwhile may be
/// missing.
Result<ConnectionTable> read_connections(const DataPlane& plane, const ConnectionFilter& filter);
/// Empties both tables. How many connections there were.
Result<std::uint64_t> forget_connections(const DataPlane& plane);

}  // namespace yett
