// SPDX-License-Identifier: GPL-2.0-or-later
// What the shipped rulesets are for: a table of attacks that none of them lets in, and of ordinary
// traffic that each lets through, both ways. Their own tests say which rule decides; these say what
// an operator notices.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "check/judge.hpp"
#include "json/reader.hpp"

namespace yett {
namespace {

constexpr Verdict kPass = Verdict::pass, kDrop = Verdict::drop;

struct Packet {
    const char* file;  ///< of rules/, or "*": all
    const char* what;
    const char* packet;
    Direction direction;
    Verdict verdict;
    const char* iface = "";  ///< empty: the first of the file
};
constexpr Direction in = Direction::ingress, out = Direction::egress;

constexpr Packet kPackets[] = {
    // Attacks on all.
    {"*", "telnet", "tcp 203.0.113.66:4000 > 198.51.100.7:23 syn", in, kDrop},
    {"*", "telnet over IPv6", "tcp [2001:db8:bad::66]:4000 > [2001:db8:2::7]:23 syn", in, kDrop},
    {"*", "a database", "tcp 203.0.113.66:4000 > 198.51.100.7:3306 syn", in, kDrop},
    {"*", "windows shares", "tcp 203.0.113.66:4000 > 198.51.100.7:445 syn", in, kDrop},
    {"*", "snmp", "udp 203.0.113.66:4000 > 198.51.100.7:161", in, kDrop},
    {"*", "a reflected memcached answer", "udp 203.0.113.66:11211 > 198.51.100.7:40000 len 1400",
     in, kDrop},
    {"*", "a reflected time server", "udp 203.0.113.66:123 > 198.51.100.7:40000 len 468", in,
     kDrop},
    {"*", "a reflected ssdp answer", "udp 203.0.113.66:1900 > 198.51.100.7:40000 len 400", in,
     kDrop},
    {"*", "a reflected chargen answer", "udp 203.0.113.66:19 > 198.51.100.7:40000 len 1000", in,
     kDrop},
    {"*", "a SYN with FIN", "tcp 203.0.113.66:4000 > 198.51.100.7:80 syn fin", in, kDrop},
    {"*", "no flags", "tcp 203.0.113.66:4000 > 198.51.100.7:22 flags none", in, kDrop},
    {"*", "all flags", "tcp 203.0.113.66:4000 > 198.51.100.7:22 fin psh urg", in, kDrop},
    {"*", "a loopback source", "tcp 127.0.0.1:4000 > 198.51.100.7:80 syn", in, kDrop},
    {"*", "a multicast source", "udp 224.0.0.9:4000 > 198.51.100.7:443", in, kDrop},
    {"*", "an IPv4-mapped source", "tcp [::ffff:203.0.113.9]:4000 > [2001:db8:2::7]:80 syn", in,
     kDrop},
    {"*", "GRE", "gre 203.0.113.66 > 198.51.100.7", in, kDrop},
    {"*", "6in4", "6in4 203.0.113.66 > 198.51.100.7", in, kDrop},
    {"*", "a later fragment", "udp 203.0.113.66:53 > 198.51.100.7:40000 frag later", in, kDrop},
    {"*", "a redirect", "icmp 203.0.113.66 > 198.51.100.7 type 5", in, kDrop},
    {"*", "a timestamp request", "icmp 203.0.113.66 > 198.51.100.7 type 13", in, kDrop},
    {"*", "a router advertisement from afar", "icmp6 2001:db8:bad::66 > ff02::1 type 134 ttl 64",
     in, kDrop},
    {"*", "neighbour discovery from afar", "icmp6 2001:db8:bad::66 > 2001:db8:2::7 type 135 ttl 64",
     in, kDrop},
    {"*", "a ping of everybody", "icmp 203.0.113.66 > 255.255.255.255 type 8", in, kDrop},

    // What a host lives on.
    {"*", "ARP", "arp 198.51.100.1 > 198.51.100.7", in, kPass},
    {"*", "ARP goes out", "arp 198.51.100.7 > 198.51.100.1", out, kPass},
    {"*", "neighbour solicitation", "icmp6 fe80::1 > fe80::7 type 135 ttl 255", in, kPass},
    {"*", "neighbour advertisement goes out", "icmp6 fe80::7 > fe80::1 type 136 ttl 255", out,
     kPass},
    {"*", "a DHCP lease", "udp 203.0.113.1:67 > 255.255.255.255:68 len 328", in, kPass},
    {"*", "a DHCP question goes out", "udp 0.0.0.0:68 > 255.255.255.255:67", out, kPass},
    {"*", "a ping goes out", "icmp 198.51.100.7 > 203.0.113.80 type 8", out, kPass},
    {"*", "a ping goes out over IPv6", "icmp6 2001:db8:2::7 > 2001:db8:80::1 type 128", out, kPass},

    // Each file keeps its administrator, and only him.
    {"default-deny", "the administrator", "tcp 192.0.2.130:50000 > 198.51.100.7:22 syn", in, kPass},
    {"web-server", "the administrator", "tcp 192.0.2.130:50000 > 198.51.100.7:22 syn", in, kPass},
    {"ssh-bastion", "the administrator", "tcp 192.0.2.130:50000 > 198.51.100.7:22 syn", in, kPass},
    {"dns-resolver", "the administrator", "tcp 192.0.2.130:50000 > 198.51.100.7:22 syn", in, kPass},
    {"game-server", "the administrator", "tcp 192.0.2.130:50000 > 198.51.100.7:22 syn", in, kPass},
    {"blocklists", "the administrator", "tcp 192.0.2.130:50000 > 198.51.100.7:22 syn", in, kPass},
    {"ssh-bastion", "his answers", "tcp 198.51.100.7:22 > 192.0.2.130:50000 syn ack", out, kPass},
    {"web-server", "ssh from elsewhere", "tcp 203.0.113.66:4000 > 198.51.100.7:22 syn", in, kDrop},
    {"game-server", "ssh from elsewhere", "tcp 203.0.113.66:4000 > 198.51.100.7:22 syn", in, kDrop},
    {"home-router", "ssh from outside", "tcp 203.0.113.66:4000 > 198.51.100.7:22 syn", in, kDrop,
     "wan"},

    // Answers to what the host asked for, and what nobody asked for.
    {"default-deny", "a download",
     "tcp 203.0.113.80:443 > 198.51.100.7:40000 ack state established", in, kPass},
    {"default-deny", "the question", "tcp 198.51.100.7:40000 > 203.0.113.80:443 syn", out, kPass},
    {"default-deny", "a forged answer", "tcp 203.0.113.80:443 > 198.51.100.7:40000 syn ack", in,
     kDrop},
    {"default-deny", "a DNS answer", "udp 203.0.113.53:53 > 198.51.100.7:40000 state established",
     in, kPass},
    {"default-deny", "too big", "icmp 203.0.113.1 > 198.51.100.7 type 3 code 4 state related", in,
     kPass},
    {"blocklists", "a download", "tcp 203.0.113.80:443 > 198.51.100.7:40000 ack state established",
     in, kPass},
    {"web-server", "a download", "tcp 203.0.113.80:443 > 198.51.100.7:40000 ack", in, kPass},
    {"web-server", "a DNS answer", "udp 203.0.113.53:53 > 198.51.100.7:40000", in, kPass},
    {"ssh-bastion", "an answer to a client",
     "tcp 198.51.100.7:22 > 203.0.113.9:50000 ack state established", out, kPass},
    {"ssh-bastion", "exfiltration", "tcp 198.51.100.7:40000 > 203.0.113.80:443 syn", out, kDrop},
    {"ssh-bastion", "a name server of its own choice", "udp 198.51.100.7:40000 > 203.0.113.53:53",
     out, kDrop},

    // Services.
    {"web-server", "a visitor", "tcp 203.0.113.9:4000 > 198.51.100.7:443 syn", in, kPass},
    {"web-server", "what he gets", "tcp 198.51.100.7:443 > 203.0.113.9:4000 ack", out, kPass},
    {"web-server", "from a private address", "tcp 10.0.0.7:443 > 203.0.113.9:4000 ack", out, kPass},
    {"web-server", "HTTP/3", "udp 203.0.113.9:4000 > 198.51.100.7:443 len 1228", in, kPass},
    {"blocklists", "a visitor", "tcp 203.0.113.99:4000 > 198.51.100.7:443 syn", in, kPass},
    {"blocklists", "what he gets", "tcp 198.51.100.7:443 > 203.0.113.99:4000 ack", out, kPass},
    {"blocklists", "a bogon in an open connection",
     "tcp 198.51.100.9:4000 > 192.0.2.80:443 ack state established", in, kDrop},
    {"dns-resolver", "a client asks", "udp 192.0.2.10:4000 > 198.51.100.53:53", in, kPass},
    {"dns-resolver", "a client is answered", "udp 198.51.100.53:53 > 192.0.2.10:4000 len 500", out,
     kPass},
    {"dns-resolver", "it asks for him", "udp 198.51.100.53:33333 > 203.0.113.53:53", out, kPass},
    {"dns-resolver", "it asks over TCP", "tcp 198.51.100.53:33333 > 203.0.113.53:53 syn", out,
     kPass},
    {"dns-resolver", "it asks over IPv6", "udp [2001:db8:2::53]:33333 > [2001:db8:53::1]:53", out,
     kPass},
    {"dns-resolver", "it is answered",
     "udp 203.0.113.53:53 > 198.51.100.53:33333 len 500 state established", in, kPass},
    {"dns-resolver", "a stranger asks", "udp 203.0.113.9:4000 > 198.51.100.53:53", in, kDrop},
    {"dns-resolver", "a stranger asks in an open connection",
     "udp 203.0.113.9:4000 > 198.51.100.53:53 state established", in, kDrop},
    {"game-server", "a player", "udp 203.0.113.9:50000 > 198.51.100.9:27015 len 200", in, kPass},
    {"game-server", "the world", "udp 198.51.100.9:27015 > 203.0.113.9:50000 len 1400", out, kPass},
    {"game-server", "its time", "udp 198.51.100.9:123 > 203.0.113.123:123 len 76", out, kPass},
    {"game-server", "its name service", "udp 198.51.100.9:53 > 203.0.113.9:50000 len 76", out,
     kPass},
    {"game-server", "an empty datagram of its own", "udp 198.51.100.9:4000 > 203.0.113.9:5000", out,
     kPass},
    {"game-server", "a long one in fragments",
     "udp 198.51.100.9:4000 > 203.0.113.9:5000 len 1500 frag first", out, kPass},
    {"home-router", "a device", "tcp 192.0.2.10:40000 > 203.0.113.80:443 syn", in, kPass, "lan"},
    {"home-router", "the device, outside", "tcp 198.51.100.20:40000 > 203.0.113.80:443 syn", out,
     kPass, "wan"},
    {"home-router", "its answer",
     "tcp 203.0.113.80:443 > 198.51.100.20:40000 ack state established", in, kPass, "wan"},
    {"home-router", "its answer, inside", "tcp 203.0.113.80:443 > 192.0.2.10:40000 ack", out, kPass,
     "lan"},
    {"home-router", "a bot's mail", "tcp 198.51.100.20:40000 > 203.0.113.25:25 syn", out, kDrop,
     "wan"},
    {"home-router", "the family from outside", "tcp 192.0.2.10:40000 > 198.51.100.20:80 syn", in,
     kDrop, "wan"},
    {"home-router", "a device by IPv6", "tcp [2001:db8:80::1]:443 > [2001:db8:1::10]:8080 syn", in,
     kDrop, "wan"},
};

std::vector<std::filesystem::path> shipped() {
    std::vector<std::filesystem::path> files;
    const auto folder = std::filesystem::path(YETT_SOURCE_DIR) / "rules";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(".json") && !name.ends_with(".schema.json")) files.push_back(entry);
    }
    return files;
}

