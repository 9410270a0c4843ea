// SPDX-License-Identifier: GPL-2.0-or-later
// Frames built octet by octet, right or wrong on purpose: what a row cannot say in words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/address.hpp"

namespace yett::corpus {

using Octets = std::vector<std::uint8_t>;

/// Joins octets. `a + b + c` reads as the frame does.
Octets operator+(Octets left, const Octets& right);
Octets zeros(std::size_t count);
/// 16 bits in network byte order.
Octets be16(unsigned value);
Octets be32(std::uint32_t value);
/// The same octets, cut after or padded with zeros to `size`.
Octets sized(Octets octets, std::size_t size);

/// Who speaks in the corpus unless a row says otherwise.
inline constexpr const char* kSource4 = "203.0.113.9";
inline constexpr const char* kHost4 = "192.0.2.7";
inline constexpr const char* kSource6 = "2001:db8:1::9";
inline constexpr const char* kHost6 = "2001:db8:2::7";

struct Tag {
    std::uint16_t tpid = 0x8100;
    std::uint16_t tci = 0;
};

struct Ethernet {
    std::vector<Tag> tags = {};  ///< outermost first
    std::uint16_t type = 0;      ///< behind the tags
    Octets dmac = {2, 0, 0, 0, 0, 2};
};
Octets ethernet(const Ethernet& header, const Octets& payload);

struct Ipv4 {
    std::string src = kSource4;
    std::string dst = kHost4;
    std::uint8_t proto = 6;
    std::uint8_t ttl = 64;
    std::uint8_t tos = 0;
    std::uint16_t id = 1;
    std::uint16_t fragment = 0;  ///< the 16-bit field: 0x8000 reserved, 0x4000 DF, 0x2000 MF
    Octets options = {};         ///< padded with zeros to a multiple of 4
    unsigned version = 4;
    std::optional<unsigned> ihl = std::nullopt;           ///< words; default: as long as it is
    std::optional<unsigned> total_length = std::nullopt;  ///< default: header and payload
};
/// The header checksum is right; those of transports are 0, for no filter looks at them.
Octets ipv4(const Ipv4& header, const Octets& payload);

/// An IPv6 extension header. `body` stands behind next header and length; it is padded with zeros
/// to the header's unit.
struct Extension {
    std::uint8_t kind = 60;
    Octets body = {};
    std::optional<unsigned> length = std::nullopt;  ///< of the length field; default: right
};
Extension hop_by_hop();
Extension destination_options();
/// `offset` in octets.
Extension fragment_header(unsigned offset = 0, bool more = false, std::uint32_t id = 1);
Extension routing_header(std::uint8_t type, std::uint8_t segments_left);
Extension authentication_header();

struct Ipv6 {
    std::string src = kSource6;
    std::string dst = kHost6;
    std::uint8_t hop_limit = 64;
    std::uint8_t traffic_class = 0;
    std::vector<Extension> chain = {};
    std::uint8_t proto = 6;  ///< behind the chain
    unsigned version = 6;
    std::optional<unsigned> payload_length = std::nullopt;
};
Octets ipv6(const Ipv6& header, const Octets& payload);

struct Tcp {
    std::uint16_t sport = 4444;
    std::uint16_t dport = 443;
    unsigned flags = 0x02;  ///< bits above 0xff: the four reserved bits
    std::optional<unsigned> doff = std::nullopt;
    Octets options = {};
    Octets payload = {};
    std::uint32_t seq = 1;
    std::optional<std::uint32_t> ack = std::nullopt;  ///< default: 1 with the flag, else 0
};
Octets tcp(const Tcp& header);

struct Udp {
    std::uint16_t sport = 4444;
    std::uint16_t dport = 53;
    std::optional<unsigned> length = std::nullopt;
    Octets payload = {};
};
Octets udp(const Udp& header);

/// ICMP or ICMPv6: type, code, checksum 0, and the octets behind.
Octets icmp(std::uint8_t type, std::uint8_t code, const Octets& rest = Octets(4, 0));

/// A stack of MPLS labels, from 16 on (RFC 3032 2.1), the last with its bottom bit.
Octets mpls(std::size_t labels, const Octets& inside);

/// The corpus' usual packet of a family, from its attacker to its host.
Octets ip(Family family, std::uint8_t proto, const Octets& payload);
/// The same in an Ethernet frame.
Octets ip_frame(Family family, std::uint8_t proto, const Octets& payload);
Octets frame4(const Ipv4& header, const Octets& payload);
Octets frame6(const Ipv6& header, const Octets& payload);
std::uint16_t ethertype_of(Family family);
const char* name_of(Family family);

inline constexpr Family kFamilies[] = {Family::ipv4, Family::ipv6};

}  // namespace yett::corpus
