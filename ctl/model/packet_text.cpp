// SPDX-License-Identifier: GPL-2.0-or-later
// Prints a packet in the words that parse_packet reads.
#include <cstdio>

#include "abi/fields.h"
#include "model/names.hpp"
#include "model/packet.hpp"
#include "model/protocol.hpp"

namespace yett {
namespace {

bool has_icmp(const PacketSpec& packet) {
    return (packet.family == Family::ipv4 && packet.proto == kProtocolIcmp) ||
           (packet.family == Family::ipv6 && packet.proto == kProtocolIcmp6);
}

std::string protocol_words(const PacketSpec& packet) {
    const bool icmp_name = packet.proto == kProtocolIcmp || packet.proto == kProtocolIcmp6;
    const std::string name = protocol_name(packet.proto);
    // ICMP of the other family has no types: its number alone says that it is a strange packet.
    if ((icmp_name && !has_icmp(packet)) || name == std::to_string(packet.proto))
        return "proto " + std::to_string(packet.proto);
    return name;
}

std::string endpoint(const Address& address, bool port, std::uint16_t number) {
    if (!port) return to_text(address);
    const std::string text = to_text(address);
    const std::string host = address.family == Family::ipv6 ? '[' + text + ']' : text;
    return host + ':' + std::to_string(number);
}

std::string flag_words(std::uint8_t flags) {
    if (flags == 0) return " flags none";
    std::string text;
#define YETT_TCP_FLAG_WORD(name, word, bit) \
    if (flags & (bit)) text += " " word;
    YETT_TCP_FLAGS(YETT_TCP_FLAG_WORD)
#undef YETT_TCP_FLAG_WORD
    return text;
}

std::string fragment_words(const PacketSpec& packet) {
    if (packet.fragment == FragmentKind::none) return {};
    std::string text = " frag first";
    if (packet.fragment == FragmentKind::later)
        text = " frag " + std::to_string(packet.fragment_offset);
    if (packet.fragment_id != PacketSpec{}.fragment_id)
        text += " id " + std::to_string(packet.fragment_id);
    return text;
}

std::string ip_words(const PacketSpec& packet) {
    std::string text;
    if (packet.proto == kProtocolTcp) text += flag_words(packet.tcp_flags);
    if (has_icmp(packet)) {
        text += " type " + std::to_string(packet.icmp_type);
        text += " code " + std::to_string(packet.icmp_code);
    }
    if (packet.ttl != PacketSpec{}.ttl) text += " ttl " + std::to_string(packet.ttl);
    if (packet.dscp != 0) text += " dscp " + std::to_string(packet.dscp);
    if (packet.len != 0) text += " len " + std::to_string(packet.len);
    text += fragment_words(packet);
    if (packet.ah) text += " ah";
    if (packet.pppoe) text += " pppoe";
    if (packet.state) text += " state " + std::string(kStateNames[static_cast<int>(*packet.state)]);
    return text;
}

std::string vlan_words(const PacketSpec& packet) {
    std::string text;
    for (const std::uint16_t vlan : packet.vlans)
        text += (text.empty() ? " vlan " : ",") + std::to_string(vlan);
    return text;
}

std::string link_words(const PacketSpec& packet) {
    const PacketSpec usual;
    std::string text = vlan_words(packet);
    if (packet.smac != usual.smac) text += " smac " + mac_text(packet.smac);
    if (packet.dmac != usual.dmac) text += " dmac " + mac_text(packet.dmac);
    return text;
}

std::string hexadecimal(std::uint16_t number) {
    char text[8];
    std::snprintf(text, sizeof text, "0x%04x", static_cast<unsigned>(number));
    return text;
}

}  // namespace

std::string to_text(const PacketSpec& packet) {
    if (!packet.family && packet.ethertype == kEthertypeArp)
        return "arp " + to_text(packet.src) + " > " + to_text(packet.dst) + link_words(packet);
    if (!packet.family) return "ethertype " + hexadecimal(packet.ethertype) + link_words(packet);
    const bool ports = has_ports(packet.proto);
    return protocol_words(packet) + ' ' + endpoint(packet.src, ports, packet.sport) + " > " +
           endpoint(packet.dst, ports, packet.dport) + ip_words(packet) + link_words(packet);
}

}  // namespace yett
