// SPDX-License-Identifier: GPL-2.0-or-later
// A packet in words turned into an Ethernet frame.
#include <algorithm>
#include <cstddef>

#include "abi/fields.h"
#include "model/packet.hpp"
#include "model/protocol.hpp"

namespace yett {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr std::uint16_t kEthertypeVlan = 0x8100, kEthertypeServiceVlan = 0x88a8;
constexpr std::size_t kIpv4Header = 20, kIpv6Header = 40, kFragmentHeader = 8;
constexpr std::size_t kShortestFrame = 60;
constexpr std::size_t kAuthenticationHeader = 24;
constexpr std::uint8_t kNextHeaderFragment = 44;
constexpr unsigned kPppIpv4 = 0x0021, kPppIpv6 = 0x0057, kPppLcp = 0xc021;

void put8(Octets& out, unsigned value) {
    out.push_back(static_cast<std::uint8_t>(value));
}

void put16(Octets& out, unsigned value) {
    put8(out, value >> 8);
    put8(out, value);
}

void put32(Octets& out, std::uint32_t value) {
    put16(out, value >> 16);
    put16(out, value);
}

void put_address(Octets& out, const Address& address) {
    out.insert(out.end(), address.octets.begin(), address.octets.begin() + address.bits() / 8);
}

void set16(Octets& out, std::size_t at, unsigned value) {
    out[at] = static_cast<std::uint8_t>(value >> 8);
    out[at + 1] = static_cast<std::uint8_t>(value);
}

/// RFC 1071.
std::uint16_t internet_checksum(const Octets& octets) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < octets.size(); ++i)
        sum += octets[i] << (i % 2 == 0 ? 8 : 0);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

/// RFC 9260 appendix A, bit by bit: only frames for tests and traces go through here.
std::uint32_t crc32c(const Octets& octets) {
    constexpr std::uint32_t kPolynomial = 0x82f63b78;
    std::uint32_t crc = 0xffffffff;
    for (const std::uint8_t octet : octets) {
        crc ^= octet;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ (crc & 1 ? kPolynomial : 0);
    }
    return ~crc;
}

/// The transport header without its checksum.
std::size_t transport_size(std::uint8_t proto) {
    switch (proto) {
        case kProtocolTcp:
            return 20;
        case kProtocolDccp:
        case kProtocolSctp:
            return 12;
        case kProtocolUdp:
        case kProtocolUdpLite:
        case kProtocolIcmp:
        case kProtocolIcmp6:
            return 8;
        default:
            return 0;
    }
}

/// Where the 16-bit checksum of the transport header stands; 0: it has none.
std::size_t checksum_offset(std::uint8_t proto) {
    switch (proto) {
        case kProtocolTcp:
            return 16;
        case kProtocolUdp:
        case kProtocolUdpLite:
        case kProtocolDccp:
            return 6;
        case kProtocolIcmp:
        case kProtocolIcmp6:
            return 2;
        default:
            return 0;
    }
}

std::size_t network_size(const PacketSpec& packet) {
    const std::size_t ah = packet.ah ? kAuthenticationHeader : 0;
    if (packet.family == Family::ipv4) return kIpv4Header + ah;
    return kIpv6Header + ah + (packet.fragment == FragmentKind::none ? 0 : kFragmentHeader);
}

/// What the header before the transport header, or before AH, says.
unsigned first_protocol(const PacketSpec& packet) {
    return packet.ah ? unsigned{kProtocolAh} : packet.proto;
}

/// RFC 4302 2: 96 bits of an integrity check value that nobody checks.
void put_authentication(Octets& out, const PacketSpec& packet) {
    constexpr unsigned kWords = kAuthenticationHeader / 4 - 2, kParameters = 0x100, kSequence = 1;
    if (!packet.ah) return;
    const std::size_t end = out.size() + kAuthenticationHeader;
    put8(out, packet.proto);
    put8(out, kWords);
    put16(out, 0);
    put32(out, kParameters);
    put32(out, kSequence);
    out.resize(end);
}

