// SPDX-License-Identifier: GPL-2.0-or-later
// Frames of packets in words: octets that another implementation (scapy) makes of the same packet.
#include <gtest/gtest.h>

#include "model/packet.hpp"

namespace yett {
namespace {

std::string hexadecimal(const std::vector<std::uint8_t>& octets) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t octet : octets) {
        text += kDigits[octet >> 4];
        text += kDigits[octet & 15];
    }
    return text;
}

/// Without the zeros that pad a short frame.
std::string without_padding(std::string text, std::size_t octets) {
    EXPECT_EQ(text.find_first_not_of('0', octets * 2), std::string::npos);
    return text.substr(0, octets * 2);
}

TEST(Frame, HasTheOctetsThatOthersMake) {
    const struct {
        const char* packet;
        const char* octets;
    } rows[] = {
        {"tcp 203.0.113.9:4444 > 198.51.100.7:22 syn",
         "020000000002020000000001080045000028000100004006148bcb007109c6336407115c0016"
         "00000001000000005002ffff382b0000"},
        {"tcp [2001:db8::9]:4444 > [2001:db8::7]:22 syn ack vlan 5",
         "0200000000020200000000018100000586dd600000000014064020010db80000000000000000"
         "0000000920010db8000000000000000000000007115c001600000001000000015012ffff42dd"
         "0000"},
        {"udp 192.0.2.1:123 > 198.51.100.7:5000 len 33",
         "0200000000020200000000010800450000210001000040118e8fc0000201c6336407007b1388"
         "000dff940000000000"},
        {"udp [2001:db8::9]:4444 > [2001:db8::7]:22 dscp 46",
         "02000000000202000000000186dd6b8000000008114020010db8000000000000000000000009"
         "20010db8000000000000000000000007115c0016000892ea"},
        {"sctp 192.0.2.1:123 > 198.51.100.7:5000",
         "0200000000020200000000010800450000200001000040848e1dc0000201c6336407007b1388"
         "000000011f4e965d"},
        {"icmp 192.0.2.1 > 198.51.100.7 type 8 ttl 1",
         "02000000000202000000000108004500001c000100000101cda4c0000201c63364070800f7ff"
         "00000000"},
        {"icmp6 2001:db8::1 > 2001:db8::2 type 128 code 0 ttl 255",
         "02000000000202000000000186dd6000000000083aff20010db8000000000000000000000001"
         "20010db80000000000000000000000028000244800000000"},
        {"arp 192.0.2.1 > 192.0.2.2 vlan 5,7",
         "02000000000202000000000188a800058100000708060001080006040001020000000001c000"
         "0201000000000000c0000202"},
        {"udp 203.0.113.9:4444 > 198.51.100.7:22 frag first id 9",
         "02000000000202000000000108004500001c000920004011f483cb007109c6336407115c0016"
         "00088827"},
        {"udp [2001:db8::9]:4444 > [2001:db8::7]:22 frag 1480 id 77",
         "02000000000202000000000186dd6000000000102c4020010db8000000000000000000000009"
         "20010db8000000000000000000000007110005c80000004d115c0016000892ea"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.packet);
        const auto packet = parse_packet(row.packet);
        ASSERT_TRUE(packet.ok()) << packet.error().message;
        const auto frame = to_frame(*packet);
        EXPECT_GE(frame.size(), 60u);
        EXPECT_EQ(without_padding(hexadecimal(frame), std::string(row.octets).size() / 2),
                  row.octets);
    }
}

TEST(Frame, LengthIsWhatWasAskedFor) {
    const struct {
        const char* packet;
        std::size_t ip_length;
        std::size_t frame;
    } rows[] = {
        {"tcp 192.0.2.1:1 > 192.0.2.2:2", 40, 60},
        {"tcp [2001:db8::1]:1 > [2001:db8::2]:2", 60, 74},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 len 1500 vlan 7", 1500, 1518},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 len 65535", 65535, 65549},
        {"udp [2001:db8::1]:1 > [2001:db8::2]:2 frag first", 56, 70},
        {"tcp 192.0.2.1:1 > 192.0.2.2:2 frag first", 44, 60},
        {"gre 192.0.2.1 > 192.0.2.2", 20, 60},
        {"arp 192.0.2.1 > 192.0.2.2", 0, 60},
        {"tcp 192.0.2.1:1 > 192.0.2.2:2 ah", 64, 78},
        {"tcp [2001:db8::1]:1 > [2001:db8::2]:2 pppoe vlan 7", 60, 86},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.packet);
        const auto packet = parse_packet(row.packet);
        ASSERT_TRUE(packet.ok()) << packet.error().message;
        EXPECT_EQ(ip_length(*packet), row.ip_length);
        EXPECT_EQ(to_frame(*packet).size(), row.frame);
    }
}

}  // namespace
}  // namespace yett
