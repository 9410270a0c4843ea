// SPDX-License-Identifier: GPL-2.0-or-later
// The frame builder of the packet tests.
#include "packet/frames.hpp"

#include <stdexcept>

namespace yett::corpus {
namespace {

constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44, kAuthentication = 51,
                       kDestination = 60;

Octets address(const std::string& text) {
    const auto parsed = parse_address(text);
    if (!parsed) throw std::invalid_argument("no address: " + text);
    return {parsed->octets.begin(), parsed->octets.begin() + parsed->bits() / 8};
}

std::uint16_t checksum(const Octets& octets) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < octets.size(); ++i)
        sum += octets[i] << (i % 2 ? 0 : 8);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

std::size_t rounded_up(std::size_t size, std::size_t unit) {
    return (size + unit - 1) / unit * unit;
}

Octets octet(unsigned value) {
    return {static_cast<std::uint8_t>(value)};
}

/// RFC 8200 4.2 and, for AH, RFC 4302 2.2: AH counts in words of 4 octets, minus 2.
Octets written(const Extension& extension, std::uint8_t next) {
    const bool ah = extension.kind == kAuthentication;
    Octets body = extension.body;
    body.resize(rounded_up(body.size() + 2, 8) - 2);
    const std::size_t size = body.size() + 2;
    const unsigned right = static_cast<unsigned>(ah ? size / 4 - 2 : size / 8 - 1);
    return octet(next) + octet(extension.length.value_or(right)) + body;
}

}  // namespace

Octets operator+(Octets left, const Octets& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

Octets zeros(std::size_t count) {
    return Octets(count, 0);
}

Octets be16(unsigned value) {
    return octet(value >> 8) + octet(value);
}

Octets be32(std::uint32_t value) {
    return be16(value >> 16) + be16(value & 0xffff);
}

Octets sized(Octets octets, std::size_t size) {
    octets.resize(size);
    return octets;
}

Octets ethernet(const Ethernet& header, const Octets& payload) {
    Octets frame = header.dmac + Octets{2, 0, 0, 0, 0, 1};
    for (const Tag& tag : header.tags)
        frame = frame + be16(tag.tpid) + be16(tag.tci);
    return frame + be16(header.type) + payload;
}

Octets ipv4(const Ipv4& header, const Octets& payload) {
    const Octets options = sized(header.options, rounded_up(header.options.size(), 4));
    const std::size_t size = 20 + options.size();
    const unsigned total = static_cast<unsigned>(size + payload.size());
    const unsigned ihl = header.ihl.value_or(static_cast<unsigned>(size / 4));
    Octets out = octet(header.version << 4 | (ihl & 15)) + octet(header.tos) +
                 be16(header.total_length.value_or(total)) + be16(header.id) +
                 be16(header.fragment) + octet(header.ttl) + octet(header.proto) + be16(0) +
                 address(header.src) + address(header.dst) + options;
    const Octets sum = be16(checksum(out));
    out[10] = sum[0];
    out[11] = sum[1];
    return out + payload;
}

Extension hop_by_hop() {
    return {.kind = kHopByHop, .body = {1, 4, 0, 0, 0, 0}};
}

Extension destination_options() {
    return {.kind = kDestination, .body = {1, 4, 0, 0, 0, 0}};
}

Extension fragment_header(unsigned offset, bool more, std::uint32_t id) {
    return {.kind = kFragment, .body = be16(offset | (more ? 1 : 0)) + be32(id), .length = 0};
}

Extension routing_header(std::uint8_t type, std::uint8_t segments_left) {
    return {.kind = kRouting,
            .body = octet(type) + octet(segments_left) + be32(0) + address("2001:db8:3::1")};
}

Extension authentication_header() {
    return {.kind = kAuthentication, .body = be16(0) + be32(0x100) + be32(1) + zeros(12)};
}

Octets ipv6(const Ipv6& header, const Octets& payload) {
    Octets rest = payload;
    std::uint8_t next = header.proto;
    for (auto at = header.chain.rbegin(); at != header.chain.rend(); ++at) {
        rest = written(*at, next) + rest;
        next = at->kind;
    }
    const std::uint32_t first = header.version << 28 | header.traffic_class << 20;
    return be32(first) + be16(header.payload_length.value_or(static_cast<unsigned>(rest.size()))) +
           octet(next) + octet(header.hop_limit) + address(header.src) + address(header.dst) + rest;
}

Octets tcp(const Tcp& header) {
    const Octets options = sized(header.options, rounded_up(header.options.size(), 4));
    const unsigned doff = header.doff.value_or(static_cast<unsigned>(5 + options.size() / 4));
    return be16(header.sport) + be16(header.dport) + be32(header.seq) +
           be32(header.ack.value_or(header.flags & 0x10 ? 1 : 0)) +
           be16(doff << 12 | (header.flags & 0xfff)) + be16(65535) + be32(0) + options +
           header.payload;
}

Octets udp(const Udp& header) {
    const unsigned length = static_cast<unsigned>(8 + header.payload.size());
    return be16(header.sport) + be16(header.dport) + be16(header.length.value_or(length)) +
           be16(0) + header.payload;
}

Octets icmp(std::uint8_t type, std::uint8_t code, const Octets& rest) {
    return octet(type) + octet(code) + be16(0) + rest;
}

Octets ip(Family family, std::uint8_t proto, const Octets& payload) {
    if (family == Family::ipv4) return ipv4({.proto = proto}, payload);
    return ipv6({.proto = proto}, payload);
}

Octets ip_frame(Family family, std::uint8_t proto, const Octets& payload) {
    return ethernet({.type = ethertype_of(family)}, ip(family, proto, payload));
}

Octets frame4(const Ipv4& header, const Octets& payload) {
    return ethernet({.type = 0x0800}, ipv4(header, payload));
}

Octets frame6(const Ipv6& header, const Octets& payload) {
    return ethernet({.type = 0x86dd}, ipv6(header, payload));
}

std::uint16_t ethertype_of(Family family) {
    return family == Family::ipv4 ? 0x0800 : 0x86dd;
}

const char* name_of(Family family) {
    return family == Family::ipv4 ? "v4" : "v6";
}

Octets mpls(std::size_t labels, const Octets& inside) {
    Octets stack;
    for (std::size_t i = 0; i < labels; ++i)
        stack = stack + be32(static_cast<std::uint32_t>(16 + i) << 12 |
                             (i + 1 == labels ? 0x100u : 0u) | 64);
    return stack + inside;
}

}  // namespace yett::corpus