void put_tcp_rest(Octets& out, const PacketSpec& packet) {
    constexpr unsigned kDataOffset = 5 << 4, kWindow = 65535;
    put32(out, 1);
    put32(out, packet.tcp_flags & YETT_TCP_ACK ? 1 : 0);
    put8(out, kDataOffset);
    put8(out, packet.tcp_flags);
    put16(out, kWindow);
    put32(out, 0);
}

/// RFC 4340 5.1: a Data packet with short sequence numbers.
void put_dccp_rest(Octets& out) {
    constexpr unsigned kDataOffset = 3, kTypeData = 2 << 1;
    put8(out, kDataOffset);
    put8(out, 0);
    put16(out, 0);
    put8(out, kTypeData);
    put8(out, 0);
    put16(out, 1);
}

Octets transport_header(const PacketSpec& packet, std::size_t payload) {
    Octets out;
    if (has_ports(packet.proto)) {
        put16(out, packet.sport);
        put16(out, packet.dport);
    }
    switch (packet.proto) {
        case kProtocolTcp:
            put_tcp_rest(out, packet);
            break;
        case kProtocolDccp:
            put_dccp_rest(out);
            break;
        case kProtocolUdp:
            put32(out, static_cast<std::uint32_t>(payload) << 16);
            break;
        case kProtocolUdpLite:
            put32(out, 0);
            break;
        case kProtocolSctp:
            put32(out, 1);
            put32(out, 0);
            break;
        case kProtocolIcmp:
        case kProtocolIcmp6:
            put8(out, packet.icmp_type);
            put8(out, packet.icmp_code);
            put16(out, 0);
            put32(out, 0);
            break;
        default:
            break;
    }
    return out;
}

/// RFC 9293 3.1 for IPv4, RFC 8200 8.1 for IPv6.
Octets pseudo_header(const PacketSpec& packet, std::size_t payload) {
    Octets out;
    put_address(out, packet.src);
    put_address(out, packet.dst);
    put32(out, static_cast<std::uint32_t>(payload));
    put32(out, packet.proto);
    return out;
}

void set_checksum(Octets& transport, const PacketSpec& packet) {
    constexpr std::size_t kSctpChecksum = 8;
    if (packet.proto == kProtocolSctp) {
        const std::uint32_t crc = crc32c(transport);
        for (unsigned i = 0; i < 4; ++i)
            transport[kSctpChecksum + i] = static_cast<std::uint8_t>(crc >> (8 * i));
    }
    const std::size_t at = checksum_offset(packet.proto);
    if (at == 0) return;
    const bool bare = packet.proto == kProtocolIcmp;
    Octets covered = bare ? Octets{} : pseudo_header(packet, transport.size());
    covered.insert(covered.end(), transport.begin(), transport.end());
    const std::uint16_t sum = internet_checksum(covered);
    const bool zero_means_none = packet.proto == kProtocolUdp || packet.proto == kProtocolUdpLite;
    set16(transport, at, sum == 0 && zero_means_none ? 0xffff : sum);
}

Octets transport_of(const PacketSpec& packet) {
    const std::size_t payload = ip_length(packet) - network_size(packet);
    Octets transport = transport_header(packet, payload);
    transport.resize(payload);
    set_checksum(transport, packet);
    return transport;
}

void put_ipv4(Octets& out, const PacketSpec& packet) {
    constexpr unsigned kVersionAndLength = 0x45, kMoreFragments = 0x2000;
    Octets header;
    put8(header, kVersionAndLength);
    put8(header, packet.dscp << 2);
    put16(header, ip_length(packet));
    put16(header, packet.fragment_id);
    unsigned fragment = 0;
    if (packet.fragment == FragmentKind::first) fragment = kMoreFragments;
    if (packet.fragment == FragmentKind::later) fragment = packet.fragment_offset / 8;
    put16(header, fragment);
    put8(header, packet.ttl);
    put8(header, first_protocol(packet));
    put16(header, 0);
    put_address(header, packet.src);
    put_address(header, packet.dst);
    set16(header, 10, internet_checksum(header));
    out.insert(out.end(), header.begin(), header.end());
    put_authentication(out, packet);
}

