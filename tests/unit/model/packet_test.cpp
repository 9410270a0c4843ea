// SPDX-License-Identifier: GPL-2.0-or-later
// Packets in words: what is understood, what is refused and how, and that words and packets agree.
#include "model/packet.hpp"

#include <gtest/gtest.h>

#include "model/protocol.hpp"

namespace yett {
namespace {

TEST(PacketWords, PrintAsTheyAreRead) {
    const struct {
        const char* typed;
        const char* printed;
    } rows[] = {
        {"tcp 203.0.113.9:4444 > 198.51.100.7:22 syn", ""},
        {"tcp 203.0.113.9:4444>198.51.100.7:22", "tcp 203.0.113.9:4444 > 198.51.100.7:22 syn"},
        {"tcp 203.0.113.9 > 198.51.100.7 ack", "tcp 203.0.113.9:0 > 198.51.100.7:0 ack"},
        {"tcp 203.0.113.9:1 > 198.51.100.7:2 syn,ack",
         "tcp 203.0.113.9:1 > 198.51.100.7:2 syn ack"},
        {"tcp 203.0.113.9:1 > 198.51.100.7:2 flags none", ""},
        {"tcp [2001:db8::9]:0x50 > [2001:db8::7]:22 fin psh urg ttl 1",
         "tcp [2001:db8::9]:80 > [2001:db8::7]:22 fin psh urg ttl 1"},
        {"udp 192.0.2.1:123 > 198.51.100.7:5000 len 480", ""},
        {"udp 192.0.2.1:123 > 198.51.100.7:5000 dscp 46 vlan 5,7", ""},
        {"icmp 192.0.2.1 > 198.51.100.7 type 8", "icmp 192.0.2.1 > 198.51.100.7 type 8 code 0"},
        {"icmpv6 2001:db8::1 > 2001:db8::2 type 135 ttl 255",
         "icmp6 2001:db8::1 > 2001:db8::2 type 135 code 0 ttl 255"},
        {"sctp 192.0.2.1:1 > 192.0.2.2:2", ""},
        {"esp 192.0.2.1 > 192.0.2.2", ""},
        {"proto 6 192.0.2.1:1 > 192.0.2.2:2 rst", "tcp 192.0.2.1:1 > 192.0.2.2:2 rst"},
        {"ip 253 192.0.2.1 > 192.0.2.2", "proto 253 192.0.2.1 > 192.0.2.2"},
        {"proto 1 2001:db8::1 > 2001:db8::2", ""},
        {"arp 192.0.2.1 > 192.0.2.2 vlan 0", ""},
        {"ethertype 0x88cc", ""},
        {"ethertype 35020 vlan 4094", "ethertype 0x88cc vlan 4094"},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 frag first id 9",
         "udp 192.0.2.1:1 > 192.0.2.2:2 frag first id 9"},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 frag later", "udp 192.0.2.1:1 > 192.0.2.2:2 frag 1480"},
        {"udp [2001:db8::1]:1 > [2001:db8::2]:2 frag 8", ""},
        {"tcp 192.0.2.1:1 > 192.0.2.2:2 pppoe vlan 7 syn ah",
         "tcp 192.0.2.1:1 > 192.0.2.2:2 syn ah pppoe vlan 7"},
        {"udp [2001:db8::1]:1 > [2001:db8::2]:2 ah pppoe", ""},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.typed);
        const auto packet = parse_packet(row.typed);
        ASSERT_TRUE(packet.ok()) << packet.error().message;
        EXPECT_EQ(to_text(*packet), *row.printed ? row.printed : row.typed);
        const auto again = parse_packet(to_text(*packet));
        ASSERT_TRUE(again.ok()) << again.error().message;
        EXPECT_EQ(*again, *packet);
    }
}

TEST(PacketWords, EveryProtocolComesBack) {
    for (int proto = 0; proto <= 255; ++proto) {
        if (proto == kProtocolAh) continue;  // read through, a protocol of no packet
        SCOPED_TRACE(proto);
        const auto packet =
            parse_packet("proto " + std::to_string(proto) + " 192.0.2.1 > 192.0.2.2");
        ASSERT_TRUE(packet.ok()) << packet.error().message;
        EXPECT_EQ(packet->proto, proto);
        const auto again = parse_packet(to_text(*packet));
        ASSERT_TRUE(again.ok()) << to_text(*packet) << ": " << again.error().message;
        EXPECT_EQ(*again, *packet);
    }
}

