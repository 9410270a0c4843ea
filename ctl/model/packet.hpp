// SPDX-License-Identifier: GPL-2.0-or-later
// A packet in words: "tcp 203.0.113.9:4444 > 198.51.100.7:22 syn". What people type after `yett
// trace` and in the "tests" of a rule file; it can be turned into a frame.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/address.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// Grammar (words in any order after the addresses; numbers decimal or 0x hex):
///   PROTO SRC[:PORT] > DST[:PORT] [WORD...]   PROTO: tcp udp icmp icmp6 sctp udplite esp gre ...,
///                                             or "ip 89", "proto 89"; IPv6 with ports:
///                                             [2001:db8::1]:80
///   arp SRC > DST [WORD...]                   ethertype 0x88cc [WORD...]
/// Words: TCP flags by name (syn ack fin rst psh urg ece cwr; default for tcp: syn), "flags none",
///   type N, code N, ttl N, dscp N, len N (IP packet length), vlan N[,N], smac MAC, dmac MAC, frag
///   first|later|OFFSET (octets), id N (of the fragment), state new|established|related|invalid,
///   pppoe (the packet is in a PPPoE session), ah (it stands behind an authentication header). A
///   port that is not given is 0.
struct PacketSpec {
    std::optional<Family> family;  ///< empty: neither IPv4 nor IPv6
    std::uint16_t ethertype = 0;
    std::vector<std::uint16_t> vlans;  ///< outermost first
    std::uint64_t smac = 0x020000000001;
    std::uint64_t dmac = 0x020000000002;
    Address src;
    Address dst;
    std::uint8_t proto = 0;
    std::uint16_t sport = 0;
    std::uint16_t dport = 0;
    std::uint8_t tcp_flags = 0;
    std::uint8_t icmp_type = 0;
    std::uint8_t icmp_code = 0;
    std::uint8_t ttl = 64;
    std::uint8_t dscp = 0;
    std::uint16_t len = 0;  ///< IP packet length; 0: as short as the headers allow
    FragmentKind fragment = FragmentKind::none;
    std::uint16_t fragment_offset = 0;  ///< octets, a multiple of 8; for FragmentKind::later
    std::uint32_t fragment_id = 1;
    /// What the packet pretends to be to the known connections; empty: as if none were known.
    std::optional<ConnectionState> state;
    bool pppoe = false;  ///< in a PPPoE session: read through, like a tag
    bool ah = false;     ///< behind an authentication header: read through

    bool operator==(const PacketSpec&) const = default;
};

/// Fails with kind usage; the message says which word is wrong and what would be right. A packet
/// that no header can express is refused here (len below the headers, an IPv6 extension header as
/// protocol).
Result<PacketSpec> parse_packet(std::string_view text);
/// Prints what parse_packet reads back.
std::string to_text(const PacketSpec& packet);

/// What it pretends to be; else what it is where no connection is known: a beginning, or part of
/// what nobody began. What leaves in mid-stream is taken for a connection older than the table.
ConnectionState state_of(const PacketSpec& packet, Direction direction);
/// IPv4 total length, or IPv6 payload length + 40, of the packet that to_frame makes: `len`, but
/// not less than the headers; 0 for frames that are neither. A first fragment's payload is rounded
/// up to 8 octets.
std::uint16_t ip_length(const PacketSpec& packet);
/// The Ethernet frame: valid lengths and checksums, at least 60 octets (short packets are padded).
/// A later fragment's payload imitates the transport header, ports and all. Two tags go out as
/// 0x88a8, 0x8100.
std::vector<std::uint8_t> to_frame(const PacketSpec& packet);

}  // namespace yett