Ruleset ruleset_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    Document document = read_ruleset(text.str());
    EXPECT_TRUE(document.ok()) << path;
    return std::move(document.ruleset);
}

Verdict verdict_of(const Ruleset& ruleset, const Packet& row) {
    const auto packet = parse_packet(row.packet);
    EXPECT_TRUE(packet.ok()) << row.packet;
    if (!packet) return Verdict::drop;
    const std::string iface = *row.iface ? row.iface : ruleset.interfaces.front();
    return judge(ruleset, *packet, row.direction, iface).verdict;
}

TEST(Shipped, rules_stop_attacks_and_pass_ordinary_traffic_both_ways) {
    for (const auto& path : shipped()) {
        const Ruleset ruleset = ruleset_of(path);
        std::size_t own = 0;
        for (const Packet& row : kPackets) {
            const bool of_file = path.stem() == row.file;
            if (!of_file && std::string_view(row.file) != "*") continue;
            own += of_file;
            EXPECT_EQ(verdict_of(ruleset, row), row.verdict)
                << path.filename() << ": " << row.what << ": " << row.packet;
        }
        EXPECT_GE(own, 5u) << path;
    }
}

/// A list that grows while the host runs ends what is open, too: in each file with such a list, for
/// new packets and established ones, by either family.
TEST(Shipped, lists_beat_what_is_open) {
    std::size_t lists = 0;
    for (const auto& path : shipped()) {
        Ruleset ruleset = ruleset_of(path);
        for (auto& [name, set] : ruleset.sets)
            if (name == "friends") set.prefixes.clear();
        for (auto& [name, set] : ruleset.sets) {
            if (name != "blocked" && name != "banned" && name != "spam" && name != "bogons")
                continue;
            ++lists;
            const auto kept = set.prefixes;
            set.prefixes = {*parse_prefix("203.0.113.9"), *parse_prefix("2001:db8:9::9")};
            for (const char* packet :
                 {"tcp 203.0.113.9:4000 > 198.51.100.7:443 syn",
                  "tcp 203.0.113.9:4000 > 198.51.100.7:443 ack state established",
                  "tcp 203.0.113.9:443 > 198.51.100.7:40000 ack state established",
                  "udp 203.0.113.9:53 > 198.51.100.7:40000 state established",
                  "icmp 203.0.113.9 > 198.51.100.7 type 3 state related",
                  "tcp [2001:db8:9::9]:4000 > [2001:db8:2::7]:22 ack state established"}) {
                const Packet row{"", "", packet, in, kDrop};
                EXPECT_EQ(verdict_of(ruleset, row), kDrop)
                    << path.filename() << ", " << name << ": " << packet;
            }
            set.prefixes = kept;
        }
    }
    EXPECT_GE(lists, 5u);
}

/// A rule without "direction" would also hold for what the host sends: the files to copy say it.
TEST(Shipped, rules_name_their_direction) {
    for (const auto& path : shipped())
        for (const Rule& rule : ruleset_of(path).rules)
            EXPECT_FALSE(rule.match.direction.empty()) << path.filename() << ": " << rule.name;
}

}  // namespace
}  // namespace yett