TEST(PacketWords, NameTheWrongWord) {
    const struct {
        const char* typed;
        const char* message;
        const char* hint;
    } rows[] = {
        {"", "empty", "write for example"},
        {"tpc 192.0.2.1:1 > 192.0.2.2:2", "\"tpc\" is no protocol", "\"tcp\""},
        {"tcp", "source address is missing", ""},
        {"tcp 192.0.2.1:1", "\">\" is missing", "SOURCE > DESTINATION"},
        {"tcp 192.0.2.1:1 >", "destination address is missing", ""},
        {"tcp 192.0.2.1:1 192.0.2.2:2", "\">\" is missing", ""},
        {"tcp 192.0.2.1:65616 > 192.0.2.2:80", "\"65616\" is no port", "65535"},
        {"tcp 192.0.2.1: > 192.0.2.2:80", "\"\" is no port", ""},
        {"tcp 192.0.2.300:1 > 192.0.2.2:2", "\"192.0.2.300:1\" is no source", "192.0.2.1:80"},
        {"tcp [2001:db8::1]80 > [2001:db8::2]:2", "\"[2001:db8::1]80\" is no source", ""},
        {"tcp 192.0.2.1:1 > 2001:db8::2", "different families", ""},
        {"esp 192.0.2.1:1 > 192.0.2.2", "\"192.0.2.1:1\" has a port", "leave out \":1\""},
        {"icmp 2001:db8::1 > 2001:db8::2", "for IPv4", "icmp6"},
        {"icmp6 192.0.2.1 > 192.0.2.2", "for IPv6", "\"icmp\""},
        {"arp 2001:db8::1 > 2001:db8::2", "IPv4", "icmp6"},
        {"ah 2001:db8::1 > 2001:db8::2", "\"ah\" is an extension header", ""},
        {"proto 44 2001:db8::1 > 2001:db8::2", "\"44\" is an extension header", ""},
        {"proto 256 192.0.2.1 > 192.0.2.2", "\"256\" is no proto", "255"},
        {"tcp 192.0.2.1:1 > 192.0.2.2:2 sny", "\"sny\"", "\"syn\""},
        {"tcp 192.0.2.1:1 > 192.0.2.2:2 syn,bla", "\"bla\"", ""},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 syn", "\"syn\" is a TCP flag", ""},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 type 8", "\"type\" is for icmp", ""},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 ttl", "missing after \"ttl\"", ""},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 ttl 256", "\"256\" is no ttl", "255"},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 ttl -1", "\"-1\" is no ttl", ""},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 dscp 64", "\"64\" is no dscp", "63"},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 len 65536", "\"65536\" is no len", ""},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 len 27", "len 27 is shorter", "at least 28"},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 frag first len 29", "multiple of 8", "len 36"},
        {"ah 192.0.2.1 > 192.0.2.2", "read through", "\"ah\" after the addresses"},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 ah frag later", "do not go together", "trace a frame"},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 frag 12", "\"12\" is no fragment offset", ""},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 frag 65528", "beyond the longest", ""},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 id 65536", "IPv4 fragment", ""},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 vlan 4095", "\"4095\" is no VLAN", "4094"},
        {"udp 192.0.2.1:1 > 192.0.2.2:2 vlan 5,,7", "\"\" is no VLAN", ""},
        {"ethertype 0x0800", "needs addresses", "tcp"},
        {"ethertype 0x0806", "needs addresses", "arp"},
        {"ethertype 0x8100", "VLAN tag", "vlan N"},
        {"ethertype 1500", "length", "0x0600"},
        {"ethertype 0x88cc ttl 3", "\"ttl\" does not fit", "vlan"},
        {"\x1b[31m 192.0.2.1 > 192.0.2.2", "\"?[31m\" is no protocol", ""},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.typed);
        const auto packet = parse_packet(row.typed);
        ASSERT_FALSE(packet.ok()) << to_text(*packet);
        EXPECT_EQ(packet.error().kind, ErrorKind::usage);
        EXPECT_NE(packet.error().message.find(row.message), std::string::npos)
            << packet.error().message;
        EXPECT_NE(packet.error().hint.find(row.hint), std::string::npos) << packet.error().hint;
    }
}

TEST(PacketWords, LongTextsAreOnlyQuotedInPart) {
    const auto packet = parse_packet(std::string(100000, 'x'));
    ASSERT_FALSE(packet.ok());
    EXPECT_LT(packet.error().message.size(), 200u);
}

}  // namespace
}  // namespace yett
