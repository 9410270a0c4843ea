// SPDX-License-Identifier: GPL-2.0-or-later
// Match keys on frames of one family: the family itself, and frames that are neither IPv4 nor IPv6.
#include "packet/match.hpp"

namespace yett::corpus {
namespace {

constexpr const char* kArp = "arp 192.0.2.1 > 192.0.2.7";

constexpr MatchCase kOneFamily[] = {
    {R"("family": "ipv4")", "tcp 192.0.2.1:1 > 192.0.2.7:80", Hit::yes},
    {R"("family": "ipv4")", "tcp [2001:db8::1]:1 > [2001:db8::2]:80", Hit::no},
    {R"("family": "ipv6")", "tcp 192.0.2.1:1 > 192.0.2.7:80", Hit::no},
    {R"("family": "ipv6")", "tcp [2001:db8::1]:1 > [2001:db8::2]:80", Hit::yes},
    {R"("family": ["ipv4", "ipv6"])", "tcp [2001:db8::1]:1 > [2001:db8::2]:80", Hit::yes},
    {R"("not": {"family": "ipv6"})", "tcp 192.0.2.1:1 > 192.0.2.7:80", Hit::yes},
    {R"("family": "ipv4")", kArp, Hit::no},
    {R"("family": ["ipv4", "ipv6"])", kArp, Hit::no},
    {R"("not": {"family": ["ipv4", "ipv6"]})", kArp, Hit::yes},
    {R"("ethertype": "0x0800")", "tcp 192.0.2.1:1 > 192.0.2.7:80", Hit::yes},
    {R"("ethertype": "0x0800")", "tcp [2001:db8::1]:1 > [2001:db8::2]:80", Hit::no},
    {R"("ethertype": "arp")", kArp, Hit::yes},
    {R"("ethertype": "arp")", "ethertype 0x88cc", Hit::no},
    {R"("ethertype": ">=0x8800")", "ethertype 0x88cc", Hit::yes},
    {R"("ethertype": "0x88cc")", "ethertype 0x88cc vlan 9", Hit::yes},
    {R"("not": {"ethertype": "arp"})", kArp, Hit::no},
    {R"("iface": "eth0")", kArp, Hit::yes},
    {R"("iface": "eth0")", kArp, Hit::no, "eth1"},
    {R"("direction": "ingress")", kArp, Hit::ingress},
    {R"("direction": "egress")", "ethertype 0x88cc", Hit::egress},
    {R"("vlan": 7)", "arp 192.0.2.1 > 192.0.2.7 vlan 7", Hit::yes},
    {R"("vlan": 7)", "ethertype 0x88cc", Hit::no},
    {R"("vlan": 0)", "ethertype 0x88cc", Hit::yes},
    {R"("src": "0.0.0.0/0")", kArp, Hit::no},
    {R"("dst": "0.0.0.0/0")", kArp, Hit::no},
    {R"("src": ["0.0.0.0/0", "::/0"])", "ethertype 0x88cc", Hit::no},
    {R"("not": {"src": "192.0.2.0/24"})", kArp, Hit::yes},
    {R"("not": {"dst": "192.0.2.0/24"})", "ethertype 0x88cc", Hit::yes},
    {R"("smac": "02:00:00:00:00:01")", kArp, Hit::yes},
    {R"("smac": "02:00:00:00:00:01")", "arp 192.0.2.1 > 192.0.2.7 smac 02:00:00:00:00:09", Hit::no},
    {R"("dmac": "ff:ff:ff:ff:ff:ff")", "arp 192.0.2.1 > 192.0.2.7 dmac ff:ff:ff:ff:ff:ff",
     Hit::yes},
    {R"("dmac": "ff:ff:ff:ff:ff:ff")", "ethertype 0x88cc", Hit::no},
    {R"("not": {"smac": "02:00:00:00:00:00/40"})", kArp, Hit::no},
    {R"("smac": "@macs")", kArp, Hit::yes},
    {R"("smac": "@strangers")", kArp, Hit::no},
    {R"("smac": "@strangers")", "arp 192.0.2.1 > 192.0.2.7 smac 02:00:00:00:00:09", Hit::yes},
    {R"("dmac": "@strangers")", "arp 192.0.2.1 > 192.0.2.7 dmac ff:ff:ff:ff:ff:ff", Hit::yes},
    {R"("dmac": "@strangers")", "ethertype 0x88cc", Hit::no},
    {R"("iface": "@inside")", kArp, Hit::yes},
    {R"("iface": "@inside")", kArp, Hit::no, "eth1"},
    {R"("proto": "0-255")", kArp, Hit::no},
    {R"("not": {"proto": "0-255"})", kArp, Hit::yes},
    {R"("sport": "0-65535")", kArp, Hit::no},
    {R"("not": {"sport": "0-65535"})", kArp, Hit::yes},
    {R"("dport": "0-65535")", "ethertype 0x88cc", Hit::no},
    {R"("not": {"dport": 22})", "ethertype 0x88cc", Hit::yes},
    {R"("tcp_flags": "!syn")", kArp, Hit::no},
    {R"("not": {"tcp_flags": "syn"})", kArp, Hit::yes},
    {R"("icmp_type": "0-255")", kArp, Hit::no},
    {R"("not": {"icmp_type": "0-255"})", kArp, Hit::yes},
    {R"("icmp_code": "0-255")", kArp, Hit::no},
    {R"("not": {"icmp_code": "0-255"})", kArp, Hit::yes},
    {R"("len": "0-65535")", kArp, Hit::no},
    {R"("not": {"len": ">=100"})", kArp, Hit::yes},
    {R"("ttl": "0-255")", kArp, Hit::no},
    {R"("not": {"ttl": 255})", kArp, Hit::yes},
    {R"("dscp": "0-63")", kArp, Hit::no},
    {R"("not": {"dscp": 0})", kArp, Hit::yes},
    {R"("fragment": "none")", kArp, Hit::no},
    {R"("not": {"fragment": "any"})", kArp, Hit::yes},
    {R"("state": ["new", "established", "related", "invalid"])", kArp, Hit::no},
    {R"("not": {"state": "new"})", kArp, Hit::yes},
    {"", kArp, Hit::yes},
    {"", "ethertype 0x88cc", Hit::yes},
    // ICMP's number is a protocol like any in the other family, and carries no type there.
    {R"("icmp_type": "0-255")", "proto 58 192.0.2.1 > 192.0.2.7", Hit::no},
    {R"("icmp_type": "0-255")", "proto 1 2001:db8::1 > 2001:db8::2", Hit::no},
    {R"("proto": "icmp6", "icmp_type": 128)", "icmp6 2001:db8::1 > 2001:db8::2 type 128", Hit::yes},
    {R"("proto": "icmp", "icmp_type": 8)", "icmp 192.0.2.1 > 192.0.2.7 type 8", Hit::yes},
};

}  // namespace

std::vector<Row> match_family_rows() {
    std::vector<Row> rows;
    for (const MatchCase& one : kOneFamily)
        append(rows, rows_of("match", one, Family::ipv4));
    return rows;
}

}  // namespace yett::corpus
