// SPDX-License-Identifier: GPL-2.0-or-later
// Every match key, hit and missed, over IPv4 and IPv6. $s, $d, $n and $r become the source, the
// destination, the source's network and a range of addresses around the source, in each family; $e
// and $q become the ICMP types of an echo and of its reply.
#include "packet/match.hpp"

namespace yett::corpus {
namespace {

constexpr MatchCase kBothFamilies[] = {
    {R"("iface": "eth0")", "tcp $s:1000 > $d:80", Hit::yes},
    {R"("iface": "eth1")", "tcp $s:1000 > $d:80", Hit::no},
    {R"("iface": ["eth0", "eth1"])", "udp $s:1000 > $d:80", Hit::yes, "eth1"},
    {R"("not": {"iface": "eth1"})", "tcp $s:1000 > $d:80", Hit::yes},
    {R"("not": {"iface": "eth1"})", "tcp $s:1000 > $d:80", Hit::no, "eth1"},

    {R"("direction": "ingress")", "tcp $s:1000 > $d:80", Hit::ingress},
    {R"("direction": "egress")", "tcp $s:1000 > $d:80", Hit::egress},
    {R"("direction": ["ingress", "egress"])", "tcp $s:1000 > $d:80", Hit::yes},
    {R"("not": {"direction": "ingress"})", "tcp $s:1000 > $d:80", Hit::egress},

    {R"("ethertype": "0x0600-0x07ff")", "tcp $s:1000 > $d:80", Hit::no},
    {R"("ethertype": ["0x0800", "0x86dd"])", "tcp $s:1000 > $d:80", Hit::yes},
    {R"("not": {"ethertype": "0x0806"})", "tcp $s:1000 > $d:80", Hit::yes},
    {R"("ethertype": ["0x0800", "0x86dd"])", "tcp $s:1000 > $d:80 vlan 7", Hit::yes},

    {R"("vlan": 0)", "tcp $s:1000 > $d:80", Hit::yes},
    {R"("vlan": 7)", "tcp $s:1000 > $d:80", Hit::no},
    {R"("vlan": 7)", "tcp $s:1000 > $d:80 vlan 7", Hit::yes},
    {R"("vlan": 7)", "tcp $s:1000 > $d:80 vlan 8", Hit::no},
    {R"("vlan": 7)", "tcp $s:1000 > $d:80 vlan 7,8", Hit::yes},
    {R"("vlan": 8)", "tcp $s:1000 > $d:80 vlan 7,8", Hit::no},
    {R"("vlan": 8)", "tcp $s:1000 > $d:80 vlan 0,8", Hit::yes},
    {R"("vlan": 0)", "tcp $s:1000 > $d:80 vlan 0", Hit::yes},
    {R"("vlan": ["100-200", 4094])", "tcp $s:1000 > $d:80 vlan 4094", Hit::yes},
    {R"("vlan": ["100-200", 4094])", "tcp $s:1000 > $d:80 vlan 200", Hit::yes},
    {R"("vlan": ["100-200", 4094])", "tcp $s:1000 > $d:80 vlan 201", Hit::no},
    {R"("not": {"vlan": 0})", "tcp $s:1000 > $d:80 vlan 3", Hit::yes},

    {R"("smac": "02:00:00:00:00:01")", "tcp $s:1000 > $d:80", Hit::yes},
    {R"("smac": "02:00:00:00:00:01")", "tcp $s:1000 > $d:80 smac 02:00:00:00:00:03", Hit::no},
    {R"("smac": "02:00:00:00:00:00/24")", "tcp $s:1000 > $d:80 smac 02:00:00:ff:00:01", Hit::yes},
    {R"("smac": "02:00:00:00:00:00/24")", "tcp $s:1000 > $d:80 smac 02:00:01:ff:00:01", Hit::no},
    {R"("not": {"smac": "02:00:00:00:00:01"})", "udp $s:1000 > $d:80", Hit::no},
    {R"("dmac": "02:00:00:00:00:02")", "tcp $s:1000 > $d:80 vlan 5", Hit::yes},
    {R"("dmac": "02:00:00:00:00:02")", "tcp $s:1000 > $d:80 dmac ff:ff:ff:ff:ff:ff", Hit::no},
    {R"("dmac": ["ff:ff:ff:ff:ff:ff", "02:00:00:00:00:02"])", "tcp $s:1000 > $d:80", Hit::yes},
    {R"("smac": "02:00:00:00:00:02")", "tcp $s:1000 > $d:80", Hit::no},

    {R"("src": "$n")", "tcp $s:1000 > $d:80", Hit::yes},
    {R"("src": "$n")", "tcp $d:1000 > $s:80", Hit::no},
    {R"("src": "$r")", "tcp $s:1000 > $d:80", Hit::yes},
    {R"("src": "$r")", "tcp $d:1000 > $s:80", Hit::no},
    {R"("src": ["192.0.2.0/24", "2001:db8:2::/48"])", "tcp $s:1000 > $d:80", Hit::no},
    {R"("src": ["192.0.2.0/24", "2001:db8:2::/48"])", "tcp $d:1000 > $s:80", Hit::yes},
    {R"("src": "@nets")", "tcp $s:1000 > $d:80", Hit::yes},
    {R"("src": "@nets")", "tcp $d:1000 > $s:80", Hit::no},
    {R"("src": "@none")", "tcp $s:1000 > $d:80", Hit::no},
    {R"("src": ["@none", "@nets"])", "tcp $s:1000 > $d:80", Hit::yes},
    {R"("not": {"src": "@nets"})", "tcp $s:1000 > $d:80", Hit::no},
    {R"("not": {"src": "@nets"})", "tcp $d:1000 > $s:80", Hit::yes},
    {R"("not": {"src": "$n"})", "tcp $s:1000 > $d:80", Hit::no},
    {R"("src": "$n", "not": {"src": "@nets"})", "tcp $s:1000 > $d:80", Hit::no},
    {R"("src": ["0.0.0.0/0"])", "tcp $s:1000 > $d:80", Hit::v4_only},
    {R"("src": ["::/0"])", "tcp $s:1000 > $d:80", Hit::v6_only},

    {R"("dst": "$n")", "tcp $d:1000 > $s:80", Hit::yes},
    {R"("dst": "$n")", "tcp $s:1000 > $d:80", Hit::no},
    {R"("dst": "$r")", "tcp $d:1000 > $s:80", Hit::yes},
    {R"("dst": "@nets")", "tcp $d:1000 > $s:80", Hit::yes},
    {R"("dst": "@nets")", "tcp $s:1000 > $d:80", Hit::no},
    {R"("not": {"dst": "@nets"})", "tcp $s:1000 > $d:80", Hit::yes},
    {R"("src": "$n", "dst": "$n")", "tcp $s:1000 > $d:80", Hit::no},
    {R"("src": "$n", "dst": "$n")", "tcp $s:1000 > $s:80", Hit::yes},

    {R"("proto": "tcp")", "tcp $s:1000 > $d:80", Hit::yes},
    {R"("proto": "tcp")", "udp $s:1000 > $d:80", Hit::no},
    {R"("proto": ["udp", 89])", "proto 89 $s > $d", Hit::yes},
    {R"("proto": "80-90")", "proto 91 $s > $d", Hit::no},
    {R"("proto": 255)", "proto 255 $s > $d", Hit::yes},
    {R"("proto": 0)", "tcp $s:1000 > $d:80", Hit::no},
    {R"("not": {"proto": "tcp"})", "udp $s:1000 > $d:80", Hit::yes},
    {R"("not": {"proto": "tcp"})", "tcp $s:1000 > $d:80", Hit::no},

    {R"("sport": 1000)", "tcp $s:1000 > $d:80", Hit::yes},
    {R"("sport": 1000)", "udp $s:1000 > $d:80", Hit::yes},
    {R"("sport": 1000)", "sctp $s:1000 > $d:80", Hit::yes},
    {R"("sport": 1000)", "udplite $s:1000 > $d:80", Hit::yes},
    {R"("sport": 1000)", "dccp $s:1000 > $d:80", Hit::yes},
    {R"("sport": 80)", "tcp $s:1000 > $d:80", Hit::no},
    {R"("sport": 80)", "udp $s:1000 > $d:80", Hit::no},
    {R"("sport": "1-1023")", "tcp $s:1023 > $d:80", Hit::yes},
    {R"("sport": "1-1023")", "tcp $s:1024 > $d:80", Hit::no},
    {R"("sport": ">=1024")", "tcp $s:65535 > $d:80", Hit::yes},
    {R"("sport": "@high")", "tcp $s:40000 > $d:80", Hit::yes},
    {R"("sport": "@high")", "tcp $s:1000 > $d:80", Hit::no},
    {R"("not": {"sport": "@high"})", "tcp $s:1000 > $d:80", Hit::yes},
    {R"("sport": 0)", "esp $s > $d", Hit::no},

    {R"("dport": 80)", "tcp $s:1000 > $d:80", Hit::yes},
    {R"("dport": 80)", "udp $s:1000 > $d:80", Hit::yes},
    {R"("dport": 80)", "sctp $s:1000 > $d:80", Hit::yes},
    {R"("dport": 80)", "tcp $s:80 > $d:1000", Hit::no},
    {R"("dport": [22, 80, "8000-8100"])", "tcp $s:1 > $d:8100", Hit::yes},
    {R"("dport": [22, 80, "8000-8100"])", "tcp $s:1 > $d:8101", Hit::no},
    {R"("dport": "<=1023")", "tcp $s:1 > $d:1023", Hit::yes},
    {R"("dport": "@web")", "tcp $s:1 > $d:8099", Hit::yes},
    {R"("dport": "@web")", "tcp $s:1 > $d:8101", Hit::no},
    {R"("dport": ["@web", 9999])", "tcp $s:1 > $d:9999", Hit::yes},
    {R"("not": {"dport": "@web"})", "tcp $s:1 > $d:80", Hit::no},
    {R"("not": {"dport": 22})", "icmp $s > $d type 8", Hit::yes},
    {R"("not": {"dport": 22})", "esp $s > $d", Hit::yes},
    {R"("sport": "@high", "dport": "@web")", "tcp $s:40000 > $d:80", Hit::yes},
    {R"("sport": "@high", "dport": "@web")", "tcp $s:80 > $d:40000", Hit::no},

    {R"("tcp_flags": "syn")", "tcp $s:1 > $d:80 syn,ack", Hit::yes},
    {R"("tcp_flags": "syn,!ack")", "tcp $s:1 > $d:80 syn", Hit::yes},
    {R"("tcp_flags": "syn,!ack")", "tcp $s:1 > $d:80 syn,ack", Hit::no},
    {R"("tcp_flags": ["fin", "rst"])", "tcp $s:1 > $d:80 ack,fin", Hit::yes},
    {R"("tcp_flags": ["fin", "rst"])", "tcp $s:1 > $d:80 ack,psh", Hit::no},
    {R"("tcp_flags": "syn")", "udp $s:1 > $d:80", Hit::no},
    {R"("not": {"tcp_flags": "ack"})", "tcp $s:1 > $d:80 syn", Hit::yes},
    {R"("not": {"tcp_flags": "ack"})", "udp $s:1 > $d:80", Hit::yes},
    {R"("tcp_flags": "ece,cwr")", "tcp $s:1 > $d:80 syn,ece,cwr", Hit::yes},

    {R"("icmp_type": [8, 128])", "icmp $s > $d type $e", Hit::yes},
    {R"("icmp_type": 3)", "icmp $s > $d type $e", Hit::no},
    {R"("icmp_type": "0-255")", "udp $s:1 > $d:80", Hit::no},
    {R"("not": {"icmp_type": 3})", "icmp $s > $d type $e", Hit::yes},
    {R"("icmp_code": 0)", "icmp $s > $d type $e", Hit::yes},
    {R"("icmp_code": 4)", "icmp $s > $d type 3 code 4", Hit::yes},
    {R"("icmp_code": "1-3")", "icmp $s > $d type 3 code 4", Hit::no},
    {R"("icmp_type": 3, "icmp_code": 4)", "icmp $s > $d type 3 code 4", Hit::yes},

    {R"("len": ">=468")", "udp $s:123 > $d:5000 len 468", Hit::yes},
    {R"("len": ">=468")", "udp $s:123 > $d:5000 len 467", Hit::no},
    {R"("len": "100-200")", "tcp $s:1 > $d:80 len 200", Hit::yes},
    {R"("len": 1500)", "tcp $s:1 > $d:80 len 1500", Hit::yes},
    {R"("not": {"len": 1500})", "tcp $s:1 > $d:80 len 1499", Hit::yes},

    {R"("ttl": 255)", "tcp $s:1 > $d:80 ttl 255", Hit::yes},
    {R"("ttl": 255)", "tcp $s:1 > $d:80 ttl 254", Hit::no},
    {R"("ttl": "<=5")", "tcp $s:1 > $d:80 ttl 0", Hit::yes},
    {R"("ttl": "<=5")", "tcp $s:1 > $d:80 ttl 6", Hit::no},
    {R"("not": {"ttl": 64})", "tcp $s:1 > $d:80", Hit::no},

    {R"("dscp": 46)", "udp $s:1 > $d:80 dscp 46", Hit::yes},
    {R"("dscp": 46)", "udp $s:1 > $d:80 dscp 47", Hit::no},
    {R"("dscp": ["1-8", 63])", "udp $s:1 > $d:80 dscp 63", Hit::yes},
    {R"("not": {"dscp": 0})", "udp $s:1 > $d:80", Hit::no},

    {R"("state": "new")", "udp $s:1 > $d:80", Hit::yes},
    {R"("state": "new")", "tcp $s:1 > $d:80 syn", Hit::yes},
    {R"("state": "new")", "tcp $s:1 > $d:80 ack", Hit::egress},
    {R"("state": "invalid")", "tcp $s:1 > $d:80 ack", Hit::ingress},
    {R"("state": "invalid")", "tcp $s:1 > $d:80 syn,ack", Hit::ingress},
    {R"("state": "invalid")", "tcp $s:1 > $d:80 rst", Hit::yes},
    {R"("state": "invalid")", "icmp $s > $d type $q", Hit::yes},
    {R"("state": "new")", "icmp $s > $d type $e", Hit::yes},
    {R"("state": ["established", "related"])", "tcp $s:1 > $d:80 ack", Hit::no},
    {R"("not": {"state": ["established", "related"]})", "tcp $s:1 > $d:80 ack", Hit::yes},
    {R"("state": "new")", "proto 50 $s > $d", Hit::yes},
    {R"("state": "new")", "udp $s:1 > $d:80 frag later", Hit::unknown},
    {R"("not": {"state": "new"})", "udp $s:1 > $d:80 frag later", Hit::unknown},
    {R"("fragment": "none")", "udp $s:1 > $d:80", Hit::yes},
    {R"("fragment": "none")", "udp $s:1 > $d:80 frag first", Hit::no},
    {R"("fragment": "first")", "udp $s:1 > $d:80 frag first", Hit::yes},
    {R"("fragment": "first")", "udp $s:1 > $d:80", Hit::no},
    {R"("fragment": "later")", "udp $s:1 > $d:80 frag later", Hit::yes},
    {R"("fragment": "any")", "udp $s:1 > $d:80 frag 8", Hit::yes},
    {R"("not": {"fragment": "later"})", "udp $s:1 > $d:80 frag later", Hit::no},
    {R"("dport": 80)", "udp $s:1 > $d:80 frag first", Hit::yes},
    // A later fragment has ports, and nobody can read them.
    {R"("dport": 80)", "udp $s:1 > $d:80 frag later", Hit::unknown},
    {R"("dport": 99)", "udp $s:1 > $d:80 frag later", Hit::unknown},
    {R"("not": {"dport": 80})", "udp $s:1 > $d:80 frag later", Hit::unknown},
    {R"("tcp_flags": "syn")", "tcp $s:1 > $d:80 frag later", Hit::unknown},
    {R"("src": "@none", "dport": 80)", "udp $s:1 > $d:80 frag later", Hit::no},
    {R"("src": "$n")", "udp $s:1 > $d:80 frag later", Hit::yes},
};

}  // namespace

std::vector<Row> match_rows() {
    std::vector<Row> rows;
    for (const MatchCase& one : kBothFamilies)
        for (const Family family : kFamilies)
            append(rows, rows_of("match", one, family));
    return rows;
}

}  // namespace yett::corpus