void put_ipv6(Octets& out, const PacketSpec& packet) {
    const bool whole = packet.fragment == FragmentKind::none;
    put32(out, (6u << 28) | (static_cast<std::uint32_t>(packet.dscp) << 22));
    put16(out, ip_length(packet) - kIpv6Header);
    put8(out, whole ? first_protocol(packet) : kNextHeaderFragment);
    put8(out, packet.ttl);
    put_address(out, packet.src);
    put_address(out, packet.dst);
    if (whole) return put_authentication(out, packet);
    put8(out, packet.proto);
    put8(out, 0);
    // RFC 8200 4.5: the offset in units of 8 octets stands above 2 reserved bits and the M bit.
    put16(out, packet.fragment == FragmentKind::first ? 1 : packet.fragment_offset & 0xfff8);
    put32(out, packet.fragment_id);
}

/// RFC 826: a request.
void put_mac(Octets& out, std::uint64_t mac) {
    for (int shift = 40; shift >= 0; shift -= 8)
        put8(out, mac >> shift & 0xff);
}

void put_arp(Octets& out, const PacketSpec& packet) {
    constexpr unsigned kEthernet = 1, kIpv4 = 0x0800, kRequest = 1;
    put16(out, kEthernet);
    put16(out, kIpv4);
    put8(out, 6);
    put8(out, 4);
    put16(out, kRequest);
    put_mac(out, packet.smac);
    put_address(out, packet.src);
    for (int i = 0; i < 6; ++i)
        put8(out, 0);
    put_address(out, packet.dst);
}

void put_link(Octets& out, const PacketSpec& packet) {
    put_mac(out, packet.dmac);
    put_mac(out, packet.smac);
    for (std::size_t i = 0; i < packet.vlans.size(); ++i) {
        const bool inner = i + 1 == packet.vlans.size();
        put16(out, inner ? kEthertypeVlan : kEthertypeServiceVlan);
        put16(out, packet.vlans[i]);
    }
    put16(out, packet.pppoe ? kEthertypePppoe : packet.ethertype);
}

/// RFC 2516 4: a session frame with `octets` behind the number of the PPP protocol.
void put_pppoe(Octets& out, unsigned protocol, std::size_t octets) {
    constexpr unsigned kVersionAndType = 0x11, kSession = 1, kNumber = 2;
    put8(out, kVersionAndType);
    put8(out, 0);
    put16(out, kSession);
    put16(out, static_cast<unsigned>(octets + kNumber));
    put16(out, protocol);
}

/// RFC 1661 5.8: what keeps a session without traffic alive.
void put_link_control(Octets& out) {
    constexpr unsigned kEchoRequest = 9, kOctets = 8;
    put_pppoe(out, kPppLcp, kOctets);
    put8(out, kEchoRequest);
    put8(out, 1);
    put16(out, kOctets);
    put32(out, 0);
}

}  // namespace

std::uint16_t ip_length(const PacketSpec& packet) {
    if (!packet.family) return 0;
    const std::size_t network = network_size(packet);
    std::size_t payload = transport_size(packet.proto);
    if (packet.fragment != FragmentKind::none) payload = std::max<std::size_t>(payload, 8);
    if (packet.len > network) payload = std::max(payload, packet.len - network);
    if (packet.fragment == FragmentKind::first) {
        payload = (payload + 7) / 8 * 8;
        if (network + payload > 65535) payload -= 8;
    }
    return static_cast<std::uint16_t>(network + payload);
}

std::vector<std::uint8_t> to_frame(const PacketSpec& packet) {
    Octets out;
    put_link(out, packet);
    if (packet.family) {
        const bool ipv4 = packet.family == Family::ipv4;
        if (packet.pppoe) put_pppoe(out, ipv4 ? kPppIpv4 : kPppIpv6, ip_length(packet));
        ipv4 ? put_ipv4(out, packet) : put_ipv6(out, packet);
        const Octets transport = transport_of(packet);
        out.insert(out.end(), transport.begin(), transport.end());
    } else if (packet.ethertype == kEthertypeArp) {
        put_arp(out, packet);
    } else if (packet.ethertype == kEthertypePppoe) {
        put_link_control(out);
    }
    if (out.size() < kShortestFrame) out.resize(kShortestFrame);
    return out;
}

}  // namespace yett
